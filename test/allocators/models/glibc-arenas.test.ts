/** Arenas by thread: beside a recording of glibc 2.36, each rule by itself, and random requests of many threads. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Glibc } from "../../../src/allocators/glibc.ts";
import { AddressCheck } from "../../../src/replay/address-check.ts";
import { choosePolicy } from "../../../src/replay/policies.ts";
import { Replay, replay } from "../../../src/replay/replay.ts";
import { resumed } from "../../../src/testing/replays.ts";
import { mixedTrace, sequenceOf } from "../../../src/testing/sequences.ts";
import { TraceBuilder } from "../../../src/traces/builder.ts";
import { readTrace } from "../../../src/traces/read-trace.ts";
import { Op } from "../../../src/traces/trace.ts";

const RECORDED = `${import.meta.dirname}/../../fixtures/allocators/three-arenas.heaptrace.gz`;
/** Bytes of a region, and payload of the first chunk in the first heap of an arena, behind its table: 64 bits. */
const REGION = 64 * 1024 * 1024;
const FIRST = 2256 + 656 + 16;

/** Requests by thread; `place` says where one of them is. */
function steps(call: string, threads: number) {
  const trace = new TraceBuilder("steps");
  trace.records("thread");
  trace.threads.push(...Array(threads).keys());
  const as = (thread: number): TraceBuilder => {
    trace.details.thread = thread;
    return trace;
  };
  const done = () => {
    const run = new Replay({ ...choosePolicy(call), heap: "grow", record: false, validateEvery: 1 });
    const places: string[] = [];
    for (const chunk of trace.finish().chunks)
      run.feed(chunk, (i) => {
        if (chunk.op[i] !== Op.free) places.push(placeIn(run, chunk.row[i]));
      });
    return { run, places };
  };
  return { as, done };
}

function placeIn({ space, objects, allocator }: Replay, row: number): string {
  const slot = objects.slot(row);
  return allocator.place!(space.start(slot) + space.offset(slot));
}

const arenaOf = (place: string): number => (place.includes(":") ? Number(place.split(":")[0]) : 0);

describe("glibc's arenas beside the real ones", () => {
  const choice = choosePolicy("glibc:arenas=3");
  const recorded = () => readTrace(readFileSync(RECORDED), RECORDED);

  it("have every request of six threads that share three arenas where it was", async () => {
    const run = new Replay({ ...choice, heap: "grow", record: false, validateEvery: 64 });
    const heaps = new Set<number>();
    let base = -1;
    for (const chunk of (await recorded()).chunks)
      run.feed(chunk, (i) => {
        if (chunk.op[i] === Op.free) return;
        const address = chunk.recorded!.address[i];
        const [offset, heap] = placeIn(run, chunk.row[i]).split(":").map(Number).reverse();
        if (heap === undefined && base < 0) base = address - offset;
        const real = heap === undefined ? address - base : address % REGION;
        if (real !== offset) throw new Error(`event ${run.event - 1}: ${heap}:${offset}, was ${real}`);
        heaps.add(heap ?? 0);
      });
    expect(heaps).toEqual(new Set([0, 1, 2, 3, 4])); // each of the two has come to a second heap
  });

  it("are what --verify compares, and only they are where the program's were", async () => {
    for (const [call, matched] of [
      ["glibc:arenas=3", 4113],
      ["glibc", 7],
    ] as const) {
      const check = new AddressCheck(
        new Replay({ ...choosePolicy(call), heap: "grow", record: false, metrics: false }),
      );
      for (const chunk of (await recorded()).chunks) check.feed(chunk);
      expect(check.agreement).toMatchObject({ compared: 4113, matched });
    }
  });
});

describe("glibc's arenas", () => {
  it("are the main one for the first thread, and a heap of its own for every other", () => {
    const { as, done } = steps("glibc:arenas=4", 3);
    for (const thread of [0, 1, 2, 1, 0]) as(thread).allocate(24);
    const { run, places } = done();
    expect(places).toEqual(["672", `1:${FIRST}`, `2:${FIRST}`, `1:${FIRST + 32}`, "704"]);
    const { space } = run;
    // heap_info, malloc_state, the cache's table and a chunk take 2,904 bytes; with the pad, in pages.
    const sizes = [...space.segments()].map((segment) => space.segmentLength(segment));
    expect(sizes).toEqual([135168, 135168, 135168]);
    expect(space.start([...space.segments()][1]) % REGION).toBe(0);
  });

  it("are shared in turn once there are as many as there may be: the main one, then the newest", () => {
    const { as, done } = steps("glibc:arenas=3", 8);
    for (let thread = 0; thread < 8; thread++) as(thread).allocate(24);
    expect(done().places.map(arenaOf)).toEqual([0, 1, 2, 0, 2, 1, 0, 2]);
  });

  it("are one, and the threads one, by default", () => {
    const { as, done } = steps("glibc", 3);
    for (let thread = 0; thread < 3; thread++) as(thread).allocate(24);
    expect(done().places).toEqual(["672", "704", "736"]);
  });

  it("never mix the blocks of two threads, each of which frees its own", () => {
    const threads = 4;
    const { as, done } = steps(`glibc:arenas=${threads}`, threads);
    const below = sequenceOf(7);
    const owners: number[] = [];
    const live: number[][] = Array.from({ length: threads }, () => []);
    for (let i = 0; i < 1500; i++) {
      const thread = i < threads ? i : below(threads);
      const own = live[thread];
      if (own.length > 20) as(thread).free(own.splice(below(own.length), 1)[0]);
      else {
        own.push(as(thread).allocate(below(3000)));
        owners.push(thread);
      }
    }
    expect(done().places.map(arenaOf)).toEqual(owners);
  });

  it("take back what another thread frees: first its cache has it, then its owner", () => {
    const { as, done } = steps("glibc:arenas=2", 2);
    as(0).allocate(24);
    const ids = Array.from({ length: 8 }, () => as(1).allocate(200));
    for (const id of ids) as(0).free(id); // seven go to thread 0's cache, the eighth to arena 1
    as(0).allocate(200);
    as(1).allocate(200);
    const { run, places } = done();
    const at = (i: number) => `1:${FIRST + 208 * i}`;
    expect(places.slice(-2)).toEqual([at(6), at(7)]);
    const lists: string[] = [];
    run.allocator.internals?.({ list: (name) => lists.push(name), entry: () => {} });
    expect(lists).toEqual(["thread cache 208", "top", "arena 1: top"]);
  });

  it("grow by the pages that are missing, and add up in mallinfo", () => {
    const { as, done } = steps("glibc:arenas=2", 2);
    as(0).allocate(24);
    for (let i = 0; i < 3; i++) as(1).allocate(60_000);
    const { run } = done();
    const [heap, other] = [...run.space.segments()].map((segment) => run.space.segmentLength(segment));
    const used = 2256 + 656 + 3 * 60_016;
    expect(other).toBe(Math.ceil((used + 32) / 4096) * 4096);
    const info = (run.allocator as Glibc).mallinfo();
    expect(info).toMatchObject({ arena: heap + other, ordblks: 2, uordblks: 656 + 32 + used - 2256 + 2256 });
  });

  it("begin another heap where one is full, behind a fence, and give it back when it is empty", () => {
    const { as, done } = steps("glibc:bits=32,arenas=2,mmap-threshold=400000", 2);
    as(0).allocate(24);
    const ids = Array.from({ length: 12 }, () => as(1).allocate(200_000));
    for (const id of ids.reverse()) as(1).free(id);
    const { run, places } = done();
    expect(places.slice(1).map(arenaOf)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3]);
    expect([...run.space.segments()]).toHaveLength(2);
  });

  it("share the main one in a heap of fixed size, where there is no mmap, with a cache each", () => {
    const { as } = steps("glibc:arenas=4", 2);
    const builder = as(0);
    const a = builder.allocate(24);
    as(1).free(a);
    as(0).allocate(24);
    as(1).allocate(24);
    const run = new Replay({ ...choosePolicy("glibc:arenas=4"), heap: 16384, validateEvery: 1 });
    const places: string[] = [];
    for (const chunk of builder.finish().chunks)
      run.feed(chunk, (i) => {
        if (chunk.op[i] !== Op.free) places.push(placeIn(run, chunk.row[i]));
      });
    expect(places).toEqual(["672", String(672 + 32 + 656), "672"]);
  });

  const CALLS = ["glibc:arenas=2", "glibc:arenas=4", "glibc:bits=32,arenas=4", "glibc:tcache=0,arenas=4"];
  it.each(CALLS)("hold together and go on from any state: %s", (call) => {
    const { policy, options } = choosePolicy(call);
    const trace = mixedTrace({ events: 2500, seed: 11, live: 150, most: 300_000, threads: 9 });
    const { metrics, recording } = replay(trace, { policy, options, heap: "grow", validateEvery: 1 });
    expect(metrics).toMatchObject({ refusals: 0, liveBytes: 0 });
    expect(recording.events).toBe(trace.events);
    resumed(trace, 1200, policy, options, "grow");
  });
});
