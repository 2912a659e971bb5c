import { describe, expect, it } from "vitest";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, costOf } from "./collected.ts";

/** Eight letters a region; all that is allocated may be moved. */
const ALL = "partial-compact:header=0,region=64,c=1";

describe("partial-compact", () => {
  it("empties the sparsest region into holes of those that stay", () => {
    const heap = new Heap(ALL, 192);
    for (const name of "ABCDEFGHIJKL") heap.allocate(name, 16);
    heap.free("B", "F", "G", "H", "K");
    expect(heap.picture).toBe("AAxxCCDDEExxxxxxIIJJxxLL");
    collect(heap);
    // E fills the hole of the first region; then I, J and L have nowhere to go.
    expect(heap.picture).toBe("AAEECCDD........IIJJ..LL");
  });

  it("leaves a region half emptied: without a hole for the next block, and with what came in before", () => {
    const heap = new Heap(ALL, 192);
    for (const name of "ABCDEFGHIJKL") heap.allocate(name, 16);
    heap.free("B", "C", "E", "G", "H", "K");
    expect(heap.picture).toBe("AAxxxxDDxxFFxxxxIIJJxxLL");
    collect(heap);
    // F goes to the first region, whose turn is next: A finds the one hole of the last region, D none.
    expect(heap.picture).toBe("..FF..DD........IIJJAALL");
  });

  it("moves no more than 1/c of what was allocated since the last collection", () => {
    const heap = new Heap("partial-compact:header=0,region=64,c=4", 256);
    for (const name of "ABCDEFGHIJKLMNOP") heap.allocate(name, 16); // 256 bytes: 64 may move
    heap.free("B", "D", "F", "H", "J", "L", "N");
    // Three regions have 32 bytes, the highest is first: I and K go down. Of the next one, E finds a hole, and G none.
    expect(costOf(heap, () => collect(heap)).movedBytes).toBe(48);
    expect(heap.picture).toBe("AAIICCKK....GG..........MMEEOOPP");
    // Nothing was allocated since: nothing moves.
    expect(costOf(heap, () => collect(heap)).moves).toBe(0);
  });

  it("leaves a region whose live bytes are more than what is left of the quota", () => {
    const heap = new Heap("partial-compact:header=0,region=64,c=16", 128);
    for (const name of "ABCDEFGH") heap.allocate(name, 16); // 8 bytes may move
    heap.free("B", "F", "G", "H");
    expect(costOf(heap, () => collect(heap)).moves).toBe(0);
    expect(heap.picture).toBe("AA..CCDDEE......");
  });

  it("keeps bytes at every collection", () => {
    for (const seed of [1, 2, 3])
      for (const size of [5000, 12_000, "grow"] as const)
        churn("partial-compact:region=512,c=2", size, seed, () => {}, true);
  });
});
