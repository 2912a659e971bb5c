import type { Command } from "commander";
import { writeWhole } from "../engine/files.ts";
import { checkInput } from "../engine/inputs.ts";
import { loadPolicy } from "../engine/load-policy.ts";
import { cells, type Job, runCells } from "../engine/run-cells.ts";
import { isScenario, readScenarioFile } from "../engine/scenario-file.ts";
import type { Reporter } from "../report/reporter.ts";
import { reporterNamed } from "../report/reporters.ts";
import { exits } from "./exits.ts";
import { manifest } from "./manifest.ts";
import { paintFor, plain } from "./paint.ts";
import { collect, parseHeaps, parseSeed } from "./parse.ts";
import { progressLine } from "./progress.ts";

interface RunOptions {
  readonly policy?: string[];
  readonly heap?: string[];
  readonly seed?: number;
  readonly from?: string;
  readonly reporter?: string[];
}

/** A reporter and where it writes; to stdout where there is no file. */
interface Output {
  readonly reporter: Reporter;
  readonly file?: string;
}

export function runCommand(program: Command): void {
  program
    .command("run")
    .description("replay traces through policies and report what became of the heap")
    .argument("<input...>", "trace file, scenario file (.json), or workload:NAME[:key=value,...]")
    .option("-a, --policy <policy>", "NAME[:key=value,...] or a file ./mine.ts; may be repeated", collect)
    .option(
      "--heap <heaps>",
      "SIZE, grow, or 1.5x[,2x...] the trace's peak live bytes (default: grow)",
      parseHeaps,
    )
    .option("--seed <number>", "for workloads (default: 1)", parseSeed)
    .option("--from <event>", "event or phase from which the metrics count; the replay is of the whole trace")
    .option("--reporter <name>", "NAME[=FILE], text or json; may be repeated (default: text)", collect)
    .action(run);
}

async function run(inputs: string[], options: RunOptions): Promise<void> {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  const jobs: Job[] = [];
  for (const input of inputs) jobs.push(...(await jobsOf(input, options)));

  const progress = progressLine();
  const result = await runCells(jobs, {
    progress: (i, share) => {
      const { policy, input } = jobs[i];
      progress.show(`${i + 1}/${jobs.length} ${Math.floor(100 * share)}% ${policy} on ${input}`);
    },
  });
  progress.clear();

  const { version } = manifest;
  for (const { reporter, file } of outputs) {
    if (file !== undefined) writeWhole(file, [reporter.write(result, { version, paint: plain })]);
    else process.stdout.write(reporter.write(result, { version, paint: paintFor(process.stdout) }));
  }
  for (const { message, input } of result.failures) process.stderr.write(`heapscape: ${input}: ${message}\n`);
  if (result.failures.length > 0) process.exitCode = exits.incomplete;
}

/** A scenario's own policies, heap and seed hold where the command line gives none. Everything is checked first. */
async function jobsOf(input: string, { policy, heap, seed, from }: RunOptions): Promise<Job[]> {
  const scenario = isScenario(input) ? await readScenarioFile(input) : undefined;
  const policies = policy ?? scenario?.policies;
  if (!policies)
    throw new Error("no policy is given; name one with -a POLICY (see: heapscape list policies)");
  for (const each of policies) await loadPolicy(each);
  const inputs = scenario?.inputs ?? [input];
  for (const each of inputs) checkInput(each);
  const heaps = heap ?? [scenario?.heap ?? "grow"];
  return cells(inputs, policies, heaps, seed ?? scenario?.seed).map((job) => ({
    ...job,
    ...(from && { from }),
  }));
}

function outputsOf(calls: readonly string[]): Output[] {
  const outputs = calls.map((call): Output => {
    const equals = call.indexOf("=");
    if (equals < 0) return { reporter: reporterNamed(call) };
    const file = call.slice(equals + 1);
    if (file === "") throw new Error(`reporter "${call}" names no file`);
    return { reporter: reporterNamed(call.slice(0, equals)), file };
  });
  const [, other] = outputs.filter(({ file }) => file === undefined);
  if (other)
    throw new Error(`two reporters would write to stdout; give one a file: ${other.reporter.name}=FILE`);
  const files = outputs.flatMap(({ file }) => file ?? []);
  if (new Set(files).size < files.length) throw new Error("two reporters would write to the same file");
  return outputs;
}
