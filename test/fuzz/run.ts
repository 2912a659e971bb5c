/** `npm run fuzz:importers [-- --inputs N --seed S --only NAME --from I]`: 100,000 changed inputs for each importer. */
import { parseArgs } from "node:util";
import { fuzz, targets } from "./importers.ts";

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    only: { type: "string" },
  },
});
/** Bytes that the process may hold after any thousand inputs. */
const MOST_MEMORY = 1 << 30;
const STEP = 1000;

const from = Number(values.from);
const to = from + Number(values.inputs);
for (const target of await targets()) {
  if (values.only !== undefined && target.name !== values.only) continue;
  const start = performance.now();
  let [read, refused, slowest, slowestInput, memory] = [0, 0, 0, 0, 0];
  for (let at = from; at < to; at += STEP) {
    const outcome = await fuzz(target, Number(values.seed), at, Math.min(to, at + STEP));
    read += outcome.read;
    refused += outcome.refused;
    if (outcome.slowest > slowest) [slowest, slowestInput] = [outcome.slowest, outcome.slowestInput];
    const { rss } = process.memoryUsage();
    memory = Math.max(memory, rss);
    if (rss > MOST_MEMORY) throw new Error(`${target.name}: ${rss} bytes are held after input ${at + STEP}`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(
    `${target.name}: ${read} read, ${refused} refused in ${seconds} s; slowest ${slowest.toFixed(1)} ms (input ${slowestInput}); at most ${Math.round(memory / 2 ** 20)} MiB\n`,
  );
}
