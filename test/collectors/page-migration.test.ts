import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { Cost } from "../../src/space/cost.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";

/** A page a letter. */
const PAGES = "page-migration:page=16";

describe("page-migration", () => {
  it("moves pages from the bottom to free ones at the top, until the scanners meet", () => {
    const heap = new Heap(PAGES, 256);
    for (const name of "ABCDEFGHIJKLMNOP") heap.allocate(name, 16);
    heap.free("B", "D", "F", "H", "J", "L", "N", "P");
    expect(heap.picture).toBe("A.C.E.G.I.K.M.O.");
    expect(costOf(heap, () => collect(heap))).toMatchObject({ moves: 4, movedBytes: 64 });
    expect(heap.picture).toBe("........IGKEMCOA");
    expect(heap.run.space.cost(Cost.updatedReferences)).toBe(4);
  });

  it("stops as soon as a block of the order has come free", () => {
    const heap = new Heap(PAGES, 256);
    for (const name of "ABCDEFGHIJKLMNOP") heap.allocate(name, 16);
    heap.free("B", "D", "F", "H", "J", "L", "N", "P");
    expect(heap.allocate("Q", 32)).toBe(0);
    expect(heap.picture).toBe("QQC.E.G.I.K.M.OA");
    expect(heap.reason).toBe("no free block had 32 bytes; pages migrated until one had: [0, 32)");
  });

  it("splits an isolated block for what is smaller, and gives the rest back", () => {
    const heap = new Heap(PAGES, 256);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.allocate("E", 64);
    heap.allocate("F", 64);
    heap.free("B", "C", "E");
    collect(heap);
    expect(heap.picture).toBe("........FFFFAD..");
  });

  it("takes no block of a higher order apart, and leaves what is as large as what is wanted", () => {
    const heap = new Heap(PAGES, 256);
    for (const name of "ABCD") heap.allocate(name, 64);
    heap.free("A", "C");
    expect(heap.allocate("E", 128)).toBe(0);
    expect(heap.picture).toBe("EEEEEEEEBBBBDDDD");
    heap.free("B", "E");
    for (const name of "FGH") heap.allocate(name, 48);
    expect(heap.allocate("B", 128)).toBe(REFUSED);
    expect(collections(heap)).toBe(1);
  });

  it("keeps bytes at every run", () => {
    for (const seed of [1, 2, 3])
      for (const size of [40_000, "grow"] as const) churn(PAGES, size, seed, () => {}, true);
  });
});
