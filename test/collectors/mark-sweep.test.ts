import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";
import { costsOfOne } from "./graph-costs.ts";

const BARE = "mark-sweep:header=0";

describe("mark-sweep", () => {
  it("leaves what is freed where it is, as garbage, until a request finds no room", () => {
    const heap = new Heap(BARE, 64);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.free("A", "C");
    expect(heap.picture).toBe("xxBBxxDD");
    heap.allocate("E", 8);
    expect(heap.picture).toBe("EEBB..DD".replace("EE", "E."));
    expect(heap.reason).toBe(
      "no free range held 8 bytes; after a collection the first of 1 looked at does: [0, 8)",
    );
    expect(collections(heap)).toBe(1);
  });

  it("moves nothing: enough bytes in pieces are refused after the collection", () => {
    const heap = new Heap(BARE, 64);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.free("A", "C");
    expect(heap.allocate("E", 32)).toBe(REFUSED);
    expect(heap.picture).toBe("..BB..DD");
    const { metrics } = heap.run.finish();
    expect([metrics.collections, metrics.moves, metrics.fragmented]).toEqual([1, 0, 1]);
  });

  it("does not begin a collection in which nothing can be found", () => {
    const heap = new Heap(BARE, 64);
    for (const name of "ABCD") heap.allocate(name, 16);
    expect(heap.allocate("E", 16)).toBe(REFUSED);
    heap.free("A");
    expect(heap.allocate("E", 17)).toBe(REFUSED);
    expect(collections(heap)).toBe(0);
  });

  it("takes the lowest free range that is large enough", () => {
    const heap = new Heap(BARE, 128);
    for (const name of "ABCDEFGH") heap.allocate(name, 16);
    heap.free("B", "D", "E", "G");
    collect(heap);
    expect(heap.picture).toBe("AA..CC....FF..HH");
    expect(heap.freeList).toEqual([16, 48, 96]);
    heap.allocate("I", 24);
    heap.allocate("J", 16);
    expect(heap.picture).toBe("AAJJCCIII.FF..HH");
  });

  it("counts the words that marking and sweeping touch", () => {
    const heap = new Heap("mark-sweep:header=8", 128);
    for (const name of "ABC") heap.allocate(name, 24); // 4 words each
    heap.free("B");
    // Marking reads A and C: 8 words. Sweeping passes three objects and the hole: 4, and frees one: 2.
    expect(costOf(heap, () => collect(heap))).toEqual({ moves: 0, movedBytes: 0, words: 8 + 4 + 2 });
  });

  it("updates no reference, and needs nothing beside the objects", () => {
    const live = 2 + 4 + 4;
    expect(costsOfOne("mark-sweep")).toEqual({
      moves: 0,
      movedBytes: 0,
      markedWords: live,
      scannedWords: 4 + 1, // four objects and the hole behind them
      updatedReferences: 0,
      touchedWords: live + 5 + 2,
      extraBytes: 0,
    });
  });

  it("keeps addresses, bytes and order at every collection", () => {
    for (const seed of [1, 2, 3])
      for (const size of [4000, 12_000, "grow"] as const)
        churn("mark-sweep", size, seed, (before, after) => expect(after.order).toEqual(before.order), true);
  });

  it("extends a heap that grows until as much was allocated as was live, and 64 KiB", () => {
    const heap = new Heap(BARE, "grow");
    for (let i = 0; i < 64; i++) {
      heap.allocate("A", 1024);
      heap.free("A");
    }
    expect(collections(heap)).toBe(0);
    expect(heap.run.space.segmentEnd(heap.run.space.heap)).toBe(65_536);
    heap.allocate("B", 1024);
    expect(collections(heap)).toBe(1);
    expect(heap.address("B")).toBe(0);
  });
});
