import { describe, expect, it } from "vitest";
import { Cost } from "../../src/space/cost.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf, survey } from "./collected.ts";

/** Two letters of table at a time; blocks without a header. */
const BARE = "handles:header=0,handles=2";

describe("handles", () => {
  it("slides until a hole is long enough, and leaves what lies above it", () => {
    const heap = new Heap(BARE, 128);
    for (const name of "ABCDEFGH") heap.allocate(name, 8);
    expect(heap.picture).toBe("ABCDEFGH########");
    heap.free("A", "C", "E");
    expect(heap.picture).toBe(".B.D.FGH########");
    expect(costOf(heap, () => heap.allocate("I", 16))).toMatchObject({ moves: 1, movedBytes: 8 });
    expect(heap.picture).toBe("BIID.FGH########");
    expect(heap.reason).toBe("no hole held 16 bytes; blocks slid down until one did: [8, 24)");
    expect(collections(heap)).toBe(1);
  });

  it("writes one word of the table for each block that moves", () => {
    const heap = new Heap(BARE, 256);
    for (const name of "ABCD") heap.allocate(name, 24);
    heap.free("A");
    // Passed: 3 headers; moved: 3 blocks of 3 words, each with its entry.
    expect(costOf(heap, () => collect(heap))).toEqual({
      moves: 3,
      movedBytes: 72,
      words: 3 + 3 * (2 * 3 + 1),
    });
    expect(heap.run.space.cost(Cost.updatedReferences)).toBe(3);
  });

  it("refuses when the table meets the blocks", () => {
    const heap = new Heap(BARE, 56);
    for (const name of "ABCD") heap.allocate(name, 8);
    expect(heap.picture).toBe("ABC####");
    expect(heap.reason).toBe("none of 0 holes holds 8 bytes, and sliding makes none that does");
    heap.free("A");
    heap.allocate("D", 8);
    expect(heap.picture).toBe("DBC####");
    heap.free("B", "C");
    for (const name of "BCE") heap.allocate(name, 8);
    expect(heap.picture).toBe("DBC####");
    const short = new Heap(BARE, 40);
    for (const name of "ABC") short.allocate(name, 8);
    expect(short.reason).toBe("all handles are in use, and the table has no room for more");
  });

  it("lets a block grow into the hole behind it, or moves it with its handle", () => {
    const heap = new Heap(BARE, 128);
    for (const name of "ABC") heap.allocate(name, 16);
    heap.free("B");
    heap.reallocate("A", 24);
    expect(heap.picture).toBe("AAA.CC......####");
    heap.reallocate("A", 40);
    expect(heap.picture).toBe("....CCAAAAA.####");
  });

  it("slides a step with each request, of so many words at most", () => {
    const heap = new Heap(`${BARE},step=6`, 256);
    for (const name of "ABCDEFGH") heap.allocate(name, 16);
    heap.free("A");
    heap.allocate("I", 40);
    // A block of two words costs 6 words to move: one a request.
    expect(heap.picture.slice(0, 16)).toBe("BB..CCDDEEFFGGHH");
    heap.allocate("J", 40);
    expect(heap.picture.slice(0, 16)).toBe("BBCC..DDEEFFGGHH");
    expect(heap.run.finish().metrics.pauseMaxWords).toBe(6);
  });

  it("saves up for a block that is too long for one step", () => {
    const heap = new Heap(`${BARE},step=10`, 512);
    heap.allocate("A", 8);
    heap.allocate("B", 88); // 11 words: 24 to move
    heap.free("A");
    for (const name of "CDE") heap.allocate(name, 16);
    expect(heap.address("B")).toBe(0);
    expect(heap.run.finish().metrics.pauseMaxWords).toBe(24 + 6); // and 6 for C, of what was left
  });

  it("keeps order and bytes, and leaves one hole below the table, at every collection", () => {
    for (const choice of ["handles", "handles:step=50"])
      for (const seed of [1, 2, 3])
        for (const size of [6000, 14_000, "grow"] as const)
          churn(choice, size, seed, (before, after) => {
            expect(after.order).toEqual(before.order);
            expect(after.holes).toBeLessThanOrEqual(1);
          });
  });

  it("keeps what is aligned aligned", () => {
    for (const seed of [4, 5])
      churn(
        "handles:step=50",
        9000,
        seed,
        (before, after) => expect(after.order).toEqual(before.order),
        true,
      );
    expect(survey(new Heap("handles", 4096)).holes).toBe(1);
  });
});
