import { describe, expect, it } from "vitest";
import { CellSizes } from "../../src/collectors/two-finger/cell-sizes.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";
import { costsOfOne } from "./graph-costs.ts";

const names = (from: number, n: number) =>
  Array.from({ length: n }, (_, i) => String.fromCharCode(65 + from + i));
/** The segments, but for the heap's own, which is empty, and what is free at their ends. */
const picture = (heap: Heap) =>
  heap.picture
    .split(" | ")
    .slice(1)
    .map((text) => text.replace(/\.+$/, ""));

describe("two-finger", () => {
  it("has sizes that go up by the alignment, and then by so many steps to a doubling", () => {
    const sizes = new CellSizes(8, 4);
    expect([1, 8, 9, 64, 65, 81, 128, 129, 161].map((bytes) => sizes.size(bytes))).toEqual([
      8, 8, 16, 64, 80, 96, 128, 160, 192,
    ]);
    for (const steps of [1, 4, 64]) {
      const each = new CellSizes(16, steps);
      const found = new Set(Array.from({ length: 50_000 }, (_, i) => each.size(i + 1)));
      expect(Array.from(found, (size) => each.number(size))).toEqual([...found].map((_, i) => i));
    }
  });

  it("fills the lowest free cell with the highest object until the fingers meet", () => {
    const heap = new Heap("two-finger", 65_536);
    for (const name of names(0, 8)) heap.allocate(name, 8);
    heap.free("B", "D", "E", "H");
    expect(picture(heap)).toEqual(["AxCxxFGx"]);
    const cost = costOf(heap, () => collect(heap));
    expect(picture(heap)).toEqual(["AGCF"]);
    // Four words marked, the segment's cells passed, the live words scanned; 2 words and an address for each of two moves.
    expect(cost).toEqual({ moves: 2, movedBytes: 16, words: 4 + 512 + 4 + 2 + 2 * 2 });
    heap.allocate("I", 8);
    expect(picture(heap)).toEqual(["AGCFI"]);
  });

  it("keeps one segment for each size, and gives back those that are empty", () => {
    const heap = new Heap("two-finger", 65_536);
    for (const [i, bytes] of [8, 24, 8, 24, 100].entries()) heap.allocate(names(i, 1)[0], bytes);
    expect(picture(heap)).toEqual(["AC", "BBBDDD", "EEEEEEEEEEEEEE"]);
    heap.free("B", "E");
    collect(heap);
    expect(picture(heap)).toEqual(["AC", "DDD"]);
    expect(heap.run.space.holes).toBe(2);
  });

  it("extends a segment where it is, and makes a second one where another is in its way", () => {
    // 16 pages of which each size begins at one of its own.
    const heap = new Heap("two-finger", 65_536);
    heap.allocate("A", 4096);
    heap.allocate("B", 2048);
    heap.allocate("C", 4096);
    const { space } = heap.run;
    expect([..."ABC"].map((name) => heap.address(name) / 4096)).toEqual([0, 1, 2]);
    heap.allocate("D", 4096);
    expect([...space.segments()].map((segment) => space.segmentLength(segment) / 4096)).toEqual([0, 1, 1, 2]);
    const place = (name: string) => heap.run.allocator.place?.(heap.address(name));
    expect([..."ABCD"].map(place)).toEqual(["4096 0", "2048 0", "4096/2 0", "4096/2 4096"]);
    heap.free("A");
    collect(heap);
    expect(heap.address("D")).toBe(0);
  });

  it("lets one size have the pages that another has no use for any more", () => {
    const heap = new Heap("two-finger", 8 * 4096);
    for (const name of names(0, 8)) heap.allocate(name, 4096);
    heap.free(...names(0, 6));
    expect(heap.allocate("I", 16)).toBe(2 * 4096);
    expect(collections(heap)).toBe(1);
    expect(heap.run.space.residentBytes).toBe(3 * 4096);
  });

  it("rewrites the references to what moved, by a second pass over what lives", () => {
    // B is dead, and D fills its cell: the root, C -> D and D -> D. One page has cells of 8 bytes, one of 24.
    expect(costsOfOne("two-finger", 65_536)).toMatchObject({
      moves: 1,
      movedBytes: 24,
      updatedReferences: 3,
      markedWords: 7,
      scannedWords: 512 + 170 + 7,
      touchedWords: 7 + 512 + 170 + 7 + 1 + 2 * 3 + 2 * 3,
      extraBytes: 0,
    });
  });

  it("leaves a pinned object where it is, and fills the cells below it", () => {
    const trace = new TraceBuilder("pinned");
    const ids = Array.from({ length: 6 }, () => trace.allocate(16, 1));
    trace.root(ids[3]);
    trace.pin(ids[5]);
    trace.collect();
    const next = trace.allocate(16);
    const done = replay(trace.finish(), { ...choosePolicy("two-finger"), heap: 65_536, validateEvery: 1 });
    const { space } = done;
    const starts = new Map<number, number>();
    for (let slot = 1; slot < space.slotLimit; slot++) starts.set(space.id(slot), space.start(slot));
    expect([ids[3], ids[5], next].map((id) => starts.get(id))).toEqual([0, 80, 16]);
  });

  it("refuses what is aligned beyond a page", () => {
    const heap = new Heap("two-finger", "grow");
    expect(heap.allocate("A", 8, 8192)).toBe(-1);
    expect(heap.reason).toMatch(/a page at most/);
    expect(heap.allocate("B", 10, 4096) % 4096).toBe(0);
  });

  it("keeps bytes at every collection, and leaves one hole in each segment", () => {
    for (const seed of [1, 2, 3])
      for (const size of [100_000, "grow"] as const) {
        const heap = churn("two-finger", size, seed, () => {}, true);
        collect(heap);
        const { space } = heap.run;
        for (const segment of space.segments()) {
          let holes = 0;
          for (let node = space.next(segment); node !== segment; node = space.next(node))
            if (node < 0) holes++;
          expect(holes).toBeLessThanOrEqual(1);
        }
      }
  });
});
