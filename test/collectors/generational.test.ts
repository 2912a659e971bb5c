import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { randomGraph } from "../../src/testing/random-graphs.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections } from "./collected.ts";
import { modelled } from "./recorded-runs.ts";

/** Nursery [0, 64), survivor spaces [64, 80) and [80, 96), halves [96, 176) and [176, 256). */
const SMALL = "generational:header=0,nursery=64";
/** Nursery [0, 1024), survivor spaces [1024, 1280) and [1280, 1536), halves from 1536 and 5120 on. */
const LARGE = "generational:header=0,nursery=1024";

/** Where each object is after each collection of a heap of 8,704 bytes. */
function places(choice: string, build: (trace: TraceBuilder) => void): string[] {
  const trace = new TraceBuilder("test");
  build(trace);
  return modelled(choice, trace.finish(), 8704, 1).map(({ places }) =>
    places.map((place) => place.replace(" heap", "")).join(", "),
  );
}

describe("generational", () => {
  it("has a nursery, two survivor spaces and two halves, of which one each is idle", () => {
    const heap = new Heap(SMALL, 256);
    heap.allocate("A", 8);
    expect(heap.picture).toBe("A.........##..........##########");
    expect(heap.allocate("B", 72)).toBe(96); // longer than the nursery
    expect(heap.picture).toBe("A.........##BBBBBBBBB.##########");
  });

  it("copies what is young between the survivor spaces, then to the mature half", () => {
    const build = (trace: TraceBuilder) => {
      for (const id of [0, 1]) {
        trace.allocateAs(id, 16);
        trace.root(id);
      }
      for (let i = 0; i < 3; i++) trace.collectYoung();
    };
    expect(places(LARGE, build)).toEqual(["0 1280, 1 1296", "0 1536, 1 1552", "0 1536, 1 1552"]);
    expect(places(`${LARGE},age=2`, build)).toEqual(["0 1280, 1 1296", "0 1024, 1 1040", "0 1536, 1 1552"]);
    // Without survivor spaces the halves begin at 1024.
    expect(places(`${LARGE},age=0`, build)).toEqual(Array(3).fill("0 1024, 1 1040"));
  });

  it("copies what fields of mature objects refer to, in the order of the stores, until it is mature as well", () => {
    expect(
      places(LARGE, (trace) => {
        trace.allocateAs(0, 24, 3);
        trace.root(0);
        trace.collect();
        for (const id of [1, 2, 3]) trace.allocateAs(id, 8);
        trace.store(0, 2, 1);
        trace.store(0, 0, 2);
        trace.store(0, 1, 3);
        trace.store(0, 0, 2);
        trace.store(0, 1, null);
        trace.collectYoung();
        trace.collectYoung();
      }),
    ).toEqual(["0 5120", "0 5120, 1 1280, 2 1288", "0 5120, 1 5144, 2 5152"]);
  });

  it("keeps what a dead mature object refers to until a major collection", () => {
    const live = (major: boolean) => {
      const trace = new TraceBuilder("test");
      trace.allocateAs(0, 8, 1);
      trace.root(0);
      trace.collect();
      trace.allocateAs(1, 16);
      trace.store(0, 0, 1);
      trace.unroot(0);
      trace.collectYoung();
      if (major) trace.collect();
      return replay(trace.finish(), { ...choosePolicy(LARGE), heap: 8704 }).metrics.liveBlocks;
    };
    expect(live(false)).toBe(2);
    expect(live(true)).toBe(0);
  });

  it("copies all to the other half in a major collection, breadth-first", () => {
    expect(
      places(LARGE, (trace) => {
        for (const fields of [2, 0, 1, 0]) trace.allocateAs(trace.events, 8 + 8 * fields, fields);
        trace.store(0, 0, 2);
        trace.store(0, 1, 1);
        trace.store(2, 0, 3);
        trace.root(0);
        trace.collect();
        trace.collect();
      }),
    ).toEqual(["0 5120, 1 5160, 2 5144, 3 5168", "0 1536, 1 1576, 2 1560, 3 1584"]);
  });

  it("has a minor collection when the nursery is full, and a major one when a half has room no more", () => {
    const heap = new Heap(SMALL, 256);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.free("A", "C", "D");
    heap.allocate("E", 16);
    expect(heap.picture).toBe("EE......##BB..........##########");
    expect(collections(heap)).toBe(1);
    heap.allocate("F", 16);
    heap.allocate("G", 16);
    heap.allocate("H", 16);
    expect(heap.allocate("I", 8)).toBe(REFUSED); // 80 bytes live, which is what a half has room for
    heap.free("G");
    expect(heap.allocate("I", 8)).toBe(0);
    collect(heap);
    expect(heap.picture.slice(12)).toMatch(/^[A-Z]+\.+#{10}$|^#{10}[A-Z]+\.+$/);
  });

  it("counts what a minor collection copies and reads, and the whole of what lives in a major one", () => {
    const trace = new TraceBuilder("test");
    trace.allocateAs(0, 16, 2);
    trace.allocateAs(1, 24);
    trace.store(0, 0, 1);
    trace.store(0, 1, 1);
    trace.root(0);
    trace.collectYoung();
    const minor = 3 * 5 + 2 + 1;
    trace.collect();
    const { metrics } = replay(trace.finish(), { ...choosePolicy(LARGE), heap: 8704 });
    expect(metrics.touchedWords).toBe(minor + 3 * 5 + 2);
    expect(metrics.updatedReferences).toBe(3 + 3);
    expect(metrics.markedWords).toBe(10);
    expect(metrics.scannedWords).toBe(1);
  });

  it("keeps bytes at every collection of mixed requests, aligned ones too", () => {
    for (const seed of [1, 2, 3])
      for (const size of [20_000, 60_000]) churn("generational", size, seed, () => {}, seed === 3);
  });

  it("keeps what is reachable among random graphs, with old objects that refer to young ones", () => {
    const { policy, options } = choosePolicy("generational:nursery=1024");
    for (let seed = 1; seed <= 6; seed++) {
      const trace = randomGraph({ events: 1500, seed, frees: seed > 3, roots: 6 * seed, every: 40 });
      const settings = { policy, options, heap: 65_536, validateEvery: 1 };
      const { collections } = checkCollections(trace, settings, policy.guarantees!(options));
      expect(collections).toBeGreaterThan(10);
    }
  });
});
