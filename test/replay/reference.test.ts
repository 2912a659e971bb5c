/** Recordings of a real broker on every policy, checked as they go. Needs HEAPSCAPE_REFERENCE. */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readOptions } from "../../src/options/options.ts";
import { POLICIES } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import type { Trace } from "../../src/traces/trace.ts";

const reference = process.env.HEAPSCAPE_REFERENCE;
const read = (name: string) => readTrace(createReadStream(join(reference ?? "", "broker", name)), name);

describe.skipIf(!reference)("the recorded broker (HEAPSCAPE_REFERENCE)", () => {
  let traces: readonly (readonly [Trace, number])[];
  beforeAll(async () => {
    traces = [
      [await read("blog.trace"), 64],
      [await read("fleet.trace.gz"), 65_536],
    ];
  }, 60_000);

  it.each(POLICIES.map((policy) => [policy.name, policy] as const))(
    "replays on %s with every invariant checked",
    (_, policy) => {
      const options = readOptions(policy.name, policy.options, {});
      for (const [trace, validateEvery] of traces) {
        const heap = policy.growable === false ? 3 * trace.peakLiveBytes : "grow";
        const { metrics, recording } = replay(trace, { policy, options, heap, validateEvery });
        expect(recording.events).toBe(trace.events);
        if (metrics.refusals === 0) expect(metrics.peakLiveBytes).toBe(trace.peakLiveBytes);
      }
    },
    120_000,
  );
});
