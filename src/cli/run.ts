import type { Command } from "commander";
import { checkInput } from "../engine/inputs.ts";
import { loadPolicy } from "../engine/load-policy.ts";
import type { Result } from "../engine/result.ts";
import { cells, type Job, runCells } from "../engine/run-cells.ts";
import { isScenario, readScenarioFile } from "../engine/scenario-file.ts";
import { MOST_EVENTS, MOST_ROUNDS } from "../traces/repeat.ts";
import { exits } from "./exits.ts";
import { checkOutputs, outputsOf, REPORTER_HELP, wantHistory, writeOutputs } from "./outputs.ts";
import { collect, parseHeaps, parseRepeat, parseSeed } from "./parse.ts";
import { progressLine } from "./progress.ts";
import { fidelityOf, type ReadingOptions, withReading } from "./reading.ts";

interface RunOptions extends ReadingOptions {
  readonly policy?: string[];
  readonly heap?: string[];
  readonly seed?: number;
  readonly from?: string;
  readonly repeat?: number | "until-refused";
  readonly verify?: true;
  readonly reporter?: string[];
}

export function runCommand(program: Command): void {
  withReading(program.command("run"))
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
    .option(
      "--repeat <rounds>",
      "replay the trace N times on one heap, where what is live at the end of a round stays live, or until-refused: " +
        `to the end of the round in which a request is first refused, of at most ${MOST_ROUNDS} rounds and ` +
        `${MOST_EVENTS} events; a heap of 1.5x is a multiple of one round's peak`,
      parseRepeat,
    )
    .option(
      "--verify",
      "walk and check the space and the policy's own structures, about 1000 times and after the last event; and compare " +
        "the addresses that a trace has recorded with the policy's",
    )
    .option("--reporter <name>", REPORTER_HELP, collect)
    .action(run);
}

async function run(inputs: string[], options: RunOptions): Promise<void> {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  const jobs: Job[] = [];
  for (const input of inputs) jobs.push(...(await jobsOf(input, options)));
  checkOutputs(outputs, inputs, jobs);

  const progress = progressLine();
  const result = await runCells(jobs, {
    history: wantHistory(outputs),
    progress: (i, share, round) => {
      const { policy, input } = jobs[i];
      const within = round === undefined ? "" : `round ${round} `;
      progress.show(`${i + 1}/${jobs.length} ${within}${Math.floor(100 * share)}% ${policy} on ${input}`);
    },
    opened: (trace) => {
      if (trace.fidelity === "exact" && trace.anomalies.length === 0) return;
      progress.clear();
      process.stderr.write(fidelityOf(trace));
    },
  });
  progress.clear();

  writeOutputs(outputs, result);
  tell(result);
  if (result.failures.length > 0) process.exitCode = exits.incomplete;
}

function tell({ cells, failures }: Result): void {
  for (const { input, called, heap, repeat } of cells) {
    if (!repeat?.capped) continue;
    const hint = heap === "grow" ? "; the heap grows, give it a size with --heap" : "";
    process.stderr.write(
      `heapscape: ${input}: ${called}: nothing was refused in ${repeat.rounds} rounds, the most that are run${hint}\n`,
    );
  }
  for (const { message, input } of failures) process.stderr.write(`heapscape: ${input}: ${message}\n`);
}

/** A scenario's own policies, heap and seed hold where the command line gives none. Everything is checked first. */
async function jobsOf(input: string, options: RunOptions): Promise<Job[]> {
  const { policy, heap, seed, from, repeat, verify, strict, maxBytes } = options;
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
    ...(repeat && { repeat }),
    ...(verify && { verify }),
    ...(strict && { strict }),
    ...(maxBytes !== undefined && { maxBytes }),
  }));
}
