import type { Command } from "commander";
import type { Result } from "../engine/result.ts";
import { runCells } from "../engine/run-cells.ts";
import { tellFailures } from "./failures.ts";
import { type JobOptions, jobsOf, withJobs } from "./jobs.ts";
import { checkOutputs, outputsOf, REPORTER_HELP, wantHistory, writeOutputs } from "./outputs.ts";
import { collect } from "./parse.ts";
import { progressLine } from "./progress.ts";
import { fidelityOf } from "./reading.ts";

interface RunOptions extends JobOptions {
  readonly reporter?: string[];
}

export function runCommand(program: Command): void {
  withJobs(program.command("run"))
    .description("replay traces through policies and report what became of the heap")
    .option("--reporter <name>", REPORTER_HELP, collect)
    .action(run);
}

async function run(inputs: string[], options: RunOptions): Promise<void> {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  const jobs = await jobsOf(inputs, options);
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
  tellCapped(result);
  tellFailures(result);
}

function tellCapped({ cells }: Result): void {
  for (const { input, called, heap, repeat } of cells) {
    if (!repeat?.capped) continue;
    const hint = heap === "grow" ? "; the heap grows, give it a size with --heap" : "";
    process.stderr.write(
      `heapscape: ${input}: ${called}: nothing was refused in ${repeat.rounds} rounds, the most that are run${hint}\n`,
    );
  }
}
