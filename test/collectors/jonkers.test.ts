import { describe, expect, it } from "vitest";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, costOf } from "./collected.ts";
import { costsOfOne } from "./graph-costs.ts";

describe("jonkers", () => {
  it("slides what lives over what does not, in order, with nothing beside the objects and their headers", () => {
    const heap = new Heap("jonkers", 96);
    for (const name of "ABCDEF") heap.allocate(name, 8);
    heap.free("A", "C", "D");
    heap.allocate("G", 16);
    expect(heap.picture).toBe("BBEEFFGGG...");
    expect(heap.run.finish().metrics.extraMaxBytes).toBe(0);
  });

  it("counts the words that marking and the two passes touch", () => {
    const heap = new Heap("jonkers", 96);
    for (const name of "ABC") heap.allocate(name, 24); // 4 words each
    heap.free("A");
    const [marking, forward, backward] = [8, 3 + 8, 3];
    expect(costOf(heap, () => collect(heap)).words).toBe(marking + forward + backward + 2 * 8);
  });

  it("threads and unthreads every reference once, also one whose target stays", () => {
    const live = 2 + 4 + 4;
    const scanned = 4 + live + 4;
    expect(costsOfOne("jonkers")).toEqual({
      moves: 2,
      movedBytes: 64,
      markedWords: live,
      scannedWords: scanned,
      updatedReferences: 4,
      touchedWords: live + scanned + 5 * 6 + 2 * 8,
      extraBytes: 0,
    });
  });

  it("needs a header that a thread can begin in", () => {
    expect(() => new Heap("jonkers:header=4", 96)).toThrow("header");
  });

  it("keeps order and bytes, and leaves one hole, at every collection", () => {
    for (const seed of [1, 2])
      for (const size of [5000, 12_000, "grow"] as const)
        churn("jonkers", size, seed, (before, after) => {
          expect(after.order).toEqual(before.order);
          expect(after.holes).toBeLessThanOrEqual(1);
        });
  });
});
