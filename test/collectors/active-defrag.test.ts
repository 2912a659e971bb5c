import { describe, expect, it } from "vitest";
import { jemallocClasses, sizeClass } from "../../src/collectors/jemalloc-classes.ts";
import { Cost } from "../../src/space/cost.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";

/** Pages of 256 bytes: four regions of 64 to a slab. Passes when asked for only. */
const MANUAL = "active-defrag:page=256,every=0";
const names = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(65 + from + i));
/** Where each object lies, in regions of 64 bytes. */
const regions = (heap: Heap, of: string) => [...of].map((name) => heap.address(name) / 64);

describe("active-defrag", () => {
  it("has jemalloc's classes: multiples of 8, then four to a doubling, slabs without a rest", () => {
    expect([0, 1, 8, 9, 64, 65, 81, 128, 129, 161, 14_337].map(sizeClass)).toEqual([
      8, 8, 8, 16, 64, 80, 96, 128, 160, 192, 16_384,
    ]);
    const classes = jemallocClasses(4096);
    expect(classes).toHaveLength(39);
    expect(classes.at(-1)).toEqual({ size: 14_336, pages: 7, capacity: 2 });
    expect(classes.find(({ size }) => size === 80)).toEqual({ size: 80, pages: 5, capacity: 256 });
  });

  it("takes the lowest free region of the lowest slab that has one", () => {
    const heap = new Heap(MANUAL, 4096);
    for (const name of names(0, 10)) heap.allocate(name, 64);
    heap.free("C", "F");
    heap.allocate("K", 64);
    heap.allocate("L", 64);
    expect(regions(heap, "KL")).toEqual([2, 5]);
  });

  it("moves objects out of the slab that is emptier than the average, and gives it back", () => {
    const heap = new Heap(MANUAL, 4096);
    for (const name of names(0, 12)) heap.allocate(name, 64); // three full slabs
    heap.free("B", "C", "F", "J", "K", "L"); // A..D E.GH I...
    expect(costOf(heap, () => collect(heap))).toEqual({
      moves: 2,
      movedBytes: 128,
      words: 6 + 2 * (2 * 8 + 1),
    });
    // I has filled the first slab up to three; then equal slabs are emptied too, which the 1/8 is for.
    expect(regions(heap, "ADEGHI")).toEqual([0, 3, 2, 6, 7, 1]);
    expect(heap.run.space.cost(Cost.updatedReferences)).toBe(2);
    expect(heap.run.space.residentBytes).toBe(4096);
  });

  it("leaves a full slab, and the last one that is not full", () => {
    const heap = new Heap(MANUAL, 4096);
    for (const name of names(0, 8)) heap.allocate(name, 64);
    heap.free("F", "G", "H");
    expect(costOf(heap, () => collect(heap)).moves).toBe(0);
  });

  it("leaves slabs that are fuller than 9/8 of the average", () => {
    const heap = new Heap(MANUAL, 4096);
    for (const name of names(0, 12)) heap.allocate(name, 64);
    heap.free("B", "C", "D", "F", "G", "L"); // A... E..H IJK.: on average 2
    collect(heap);
    // I, J and K stay: 3 > 9/8 * 2. E and H go down, to A's slab.
    expect(regions(heap, "AEHIJK")).toEqual([0, 1, 2, 8, 9, 10]);
  });

  it("runs when the fragmentation has passed the threshold, at a look every so many requests", () => {
    const heap = new Heap("active-defrag:page=256,every=20,threshold=50,ignore=0", 8192);
    for (const name of names(0, 16)) heap.allocate(name, 64);
    for (const name of ["B", "C", "D"]) heap.free(name);
    heap.free("F"); // the 20th: 4 of 16 free, 33%
    expect(collections(heap)).toBe(0);
    heap.free(..."GHJKLNOP"); // 12 of 16
    heap.allocate("Q", 200);
    for (let i = 0; i < 11; i++) heap.reallocate("Q", 200 + 300 * (i % 2)); // to the 40th
    expect(collections(heap)).toBe(1);
    expect(regions(heap, "AEIM")).toEqual([0, 3, 2, 1]);
  });

  it("keeps bytes at every pass", () => {
    for (const seed of [1, 2, 3])
      for (const size of [20_000, "grow"] as const)
        churn("active-defrag:page=512,every=100,ignore=0", size, seed, () => {}, true);
  });
});
