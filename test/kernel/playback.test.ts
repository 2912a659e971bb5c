/** Playback by the kernel: the space is the same as without it, column for column, at any event and whichever way one came. */
import { expect, test } from "vitest";
import { kernelModule } from "../../src/engine/kernel-module.ts";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy, POLICIES } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { mixedTrace } from "../../src/testing/sequences.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { expectSameColumns } from "./same-state.ts";

/** Plays `trace` back with and without the kernel, to and fro; returns the kernel's share of the events. */
function compared(trace: Trace, call: string, heap: number | "grow"): number {
  const { recording } = replay(trace, { ...choosePolicy(call), heap });
  const plain = new Playback(trace, recording);
  const fast = new Playback(trace, recording, kernelModule());
  const { events } = trace;
  for (const event of [events, 1, events >> 1, events - 1, (events >> 1) - 1, 7, 8, events]) {
    plain.seek(event);
    fast.seek(event);
    expectSameColumns(fast.space, plain.space, event);
  }
  const whole = new Playback(trace, { ...recording, keyframes: [recording.keyframes[0]] }, kernelModule());
  whole.seek(events);
  return whole.eventsByKernel / events;
}

const mixed = mixedTrace({ events: 3000, seed: 4, live: 200, most: 5000 });
const roomy = Math.ceil(mixed.peakLiveBytes / 4096) * 3 * 4096 + (1 << 18);

test.each(POLICIES.map(({ name }) => name))("%s", (name) => {
  compared(mixed, name, roomy);
  compared(mixed, name, 1 << 15);
});

test.each(["tlsf", "newlib-nano", "glibc"])("nearly all that a broker does to %s is the kernel's", (name) => {
  const broker = generateTrace("workload:mqtt:messages=500", 1);
  expect(compared(broker, name, 3 * broker.peakLiveBytes + (1 << 18))).toBeGreaterThan(0.9);
});
