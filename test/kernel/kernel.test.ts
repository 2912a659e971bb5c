/** The kernel comes to the same as the TypeScript that it stands for: every column, the hash, the metrics. */
import { describe, expect, test } from "vitest";
import { kernelModule } from "../../src/engine/kernel-module.ts";
import { choosePolicy, POLICIES } from "../../src/replay/policies.ts";
import { Replay, type ReplaySettings } from "../../src/replay/replay.ts";
import { mixedTrace, sequenceOf } from "../../src/testing/sequences.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { slice, type Trace } from "../../src/traces/trace.ts";
import { expectSameState } from "./same-state.ts";

/** Calls that are compared, besides each policy of the registry that has a kernel. */
const VARIANTS = [
  "tlsf:bits=64",
  "esp-tlsf",
  "best-fit:header=0,alignment=4,split=0",
  "first-fit:header=4,alignment=16,split=100",
  "glibc:bits=32",
  "glibc:tcache=0",
  "slab:page=1024,reserve=0",
  "buddy:header=0,order=fifo,smallest=64",
];

const compiled = POLICIES.filter((policy) => policy.kernel?.(choosePolicy(policy.name).options)).map(
  ({ name }) => name,
);

/** A heap that is filled, and then changes an object at a time: what a kernel is for. */
function steadyTrace(seed: number, live: number, events: number): Trace {
  const below = sequenceOf(seed);
  const trace = new TraceBuilder(`steady sequence ${seed}`);
  const size = () => (below(20) === 0 ? below(9000) : 1 + below(below(3) === 0 ? 600 : 120));
  const objects = Array.from({ length: live }, () => trace.allocate(size()));
  while (trace.events < events) {
    const i = below(live);
    if (below(6) === 0) trace.reallocate(objects[i], size());
    else {
      trace.free(objects[i]);
      objects[i] = below(30) === 0 ? trace.callocate(3, below(40)) : trace.allocate(size());
    }
  }
  return trace.finish();
}

/** Objects of one size, side by side, freed and taken again in orders that leave long stretches free and in pieces. */
function sideBySideTrace(count: number, bytes: number): Trace {
  const below = sequenceOf(4);
  const trace = new TraceBuilder("side by side");
  trace.free(trace.memalign(64, 100));
  let objects = Array.from({ length: count }, () => trace.allocate(bytes));
  const fromBothEnds = () => objects.map((_, i) => objects[i % 2 === 0 ? i / 2 : count - (i + 1) / 2]);
  for (const order of [
    () => objects,
    () => objects.toReversed(),
    fromBothEnds,
    () => fromBothEnds().reverse(),
  ]) {
    for (const object of order()) trace.free(object);
    objects = objects.map(() => trace.allocate(bytes));
    for (let i = 0; i < count; i++) {
      const at = below(count);
      trace.free(objects[at]);
      objects[at] = trace.allocate(below(8) === 0 ? 3 * bytes : bytes);
    }
  }
  return trace.finish();
}

/** Replays with and without the kernel, in pieces, and compares everything after each. Returns the kernel's share. */
function compared(trace: Trace, settings: ReplaySettings, piece: number): number {
  const kernel = kernelModule();
  if (kernel === undefined) throw new Error("the kernel is not built: npm run build:kernel");
  const plain = new Replay({ ...settings, record: false });
  const fast = new Replay({ ...settings, record: false, kernel });
  for (const chunk of trace.chunks)
    for (let from = 0; from < chunk.events; from += piece) {
      const part = slice(chunk, from, Math.min(from + piece, chunk.events));
      plain.feed(part);
      fast.feed(part);
      expectSameState(fast, plain);
      // The kernel keeps no index of addresses in step: what was made before it ran must not be asked again.
      for (const part of [0.3, 0.7]) {
        const address = Math.floor(part * plain.space.segmentEnd(plain.space.heap));
        expect(fast.space.at(address), `what covers ${address}`).toBe(plain.space.at(address));
      }
    }
  fast.validate();
  expect(fast.finish().metrics).toEqual(plain.finish().metrics);
  return fast.eventsByKernel / trace.events;
}

test("there are policies that the kernel knows", () => {
  expect(compiled).toContain("tlsf");
});

describe.each([...compiled, ...VARIANTS])("%s", (call) => {
  const choice = choosePolicy(call);
  const arena = (trace: Trace, times: number) =>
    Math.ceil((times * trace.peakLiveBytes) / 4096) * 4096 + 16384;
  const roomy = (trace: Trace): number | "grow" =>
    choice.policy.growable === false ? arena(trace, 3) : "grow";

  test("does nearly all of a steady load, and the same", () => {
    const trace = steadyTrace(1, 2000, 30_000);
    expect(compared(trace, { ...choice, heap: roomy(trace) }, 10_000)).toBeGreaterThan(0.7);
  });

  test("objects of one size side by side, freed in many orders", () => {
    const trace = sideBySideTrace(400, 56);
    compared(trace, { ...choice, heap: roomy(trace) }, 400);
  });

  test("metrics from an event on, or none", () => {
    const trace = steadyTrace(2, 300, 6000);
    compared(trace, { ...choice, heap: roomy(trace), from: 2500 }, 6000);
    compared(trace, { ...choice, heap: roomy(trace), metrics: false }, 6000);
  });

  test.each([1, 2, 3])("mixed requests, seed %i, on heaps that refuse and that do not", (seed) => {
    const trace = mixedTrace({ events: 1000 * seed, seed, live: 20 * 3 ** seed, most: 20_000 });
    for (const heap of [roomy(trace), arena(trace, 1.1), 16384])
      compared(trace, { ...choice, heap }, seed === 1 ? 1 : 500);
  });
});
