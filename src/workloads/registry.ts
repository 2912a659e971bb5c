/** Every workload. A new one is a file beside this and a line here. */
import { known, OptionError, parseCall, parseOptions } from "../options/options.ts";
import { TraceBuilder } from "../traces/builder.ts";
import type { Trace } from "../traces/trace.ts";
import { binaryTrees } from "./binary-trees.ts";
import type { Workload } from "./contract.ts";
import { linkedList } from "./linked-list.ts";
import { lruCache } from "./lru-cache.ts";
import { mqtt } from "./mqtt.ts";
import { mqttHello } from "./mqtt-hello.ts";
import { mqttSessions } from "./mqtt-sessions.ts";
import { sawtooth } from "./sawtooth.ts";
import { stringAppend } from "./string-append.ts";
import { stringBuilder } from "./string-builder.ts";
import { uniformRandom } from "./uniform-random.ts";

export const WORKLOADS: readonly Workload[] = [
  stringAppend,
  mqtt,
  mqttHello,
  uniformRandom,
  sawtooth,
  linkedList,
  binaryTrees,
  lruCache,
  stringBuilder,
  mqttSessions,
];

/** What an input begins with when it is generated and not read: `workload:NAME[:key=value,...]`. */
export const WORKLOAD_PREFIX = "workload:";

export function workload(name: string): Workload {
  const found = WORKLOADS.find((each) => each.name === name);
  if (found) return found;
  throw new OptionError(
    `unknown workload "${name}"${known(
      name,
      WORKLOADS.map((each) => each.name),
    )}`,
  );
}

/** The trace of `workload:NAME[:key=value,...]`, or of the call without its prefix; `seed` is 0 .. 2^32 - 1. */
export function generateTrace(call: string, seed: number): Trace {
  const prepared = parseWorkload(call);
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff))
    throw new OptionError(`the seed is ${seed}; it must be a whole number from 0 to ${0xffffffff}`);
  const builder = new TraceBuilder(call);
  prepared.workload.generate(builder, prepared.options, seed);
  return builder.finish();
}

/** Checks a call without running it. */
export function parseWorkload(call: string): {
  workload: Workload;
  options: ReturnType<typeof parseOptions>;
} {
  const text = call.startsWith(WORKLOAD_PREFIX) ? call.slice(WORKLOAD_PREFIX.length) : call;
  const { name, options } = parseCall(text);
  const found = workload(name);
  return { workload: found, options: parseOptions(`workload ${name}`, found.options, options) };
}
