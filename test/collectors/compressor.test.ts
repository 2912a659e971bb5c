import { describe, expect, it } from "vitest";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, costOf } from "./collected.ts";
import { costsOfOne } from "./graph-costs.ts";

describe("compressor", () => {
  it("slides what lives over what does not, in order, without a header", () => {
    const heap = new Heap("compressor:header=0", 48);
    for (const name of "ABCDEF") heap.allocate(name, 8);
    heap.free("A", "C", "D");
    heap.allocate("G", 16);
    expect(heap.picture).toBe("BEFGG.");
  });

  it("never looks at the dead: what they cost is their part of bitmap and offsets", () => {
    const words = [1, 8].map((dead) => {
      const heap = new Heap("compressor", 1024);
      heap.allocate("A", 24); // 4 words each
      for (let i = 0; i < dead; i++) heap.allocate(String.fromCharCode(66 + i), 24);
      heap.allocate("Z", 24);
      for (let i = 0; i < dead; i++) heap.free(String.fromCharCode(66 + i));
      return costOf(heap, () => collect(heap)).words;
    });
    const [marking, bits, bitmap, offsets] = [8, 2 * 2, 2 * 1, 1];
    expect(words).toEqual([1, 1].map(() => marking + bits + bitmap + offsets + 8 + 2 * 4));
  });

  it("needs a 64th of the heap for its bitmap and another for offsets, below the frontier", () => {
    const extra = ["", ":block=64", ":block=4096"].map((options) => {
      const heap = new Heap(`compressor${options}`, 65_536);
      for (let i = 0; i < 40; i++) heap.allocate(String.fromCharCode(65 + i), 1016);
      collect(heap);
      return heap.run.finish().metrics.extraMaxBytes;
    });
    const heap = 40 * 1024;
    expect(extra).toEqual([heap / 64 + heap / 64, heap / 64 + heap / 8, heap / 64 + heap / 512]);
  });

  it("looks every reference's target up, and writes those that change", () => {
    const live = 2 + 4 + 4;
    const scanned = 2 * 1 + live;
    expect(costsOfOne("compressor")).toEqual({
      moves: 2,
      movedBytes: 64,
      markedWords: live,
      scannedWords: scanned,
      updatedReferences: 4,
      touchedWords: live + 2 * 3 + scanned + 1 + (1 + 1) * 6 + 4 + 2 * 8,
      extraBytes: 16,
    });
  });

  it("keeps order and bytes, and leaves one hole, at every collection", () => {
    for (const seed of [1, 2])
      for (const size of [5000, 12_000, "grow"] as const)
        churn("compressor", size, seed, (before, after) => {
          expect(after.order).toEqual(before.order);
          expect(after.holes).toBeLessThanOrEqual(1);
        });
  });
});
