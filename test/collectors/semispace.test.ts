import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { Control } from "../../src/space/space.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";
import { costsOfOne } from "./graph-costs.ts";

const BARE = "semispace:header=0";

describe("semispace", () => {
  it("uses one half, and sets the other aside", () => {
    const heap = new Heap(BARE, 96);
    heap.allocate("A", 16);
    heap.allocate("B", 24);
    expect(heap.picture).toBe("AABBB.######");
    const { space } = heap.run;
    expect(space.payload(space.at(48))).toBe(Control.copyReserve);
    expect(heap.allocate("C", 16)).toBe(REFUSED);
    expect(heap.run.finish().metrics.exhausted).toBe(1);
  });

  it("copies what lives to the other half when its own is full, and goes on there", () => {
    const heap = new Heap(BARE, 96);
    for (const name of "ABC") heap.allocate(name, 16);
    heap.free("B");
    expect(heap.picture).toBe("AAxxCC######");
    heap.allocate("D", 8);
    expect(heap.picture).toBe("######AACCD.");
    heap.free("A");
    heap.allocate("E", 16);
    expect(heap.picture).toBe("CCDEE.######");
    expect(heap.reason).toBe(
      "the half was full; what lives was copied to the other, and the block is [24, 40)",
    );
  });

  it("sets aside what does not divide by two", () => {
    const heap = new Heap("semispace:header=8,alignment=16", 120);
    // 8 bytes at the start, so that payloads are aligned; halves of 48; 16 left over.
    heap.allocate("A", 8);
    expect(heap.picture).toBe("#AA....########");
    expect(heap.address("A")).toBe(16);
    collect(heap);
    expect(heap.picture).toBe("#######AA....##");
  });

  it("counts words by what lives: the dead cost nothing", () => {
    const heap = new Heap("semispace:header=8", 4096);
    for (const name of "ABCDEFGHIJ") heap.allocate(name, 24); // 4 words each
    heap.free(..."ABCDEFGH");
    // Two objects of 4 words: copied (2 a word), scanned (1 a word), and a forwarding address each.
    expect(costOf(heap, () => collect(heap))).toEqual({ moves: 2, movedBytes: 64, words: 16 + 8 + 2 });
  });

  it("updates every reference and root, and needs a half beside the objects", () => {
    const live = 2 + 4 + 4;
    expect(costsOfOne("semispace")).toEqual({
      moves: 3,
      movedBytes: 8 * live,
      markedWords: live,
      scannedWords: live,
      updatedReferences: 6,
      touchedWords: 3 * live + 3 + 2 * 6,
      extraBytes: 512,
    });
  });

  it("keeps order and bytes, and leaves one hole, at every collection", () => {
    for (const seed of [1, 2, 3])
      for (const size of [9000, 25_000, "grow"] as const)
        churn("semispace", size, seed, (before, after) => {
          expect(after.order).toEqual(before.order);
          expect(after.holes).toBeLessThanOrEqual(1);
        });
  });

  it("keeps what is aligned aligned, and what fits in one half fits in the other", () => {
    for (const seed of [4, 5, 6, 7, 8])
      for (const size of [2072, 9000, 9040, 17_000, "grow"] as const)
        churn("semispace", size, seed, (before, after) => expect(after.order).toEqual(before.order), true);
  });

  it("grows the last block where it is, and copies another, which dies where the collection left it", () => {
    const heap = new Heap(BARE, 128);
    heap.allocate("A", 8);
    heap.allocate("B", 16);
    expect(heap.reallocate("B", 32)).toBe(8);
    expect(heap.picture).toBe("ABBBB...########");
    heap.allocate("C", 16);
    heap.free("A");
    heap.free("B");
    expect(heap.reallocate("C", 24)).toBe(40);
    heap.allocate("D", 8);
    expect(heap.picture).toBe("########CCCD....");
    expect(heap.reallocate("C", 32)).toBe(96);
    expect(heap.picture).toBe("########xxxDCCCC");
  });

  it("begins a heap that grows with halves of 64 KiB, and doubles them by copying into the larger", () => {
    const heap = new Heap(BARE, "grow");
    const { space } = heap.run;
    heap.allocate("A", 8);
    expect([space.segmentEnd(space.heap), collections(heap)]).toEqual([128 * 1024, 0]);
    heap.allocate("B", 60_000);
    heap.allocate("C", 10_000); // too much lives for half of 64 KiB
    expect([space.segmentEnd(space.heap), collections(heap)]).toEqual([256 * 1024, 1]);
    expect([..."ABC"].map((name) => heap.address(name))).toEqual([131_072, 131_080, 191_080]);
    heap.free("B");
    heap.allocate("D", 60_000);
    expect(heap.address("D")).toBe(201_080);
    heap.allocate("E", 2000); // the half is full, and 70,000 bytes were allocated: time to collect
    expect([space.segmentEnd(space.heap), collections(heap)]).toEqual([256 * 1024, 2]);
    expect([..."ACDE"].map((name) => heap.address(name))).toEqual([0, 8, 10_008, 70_008]);
  });
});
