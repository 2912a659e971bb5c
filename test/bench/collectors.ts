/**
 * `npm run bench:collectors`: every registered collector on the same trace in a heap of the same size, side by side.
 * The figures are counted, not timed: they are the same on every machine.
 *
 *   --markdown        the table as the README has it
 *   --workload CALL   default binary-trees:depth=12
 *   --heap SIZE       default 2x, of peak live bytes
 *   --seed N          default 1
 */
import { parseArgs } from "node:util";
import { generateTrace } from "../../src/workloads/registry.ts";
import { asMarkdown, asText, collectorRows } from "./collector-table.ts";

const { values } = parseArgs({
  options: {
    markdown: { type: "boolean", default: false },
    workload: { type: "string", default: "binary-trees:depth=12" },
    heap: { type: "string", default: "2x" },
    seed: { type: "string", default: "1" },
  },
});

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};

const trace = generateTrace(values.workload, Number(values.seed));
const { rows, failures } = collectorRows(trace, values.heap, progress);
progress("");
const of = `${values.workload}, seed ${values.seed}, heap ${values.heap}`;
process.stdout.write(values.markdown ? `${asMarkdown(rows)}\n` : `${of}\n\n${asText(rows)}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
