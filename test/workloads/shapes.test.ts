import { expect, test } from "vitest";
import { readOptions } from "../../src/options/options.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Op, type Trace } from "../../src/traces/trace.ts";
import { Fleet } from "../../src/workloads/mqtt/fleet.ts";
import { MQTT_OPTIONS } from "../../src/workloads/mqtt/options.ts";
import { generateTrace } from "../../src/workloads/registry.ts";

interface Step {
  readonly op: Op;
  readonly row: number;
  readonly bytes: number;
  /** After the event. */
  readonly liveBytes: number;
  readonly liveObjects: number;
}

function stepsOf(trace: Trace): Step[] {
  const held = new Map<number, number>();
  const steps: Step[] = [];
  let liveBytes = 0;
  for (const chunk of trace.chunks)
    for (let i = 0; i < chunk.events; i++) {
      const [op, row, bytes] = [chunk.op[i] as Op, chunk.row[i], chunk.bytes[i]];
      liveBytes += bytes - (held.get(row) ?? 0);
      if (op === Op.free) held.delete(row);
      else held.set(row, bytes);
      steps.push({ op, row, bytes, liveBytes, liveObjects: held.size });
    }
  return steps;
}

/** The events from a phase (the n-th of that name) to the next. */
function phaseOf(trace: Trace, name: string, n = 0): Step[] {
  const at = trace.phases.findIndex(
    (phase) => phase === trace.phases.filter((each) => each.name === name)[n],
  );
  expect(at).toBeGreaterThanOrEqual(0);
  return stepsOf(trace).slice(trace.phases[at].event, trace.phases[at + 1]?.event ?? trace.events);
}

test("string-append: each longer copy is made before the old one is freed, one character longer", () => {
  const trace = generateTrace("string-append:strings=1,length=8,every=0,release=0", 1);
  const [first, ...rest] = stepsOf(trace);
  expect(first.bytes).toBe(8 + 1);
  for (let i = 0; i < rest.length - 1; i += 2) {
    expect(rest[i].op).toBe(Op.allocate);
    expect(rest[i].bytes).toBe(8 + 1 + 1 + i / 2);
    expect(rest[i].liveObjects).toBe(2);
    expect(rest[i + 1].op).toBe(Op.free);
    expect(rest[i + 1].liveObjects).toBe(1);
  }
});

test("string-append: doubling copies as often as the length doubles", () => {
  const copies = (growth: string) =>
    generateTrace(`string-append:strings=1,length=1000,every=0,growth=${growth}`, 1).objects;
  expect(copies("exact")).toBeGreaterThan(700);
  expect(copies("doubling")).toBeLessThan(13);
});

test("string-append: a small object is born after every so many appends, and lies in its range of sizes", () => {
  const steps = stepsOf(generateTrace("string-append:strings=1,every=5,object=20,spread=8,turnover=0", 1));
  const opAt = (i: number) => steps[i]?.op;
  // An append allocates, then frees: what is allocated between two of them is no string.
  const small = steps.filter(
    ({ op }, i) => op === Op.allocate && opAt(i - 1) === Op.free && opAt(i + 1) === Op.allocate,
  );
  const appends = steps.filter(({ op }) => op === Op.allocate).length - small.length - 1;
  expect(small.length).toBe(Math.floor((appends - 1) / 5));
  expect(small.every(({ bytes }) => bytes >= 20 && bytes <= 28)).toBe(true);
});

test("random: as many objects live as asked for, with sizes in the range, each alike", () => {
  const trace = generateTrace("random:live=200,steps=20000,smallest=10,largest=29", 1);
  const steady = phaseOf(trace, "steady");
  expect(Math.max(...steady.map(({ liveObjects }) => liveObjects))).toBe(200);
  expect(Math.min(...steady.map(({ liveObjects }) => liveObjects))).toBe(199);
  const born = new Map<number, number>();
  for (const { op, bytes } of steady) if (op === Op.allocate) born.set(bytes, (born.get(bytes) ?? 0) + 1);
  expect([...born.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 10));
  for (const times of born.values()) expect(Math.abs(times - 1000)).toBeLessThan(150);
});

test("random: the powers of two alone, when asked for", () => {
  const steps = stepsOf(generateTrace("random:sizes=powers,smallest=8,largest=100", 1));
  const sizes = new Set(steps.filter(({ op }) => op === Op.allocate).map(({ bytes }) => bytes));
  expect([...sizes].toSorted((a, b) => a - b)).toEqual([8, 16, 32, 64]);
});

test("random: exponential sizes are mostly small, and none beyond the range", () => {
  const steps = stepsOf(generateTrace("random:sizes=exponential,smallest=16,largest=1016", 1));
  const sizes = steps.filter(({ op }) => op === Op.allocate).map(({ bytes }) => bytes);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(16);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1016);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(mean).toBeGreaterThan(240);
  expect(mean).toBeLessThan(280);
});

test("random: the oldest dies first when asked for, or the youngest", () => {
  const lives = (deaths: string): number[] => {
    const bornAt = new Map<number, number>();
    return phaseOf(generateTrace(`random:live=50,steps=500,deaths=${deaths}`, 1), "steady").flatMap(
      ({ op, row }, i) => {
        if (op === Op.allocate) bornAt.set(row, i);
        return op === Op.free && bornAt.has(row) ? [i - bornAt.get(row)!] : [];
      },
    );
  };
  expect(new Set(lives("oldest"))).toEqual(new Set([99]));
  expect(new Set(lives("newest"))).toEqual(new Set([1]));
  expect(new Set(lives("any")).size).toBeGreaterThan(20);
});

test("sawtooth: every second object dies, then come larger ones than any that died", () => {
  const trace = generateTrace("sawtooth:teeth=3,keep=0", 1);
  for (let tooth = 0; tooth < 3; tooth++) {
    const filled = phaseOf(trace, "fill", tooth);
    const thinned = phaseOf(trace, "thin", tooth);
    const larger = phaseOf(trace, "larger", tooth);
    expect(thinned.length).toBe(Math.ceil(filled.length / 2));
    expect(Math.min(...larger.map(({ bytes }) => bytes))).toBeGreaterThan(
      Math.max(...filled.map(({ bytes }) => bytes)),
    );
    expect(larger[larger.length - 1].liveBytes).toBeLessThanOrEqual(filled[filled.length - 1].liveBytes);
  }
});

test("mqtt: the queue of those who are away builds up, and drains when they are back", () => {
  const builder = new TraceBuilder("fleet");
  const options = readOptions("workload mqtt", MQTT_OPTIONS, { backlog: 200, stay: 0, qos1: 600, retain: 0 });
  const fleet = new Fleet(builder, options, 1);
  fleet.connect();
  fleet.publish(50);
  const before = builder.liveBytes;
  expect(fleet.broker.totals.queued).toBe(0);
  fleet.goOffline();
  const queued: number[] = [];
  for (let i = 0; i < 10; i++) {
    fleet.publish(20);
    queued.push(fleet.broker.totals.queued);
  }
  expect(queued.toSorted((a, b) => a - b)).toEqual(queued);
  expect(queued[9]).toBeGreaterThan(80);
  expect(builder.liveBytes).toBeGreaterThan(before + 20_000);
  fleet.comeBack();
  expect(fleet.broker.totals.queued).toBe(0);
  expect(builder.liveBytes).toBeLessThan(before + 8000);
});

test("mqtt: live bytes rise in the offline phase and fall in the drain, cycle by cycle", () => {
  const trace = generateTrace("mqtt:cycles=3,backlog=200,qos1=600", 2);
  expect(trace.phases.map(({ name }) => name)).toEqual([
    "connect",
    "steady",
    "offline",
    "drain",
    "offline",
    "drain",
    "offline",
    "drain",
    "shutdown",
  ]);
  for (let cycle = 0; cycle < 3; cycle++) {
    const offline = phaseOf(trace, "offline", cycle);
    const drain = phaseOf(trace, "drain", cycle);
    expect(offline[offline.length - 1].liveObjects).toBeGreaterThan(offline[0].liveObjects + 100);
    expect(drain[drain.length - 1].liveObjects).toBeLessThan(drain[0].liveObjects - 100);
  }
});

test("mqtt: more subscribers of everything make more events for the same readings", () => {
  const events = (broad: number) => generateTrace(`mqtt:broad=${broad},backlog=0,status=0`, 1).events;
  expect(events(1000)).toBeGreaterThan(1.5 * events(0));
});

test("mqtt: without an offline phase there is none", () => {
  const { phases } = generateTrace("mqtt:backlog=0", 1);
  expect(phases.map(({ name }) => name)).toEqual(["connect", "steady", "shutdown"]);
});

test("mqtt: pointers of 8 bytes make a larger heap than those of 4", () => {
  const peak = (word: number) => generateTrace(`mqtt:word=${word}`, 1).peakLiveBytes;
  expect(peak(8)).toBeGreaterThan(1.2 * peak(4));
});

test("mqtt-hello: three messages of 16 characters go through the broker and leave nothing", () => {
  // Pointers of 8 bytes, so that no structure is as long as a message.
  const trace = generateTrace("mqtt-hello:word=8", 1);
  const publish = phaseOf(trace, "publish");
  // Payload of the stored message; in and out, with topic and headers around it.
  const [payload, incoming, outgoing] = [16, 2 + 11 + 16, 2 + 2 + 11 + 16];
  for (const bytes of [payload, incoming, outgoing])
    expect(publish.filter((step) => step.op === Op.allocate && step.bytes === bytes).length).toBe(3);
  expect(publish[publish.length - 1].liveObjects).toBe(publish[0].liveObjects - 1);
});
