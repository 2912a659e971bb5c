import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { readTraceFile } from "../../src/engine/files.ts";
import { momentOf } from "../../src/metrics/meter.ts";
import { heapBytes } from "../../src/options/heap.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay, type Replayed, replay } from "../../src/replay/replay.ts";
import { parseScenario, type Scenario } from "../../src/scenarios/scenario.ts";
import { State } from "../../src/space/space.ts";
import { CHUNK_EVENTS, Op, type Trace } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { pinsOf } from "../../web/worker/pins.ts";

// What the texts of the scenarios say, with their numbers. When one of these fails, the text is wrong as well.

interface Run {
  readonly trace: Trace;
  readonly metrics: Readonly<Record<string, number>>;
  readonly refusals: Replayed["recording"]["refusals"];
  readonly collections: Replayed["recording"]["collections"];
  /** The metrics of the moment before `event`, or before the first event of that phase. */
  before(event: number | string): Readonly<Record<string, number>>;
}

function readScenario(name: string): Scenario {
  const file = `${import.meta.dirname}/../../scenarios/${name}.json`;
  return parseScenario(readFileSync(file, "utf8"), file);
}

function runOf(name: string, policy: string, input = 0): Run {
  const { inputs, policies, seed, heap } = readScenario(name);
  expect(policies).toContain(policy);
  const trace = generateTrace(inputs[input], seed);
  const settings = { ...choosePolicy(policy), heap: heapBytes(heap, trace.peakLiveBytes) };
  const { metrics, recording } = replay(trace, settings);
  const before = (at: number | string) => {
    const event = typeof at === "number" ? at : trace.phases.find((phase) => phase.name === at)!.event;
    const [chunk] = trace.chunks;
    const partial = new Replay(settings);
    partial.feed({
      events: event,
      op: chunk.op.subarray(0, event),
      row: chunk.row.subarray(0, event),
      id: chunk.id.subarray(0, event),
      bytes: chunk.bytes.subarray(0, event),
      argument: chunk.argument.subarray(0, event),
    });
    return momentOf(partial.space);
  };
  return { trace, metrics, refusals: recording.refusals, collections: recording.collections, before };
}

const kilobytes = (bytes: number): number => Math.round(bytes / 1000);
const freeShare = ({ holeBytes, heapBytes: heap }: Readonly<Record<string, number>>): number =>
  holeBytes / heap;

test("string-append: first fit refuses a copy with a fifth of the heap free, next fit with 53%", () => {
  const first = runOf("string-append", "first-fit");
  expect(first.refusals[0]).toMatchObject({ event: 2887, kind: "fragmented", bytes: 497, holeBytes: 2672 });
  expect(first.refusals[0].need - first.refusals[0].largestHole).toBe(8);
  expect(first.before(2887)).toMatchObject({ heapBytes: 14_336, holes: 29 });
  const next = runOf("string-append", "next-fit");
  expect(next.refusals[0]).toMatchObject({ event: 1388, kind: "fragmented", bytes: 489 });
  expect(freeShare(next.before(1388))).toBeCloseTo(0.53, 2);
});

test("string-append: the request that first fit refuses makes mark-compact collect, and it refuses nothing", () => {
  const { metrics, collections } = runOf("string-append", "mark-compact");
  expect(metrics.refusals).toBe(0);
  expect(metrics.collections).toBe(89);
  expect(collections).toContainEqual(expect.objectContaining({ event: 2887, moves: 64 }));
});

test("plenty-free-but-refused: half of the heap is free and none of 66 requests for 88 bytes finds a place", () => {
  const first = runOf("plenty-free-but-refused", "first-fit");
  expect(first.before(242)).toMatchObject({ liveBlocks: 242, holeBytes: 56, externalFragmentation: 0 });
  const comb = first.before("larger");
  expect(comb).toMatchObject({ holeBytes: 8192, heapBytes: 16_384, holes: 122, largestHole: 72 });
  expect(comb.externalFragmentation).toBeCloseTo(0.99, 2);
  for (const policy of ["first-fit", "best-fit"]) {
    const { refusals, trace } = runOf("plenty-free-but-refused", policy);
    const larger = trace.phases.findIndex(({ name }) => name === "larger");
    const [from, to] = [trace.phases[larger].event, trace.phases[larger + 1].event];
    const refused = refusals.filter(({ event }) => event >= from && event < to);
    expect(refused.length).toBe(66);
    expect(to - from).toBe(66);
    for (const each of refused) expect(each).toMatchObject({ kind: "fragmented", bytes: 88, need: 96 });
  }
  const compacting = runOf("plenty-free-but-refused", "mark-compact:forwarding=0");
  expect(compacting.metrics.refusals).toBe(0);
  expect(compacting.before(364).largestHole).toBe(8192 - 96);
});

test("compaction-rescues: sweeping refuses with three quarters free, compacting refuses nothing", () => {
  const sweeping = runOf("compaction-rescues", "mark-sweep");
  expect(sweeping.refusals[0]).toMatchObject({
    event: 4927,
    kind: "fragmented",
    bytes: 6198,
    holeBytes: 54_792,
    largestHole: 3992,
  });
  expect(sweeping.before(4928)).toMatchObject({ heapBytes: 73_728, holes: 128 });
  expect(sweeping.metrics).toMatchObject({ collections: 20, fragmented: 27, exhausted: 0 });
  const compacting = runOf("compaction-rescues", "mark-compact:forwarding=0");
  expect(compacting.metrics).toMatchObject({ collections: 17, refusals: 0, "holes.max": 1 });
});

test("compaction-rescues: semispace refuses for want of bytes", () => {
  const { refusals } = runOf("compaction-rescues", "semispace");
  expect(refusals[0]).toMatchObject({ event: 4933, kind: "exhausted" });
  // The same payload, six events later: one byte more or less of headers is between the two.
  expect(Math.abs(refusals[0].bytes - 6198)).toBeLessThan(40);
});

test("mqtt-fleet: the order of the free list is worth 23 KB", () => {
  const first = runOf("mqtt-fleet", "first-fit");
  const [, steady, shutdown] = first.trace.phases;
  expect(kilobytes(shutdown.event - steady.event)).toBe(23);
  const byAddress = first.before("shutdown");
  expect(kilobytes(byAddress.heapBytes)).toBe(37);
  expect(freeShare(byAddress)).toBeCloseTo(0.2, 2);
  const lastFreed = runOf("mqtt-fleet", "first-fit:order=lifo").before("shutdown");
  expect(kilobytes(lastFreed.heapBytes)).toBe(61);
  expect(freeShare(lastFreed)).toBeCloseTo(0.5, 1);
  expect(lastFreed.holes).toBe(229);
  expect(kilobytes(lastFreed.heapBytes - byAddress.heapBytes)).toBe(23);
});

test("mqtt-offline-queue: when the queues are drained, most of the heap is holes", () => {
  const first = runOf("mqtt-offline-queue", "first-fit");
  expect(kilobytes(first.before("offline").liveBytes)).toBe(16);
  expect(kilobytes(first.before("offline").heapBytes)).toBe(36);
  expect(kilobytes(first.before("drain").liveBytes)).toBe(78);
  expect(kilobytes(first.before("drain").heapBytes)).toBe(105);
  expect(freeShare(first.before("drain"))).toBeLessThan(0.02);
  const after = first.before("shutdown");
  expect(kilobytes(after.liveBytes)).toBe(25);
  expect(kilobytes(after.heapBytes)).toBe(111);
  expect(freeShare(after)).toBeCloseTo(0.7, 2);
  expect(after.holes).toBe(202);
  expect(kilobytes(after.largestHole)).toBe(7);
  expect(freeShare(runOf("mqtt-offline-queue", "best-fit").before("shutdown"))).toBeCloseTo(0.7, 2);
  expect(freeShare(runOf("mqtt-offline-queue", "slab:page=1024").before("shutdown"))).toBeCloseTo(0.76, 2);
});

test("slab-vs-first-fit: slabs win where sizes are powers of two, and lose where they are anything", () => {
  const heaps = (name: string) =>
    ["slab:page=1024", "first-fit", "first-fit:order=lifo"].map((policy) =>
      kilobytes(runOf(name, policy).metrics.peakHeapBytes),
    );
  expect(heaps("slab-vs-first-fit")).toEqual([80, 85, 110]);
  expect(heaps("slab-with-any-sizes")).toEqual([158, 131, 154]);
  const slab = runOf("slab-vs-first-fit", "slab:page=1024").before("release");
  expect(slab.externalFragmentation).toBeCloseTo(0.87, 2);
  expect(slab.internalFragmentation).toBe(0);
});

test("compaction-rescues: with the queues, collections move more and come sooner", () => {
  const { collections } = runOf("compaction-rescues", "mark-compact:forwarding=0");
  const index = collections.findIndex(({ event }) => event === 14_044);
  expect(collections[index].moves).toBe(613);
  expect(collections[index].event - collections[index - 1].event).toBe(484);
  const before = collections.filter(({ event }) => event < 8908).at(-1);
  expect(613 / before!.moves).toBeCloseTo(1.58, 2);
});

test("mqtt-hello: what a message needs is freed in a moment, and the next one gets the same addresses", () => {
  const { policies, heap, inputs, seed } = readScenario("mqtt-hello");
  const trace = generateTrace(inputs[0], seed);
  const [chunk] = trace.chunks;
  const run = new Replay({ ...choosePolicy(policies[0]), heap: heapBytes(heap, trace.peakLiveBytes) });
  const placed: string[] = [];
  const layout = (): string => {
    const { space } = run;
    let text = "";
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node))
      text += `${node > 0 ? "block" : "hole"} ${space.start(node)} ${space.length(node)}\n`;
    return text;
  };
  const layouts = new Map<string, string>();
  for (let i = 0; i < chunk.events; i++) {
    for (const { event, name } of trace.phases) if (event === i) layouts.set(name, layout());
    run.feed({
      events: 1,
      op: chunk.op.subarray(i, i + 1),
      row: chunk.row.subarray(i, i + 1),
      id: chunk.id.subarray(i, i + 1),
      bytes: chunk.bytes.subarray(i, i + 1),
      argument: chunk.argument.subarray(i, i + 1),
    });
    const slot = run.objects.slot(chunk.row[i]);
    if (slot > 0 && [29, 28, 8, 31].includes(chunk.bytes[i]))
      placed.push(`${chunk.bytes[i]} at ${run.space.start(slot)}`);
  }
  // What came in, the message, the list of one session, what went out: for each of the last three messages.
  const messages = placed.slice(-12);
  expect(messages.slice(0, 4)).toEqual(messages.slice(4, 8));
  expect(messages.slice(0, 4)).toEqual(messages.slice(8, 12));
  expect(layouts.get("shutdown")).toBe(layouts.get("publish"));
});

describe("broker-memory-stays", { timeout: 120_000 }, () => {
  const name = "broker-memory-stays";
  const { inputs, look, policies } = readScenario(name);
  /** Half of the sessions are gone. */
  const last = 832_756;
  let trace: Trace;
  beforeAll(async () => {
    trace = await readTraceFile(`${import.meta.dirname}/../../scenarios/${inputs[0]}`);
  });

  const runs = new Map<string, Replay>();

  /** The replay stopped after `event` events; once for all tests. */
  function upTo(policy: string, event: number, heap: number | "grow" = "grow"): Replay {
    const key = `${policy} ${event} ${heap}`;
    const done = runs.get(key);
    if (done) return done;
    if (policy !== "tlsf") expect(policies).toContain(policy);
    const run = new Replay({ ...choosePolicy(policy), heap, record: false });
    for (const chunk of trace.chunks) {
      const events = Math.min(chunk.events, event - run.event);
      run.feed({
        events,
        op: chunk.op.subarray(0, events),
        row: chunk.row.subarray(0, events),
        id: chunk.id.subarray(0, events),
        bytes: chunk.bytes.subarray(0, events),
        argument: chunk.argument.subarray(0, events),
      });
    }
    runs.set(key, run);
    return run;
  }
  const at = (policy: string, event = last, heap: number | "grow" = "grow") =>
    momentOf(upTo(policy, event, heap).space);

  test("glibc: the queues build up, they drain, and the heap only grows", () => {
    expect(trace.events).toBe(847_630);
    const phases = trace.phases.map(({ event }) => event);
    expect(look.slice(0, 4).map(({ event }) => event! + 1)).toEqual([84_080, 242_590, 817_343, last]);
    expect(phases).toEqual(expect.arrayContaining([84_080, 242_590, 817_343, last]));
    expect(at("glibc", 8132).liveBytes).toBe(151_339);
    const built = at("glibc", 84_080);
    expect(built).toMatchObject({ liveBytes: 2_396_309, heapBytes: 3_121_152, holeBytes: 80_040 });
    const drained = at("glibc", 242_590);
    expect(built.liveBytes - drained.liveBytes).toBe(650_716);
    expect(drained).toMatchObject({ heapBytes: 3_383_296, holeBytes: 1_062_904, holes: 8037 });
    expect(trace.peakLiveBytes).toBe(4_352_683);
    expect(at("glibc", 817_343)).toMatchObject({
      liveBytes: 1_487_206,
      heapBytes: 5_861_376,
      holeBytes: 3_850_344,
      holes: 13_960,
      largestHole: 79_800,
    });
  });

  test("glibc: it is not one block that pins the heap", () => {
    const { space, event } = upTo("glibc", last);
    expect(momentOf(space)).toMatchObject({ liveBytes: 710_951, residentBytes: 5_804_032 });
    const born = new Map<number, number>();
    for (const [c, { op, id, events }] of trace.chunks.entries())
      for (let i = 0; i < events && c * CHUNK_EVENTS + i < event; i++)
        if (op[i] < Op.reallocate) born.set(id[i], c * CHUNK_EVENTS + i);
    const pins = pinsOf(
      space,
      (slots) => slots.map((slot) => ({ born: born.get(space.id(slot))!, site: "" })),
      event,
      20_000,
    );
    expect(pins).toMatchObject({ heapBytes: 5_861_376, blocks: 14_333, trailing: 79_800, whole: true });
    expect(pins.top.slice(0, 2).map(({ bytes }) => bytes)).toEqual([19_148, 19_144]);
    expect(pins.top[1].back).toBe(157_336);
    expect(pins.top[1].back / pins.heapBytes).toBeCloseTo(0.027, 3);
    expect(pins.shares[2]).toEqual({ share: 0.5, blocks: 5090 });
    expect(pins.top[5089].back).toBeGreaterThanOrEqual(pins.heapBytes / 2);
    expect(pins.top[5088].back).toBeLessThan(pins.heapBytes / 2);
    const inLastCycle = pins.top.slice(0, 5090).filter(({ born }) => born >= 518_331);
    expect(inLastCycle.length / 5090).toBeCloseTo(0.9, 1);
  });

  test("glibc: tunables move the edge only", () => {
    const saved = (tunable: string) => 5_861_376 - at(`glibc:${tunable}`).heapBytes;
    expect(at("glibc:trim-threshold=0")).toEqual(at("glibc"));
    expect(saved("tcache=0")).toBe(20_480);
    expect(saved("top-pad=0")).toBe(49_152);
    expect(saved("mmap-threshold=4096")).toBe(323_584);
    expect(saved("malloc-trim=10000")).toBe(77_824);
    const { space } = upTo("glibc:malloc-trim=10000", last);
    expect(space.residentBytes).toBe(5_242_880);
    expect(space.segmentEnd(space.heap) / 4096).toBe(1412);
    const pages = new Set<number>();
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node))
      if (node > 0 && space.state(node) === State.live)
        for (let at = space.start(node) >> 12; at <= (space.end(node) - 1) >> 12; at++) pages.add(at);
    expect(pages.size).toBe(1263);
  });

  test("other allocators stay at their peaks as well", () => {
    expect(at("slab").heapBytes).toBe(5_103_616);
    expect(at("slab").blockBytes).toBeLessThan(at("glibc").blockBytes);
    expect(upTo("slab", trace.events).finish().metrics.peakHeapBytes).toBe(5_103_616);
    expect(at("dlmalloc").heapBytes).toBe(5_898_240);
    const tlsf = upTo("tlsf", last, 5_861_376);
    expect(tlsf.finish().metrics.refusals).toBe(0);
    const { largestHole, holeBytes, residentBytes } = momentOf(tlsf.space);
    const [top] = pinsOf(tlsf.space, () => [], last, 1).top;
    const above = tlsf.space.next(tlsf.space.at(top.start));
    expect(tlsf.space.length(above)).toBe(largestHole);
    expect(residentBytes).toBeLessThan(5_861_376 - largestHole + 2 * 4096);
    expect(largestHole).toBe(899_440);
    expect(holeBytes - largestHole).toBe(4_151_388);
  });

  test("what moves its blocks has one hole, and pays in memory or in moves", () => {
    const call = "mark-compact:forwarding=0";
    const growing = upTo(call, trace.events).finish().metrics;
    expect(growing).toMatchObject({ peakHeapBytes: 10_161_208, collections: 26, "holes.max": 1 });
    const arena = upTo(call, trace.events, 5_861_376).finish().metrics;
    expect(arena).toMatchObject({ refusals: 0, collections: 32, movedBytes: 112_224_144 });
    expect(at(call).blockBytes).toBe(873_680);
  });
});
