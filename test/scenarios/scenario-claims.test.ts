import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { momentOf } from "../../src/metrics/meter.ts";
import { heapBytes } from "../../src/options/heap.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay, type Replayed, replay } from "../../src/replay/replay.ts";
import { parseScenario, type Scenario } from "../../src/scenarios/scenario.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";

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
  const heaps = (input: number) =>
    ["slab:page=1024", "first-fit", "first-fit:order=lifo"].map((policy) =>
      kilobytes(runOf("slab-vs-first-fit", policy, input).metrics.peakHeapBytes),
    );
  expect(heaps(0)).toEqual([80, 85, 110]);
  expect(heaps(1)).toEqual([158, 131, 154]);
  const slab = runOf("slab-vs-first-fit", "slab:page=1024").before("release");
  expect(slab.externalFragmentation).toBeCloseTo(0.87, 2);
  expect(slab.internalFragmentation).toBe(0);
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
