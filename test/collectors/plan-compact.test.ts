import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { randomGraph } from "../../src/testing/random-graphs.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";

/** Compacts whenever that gains anything. */
const EAGER = "plan-compact:header=0,fragmentation=0,burden=0";
/** Never does, but for want of memory. */
const LAZY = "plan-compact:header=0,burden=100";

describe("plan-compact", () => {
  it("sweeps if compaction gains too little, and lists the gaps from two smallest objects on", () => {
    const heap = new Heap(LAZY, 128);
    for (const name of "ABCDEFG") heap.allocate(name, 16);
    heap.free("B", "D", "E");
    expect(costOf(heap, () => collect(heap)).moves).toBe(0);
    expect(heap.picture).toBe("AA..CC....FFGG..");
    expect(heap.freeList).toEqual([16, 48]);
    heap.allocate("H", 24);
    expect(heap.picture).toBe("AA..CCHHH.FFGG..");
    expect(heap.reason).toBe("in the first of 2 gaps looked at that holds it: [48, 72)");
  });

  it("compacts if the plan says that fragmentation and burden reach their limits", () => {
    // B, C and E die: 48 bytes of 96 would be gained, 50%.
    const moves = (limits: string): number => {
      const heap = new Heap(`plan-compact:header=0,${limits}`, 128);
      for (const name of "ABCDEF") heap.allocate(name, 16);
      heap.free("B", "C", "E");
      return costOf(heap, () => collect(heap)).moves;
    };
    expect(moves("fragmentation=48,burden=50")).toBe(2);
    expect(moves("fragmentation=49,burden=50")).toBe(0);
    expect(moves("fragmentation=48,burden=51")).toBe(0);
  });

  it("takes what lives in plugs, and slides them in order", () => {
    const heap = new Heap(EAGER, 128);
    for (const name of "ABCDEFGH") heap.allocate(name, 16);
    heap.free("A", "D", "G");
    collect(heap);
    expect(heap.picture).toBe("BBCCEEFFHH......");
    expect(heap.allocate("I", 32)).toBe(80);
  });

  it("leaves pinned objects, puts others below them while they fit, and keeps the gap that remains", () => {
    const trace = new TraceBuilder("pinned");
    const [a, b, c, d] = [32, 16, 16, 24].map((bytes) => trace.allocate(bytes));
    for (const id of [b, c, d]) trace.root(id);
    trace.pin(c);
    trace.free(a);
    trace.collect();
    const choice = choosePolicy(EAGER);
    const { replay } = checkCollections(
      trace.finish(),
      { ...choice, heap: 128, validateEvery: 1 },
      choice.policy.guarantees!(choice.options),
    );
    // D, of 24 bytes, fits between B and the pinned C.
    expect([b, c, d].map((_, i) => replay.space.start(replay.objects.slot(i + 1)))).toEqual([0, 48, 16]);
  });

  it("has large objects apart, from 85,000 bytes on, and does not move them", () => {
    const heap = new Heap(EAGER, 400_000);
    expect(heap.allocate("A", 84_992)).toBe(0);
    expect(heap.allocate("B", 85_000)).toBe(315_000);
    expect(heap.allocate("C", 100_000)).toBe(215_000);
    heap.free("A", "B");
    collect(heap);
    expect(heap.address("C")).toBe(215_000);
    expect(heap.allocate("D", 85_000)).toBe(315_000);
  });

  it("compacts all the same when memory is exhausted", () => {
    const heap = new Heap(LAZY, 128);
    for (const name of "ABCDEFGH") heap.allocate(name, 16);
    heap.free("A", "C", "E");
    expect(heap.allocate("I", 40)).toBe(80);
    expect(collections(heap)).toBe(2); // one that swept, and one that compacted
  });

  it("is what dotnet presets: blocks of 24 bytes at least, 16 of them header", () => {
    const heap = new Heap("dotnet", 1 << 20);
    expect([heap.allocate("A", 1), heap.allocate("B", 9)]).toEqual([16, 40]);
    expect(heap.address("B") - 16 + 32).toBe(heap.allocate("C", 1) - 16);
  });

  it("keeps bytes at every collection", () => {
    for (const choice of [EAGER, LAZY, "dotnet"])
      for (const size of [5000, 100_000, "grow"] as const) churn(choice, size, 7, () => {}, true);
  });

  it("keeps what is reachable, swept or compacted", () => {
    for (const seed of [1, 2, 3, 4]) {
      const trace = randomGraph({ events: 6000, seed, roots: 150, every: 300, pins: seed > 2 });
      const choice = choosePolicy("plan-compact:fragmentation=3000,burden=20,large=300");
      const { guarantees } = choice.policy;
      for (const heap of [120_000, "grow"] as const) {
        const settings = { ...choice, heap, validateEvery: 40 };
        const { replay } = checkCollections(trace, settings, guarantees!(choice.options));
        const { metrics } = replay.finish();
        expect(metrics.moves).toBeGreaterThan(100);
        expect(metrics.updatedReferences).toBeGreaterThan(100);
      }
    }
  });
});
