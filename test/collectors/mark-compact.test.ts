import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf, survey } from "./collected.ts";
import { costsOfOne } from "./graph-costs.ts";

/** A word of header, which takes the forwarding address: one letter more than the payload. */
const ONE_WORD = "mark-compact:forwarding=0";

describe("mark-compact", () => {
  it("slides what lives over what does not, in order; all that is free is one hole then", () => {
    const heap = new Heap(ONE_WORD, 96);
    for (const name of "ABCDEF") heap.allocate(name, 8);
    heap.free("A", "C", "D");
    expect(heap.picture).toBe("xxBBxxxxEEFF");
    heap.allocate("G", 16);
    expect(heap.picture).toBe("BBEEFFGGG...");
    expect(heap.reason).toBe(
      "the frontier met the end; a collection moved it down to 48, and the block is [48, 72)",
    );
  });

  it("grants what first fit cannot: enough bytes are enough", () => {
    const heap = new Heap(ONE_WORD, 64);
    for (const name of "ABCD") heap.allocate(name, 8);
    heap.free("A", "C");
    expect(heap.allocate("E", 24)).toBe(32 + 8);
    expect(heap.picture).toBe("BBDDEEEE");
    expect(heap.allocate("F", 1)).toBe(REFUSED);
    expect(heap.run.finish().metrics.exhausted).toBe(1);
  });

  it("leaves what lies below the lowest dead object where it is", () => {
    const heap = new Heap(ONE_WORD, 96);
    for (const name of "ABCDEF") heap.allocate(name, 8);
    heap.free("D");
    expect(costOf(heap, () => collect(heap))).toMatchObject({ moves: 2, movedBytes: 32 });
    expect(heap.picture).toBe("AABBCCEEFF..");
  });

  it("counts the words that marking and the three passes touch", () => {
    const heap = new Heap(ONE_WORD, 96);
    for (const name of "ABC") heap.allocate(name, 24); // 4 words each
    heap.free("A");
    const marking = 8;
    const computeLocations = 3 + 2;
    const updateReferences = 3 + 8;
    const relocate = 3 + 2 + 2 * 8;
    expect(costOf(heap, () => collect(heap))).toEqual({
      moves: 2,
      movedBytes: 64,
      words: marking + computeLocations + updateReferences + relocate,
    });
    expect(heap.run.finish().metrics.pauseMaxWords).toBe(8 + 5 + 11 + 21);
  });

  it("counts the references whose target moves, roots among them, and a forwarding word for each live object", () => {
    const inHeader = costsOfOne("mark-compact:forwarding=0");
    const live = 2 + 4 + 4;
    const scanned = 4 + (4 + live) + 4;
    expect(inHeader).toEqual({
      moves: 2,
      movedBytes: 64,
      markedWords: live,
      scannedWords: scanned,
      updatedReferences: 4,
      touchedWords: live + scanned + 2 * 3 + 2 * 4 + 2 * 8,
      extraBytes: 0,
    });
    expect(costsOfOne("mark-compact")).toMatchObject({
      markedWords: live + 3,
      updatedReferences: 4,
      extraBytes: 24,
    });
  });

  it("has a word in each block for its forwarding address, unless that goes into the header", () => {
    const lengths = ["", ":header=0", ":header=16", ":forwarding=0"].map((options) => {
      const heap = new Heap(`mark-compact${options}`, 1024);
      heap.allocate("A", 8);
      return survey(heap).blockBytes;
    });
    expect(lengths).toEqual([24, 16, 32, 16]);
    expect(() => new Heap("mark-compact:forwarding=0,header=4", 64)).toThrow(
      "a header of 4 bytes has no room",
    );
  });

  it("keeps order and bytes, and leaves one hole, at every collection", () => {
    for (const seed of [1, 2, 3])
      for (const size of [5000, 12_000, "grow"] as const)
        churn("mark-compact", size, seed, (before, after) => {
          expect(after.order).toEqual(before.order);
          expect(after.holes).toBeLessThanOrEqual(1);
        });
  });

  it("keeps what is aligned aligned, with a gap below it where it must be", () => {
    const heap = new Heap(ONE_WORD, 256);
    heap.allocate("A", 8);
    heap.allocate("B", 8);
    expect(heap.allocate("C", 8, 64) % 64).toBe(0);
    heap.allocate("D", 8);
    heap.free("A");
    collect(heap);
    expect(heap.picture).toBe("BB.....CCDD.....................");
    for (const seed of [4, 5, 6])
      churn("mark-compact", 9000, seed, (before, after) => expect(after.order).toEqual(before.order), true);
  });

  it("grows the last block where it is, and copies another, which dies where the collection left it", () => {
    const heap = new Heap(ONE_WORD, 96);
    heap.allocate("A", 8);
    heap.allocate("B", 8);
    expect(heap.reallocate("B", 24)).toBe(16 + 8);
    expect(heap.picture).toBe("AABBBB......");
    heap.free("A");
    heap.allocate("C", 8);
    expect(heap.reallocate("B", 32)).toBe(48 + 8);
    // No room above C: the collection moved B and C down before B's copy was placed.
    expect(heap.picture).toBe("xxxxCCBBBBB.");
    expect(collections(heap)).toBe(1);
  });

  it("refuses when collections give almost nothing any more, rather than collect at every request", () => {
    const heap = new Heap(ONE_WORD, 16_000);
    const names = Array.from({ length: 1000 }, (_, i) => String.fromCharCode(65 + i));
    for (const name of names) heap.allocate(name, 8);
    heap.free(names[0]);
    expect(heap.allocate("A", 8)).not.toBe(REFUSED);
    heap.free(names[1]);
    expect(heap.allocate("B", 8)).toBe(REFUSED);
    expect(collections(heap)).toBe(1);
    heap.free(...names.slice(2, 21)); // 2% of the heap
    expect(heap.allocate("B", 8)).not.toBe(REFUSED);
    expect(collections(heap)).toBe(2);
  });

  it("extends a heap that grows until as much was allocated as was live, and 64 KiB", () => {
    const heap = new Heap(ONE_WORD, "grow");
    const names = Array.from({ length: 100 }, (_, i) => String.fromCharCode(65 + i));
    for (const name of names) heap.allocate(name, 1016);
    for (const name of names.slice(64)) heap.free(name);
    heap.allocate(names[99], 1016);
    expect(collections(heap)).toBe(1); // 100 KiB were allocated by then
    expect(heap.run.space.segmentEnd(heap.run.space.heap)).toBe(100 * 1024);
  });
});
