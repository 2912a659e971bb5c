/** One round of one of our policies, from the built library: DIST TRACE POLICY exact|bare BUDGET. Prints `Measured`. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chunkOf, readPacked } from "./packed-trace.ts";
import { type Measured, measure } from "./stopwatch.ts";

const [dist, file, call, metrics, budget] = process.argv.slice(2);
// As the command line does. Another build may not have it.
await import(pathToFileURL(join(dist, "engine/inline-more.js")).href).then(
  ({ inlineMore }) => inlineMore?.(),
  () => {},
);
const library: typeof import("../../src/index.ts") = await import(pathToFileURL(join(dist, "index.js")).href);
const kernel = await import(pathToFileURL(join(dist, "engine/kernel-module.js")).href).then(
  ({ kernelModule }) => kernelModule(),
  () => undefined,
);
const trace = readPacked(file);
const choice = library.choosePolicy(call);
const settings = {
  ...choice,
  // Roomy: what is measured is allocation, not refusal.
  heap: choice.policy.growable === false ? 3 * trace.peakLiveBytes + (1 << 20) : ("grow" as const),
  record: false,
  kernel,
  metrics: metrics === "exact",
};
let refusals = 0;
const outcome = measure(trace, Number(budget), () => {
  const replay = new library.Replay(settings);
  return (from, to) => {
    replay.feed(chunkOf(trace, from, to));
    ({ refusals } = replay.meter);
  };
});
const printed: Measured = refusals > 0 ? { skipped: `it refused ${refusals} requests` } : outcome;
process.stdout.write(JSON.stringify(printed));
