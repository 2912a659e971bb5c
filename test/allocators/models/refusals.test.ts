/**
 * How often a request fails for want of a hole although enough bytes are free, on the load of a message broker: about
 * 26,000 requests on 64 KiB. For the models that are in the registry, where HEAPSCAPE_REFERENCE has the trace.
 */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { choosePolicy, POLICIES } from "../../../src/replay/policies.ts";
import { replay } from "../../../src/replay/replay.ts";
import { traceAt } from "./reference-tables.ts";

const TRACE = `${process.env.HEAPSCAPE_REFERENCE ?? ""}/allocators/traces/mqtt-50k.trace.gz`;

const COUNTS: readonly (readonly [string, number])[] = [
  ["newlib-nano:bits=32", 1],
  ["freertos-heap4:bits=32", 3],
  ["umm:fit=best,bits=32", 28],
  ["esp-tlsf:bits=32", 57],
  ["zephyr:header=2.5,bits=32", 79],
  ["tlsf:bits=32", 85],
  ["o1heap:bits=32", 530],
  ["umm:fit=first,bits=32", 994],
  ["freertos-heap2:bits=32", 2007],
];

describe.skipIf(!existsSync(TRACE))("the broker's load of 50,000 events on 64 KiB", () => {
  for (const [call, count] of COUNTS) {
    const registered = POLICIES.some(({ name }) => name === call.split(":")[0]);
    it.skipIf(!registered)(
      `has ${count} fragmentation refusals with ${call}`,
      { timeout: 60_000 },
      async () => {
        const settings = { ...choosePolicy(call), heap: 65536, record: false };
        const { metrics } = replay(await traceAt(TRACE), settings);
        expect(metrics.fragmentationRefusals).toBe(count);
      },
    );
  }
});
