import type { Command } from "commander";
import { type FitJob, fitCells } from "../engine/fit.ts";
import { checkInput } from "../engine/inputs.ts";
import { loadPolicy } from "../engine/load-policy.ts";
import { formatSize } from "../options/size.ts";
import { exits } from "./exits.ts";
import { checkOutputs, outputsOf, REPORTER_HELP, writeOutputs } from "./outputs.ts";
import { collect, parseGranule, parseSeed } from "./parse.ts";
import { progressLine } from "./progress.ts";
import { fidelityOf, type ReadingOptions, withReading } from "./reading.ts";

interface FitOptions extends ReadingOptions {
  readonly policy: string[];
  readonly granule?: number;
  readonly seed: number;
  readonly reporter?: string[];
}

export function fitCommand(program: Command): void {
  withReading(program.command("fit"))
    .description("find the smallest heap in which a policy refuses nothing of a trace")
    .argument("<input...>", "trace file, or workload:NAME[:key=value,...]")
    .requiredOption(
      "-a, --policy <policy>",
      "NAME[:key=value,...] or a file ./mine.ts; may be repeated",
      collect,
    )
    .option("--granule <size>", "heaps are multiples of it (default: the policy's own granule)", parseGranule)
    .option("--seed <number>", "for workloads", parseSeed, 1)
    .option("--reporter <name>", REPORTER_HELP, collect)
    .action(fit);
}

async function fit(inputs: string[], options: FitOptions): Promise<void> {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  const { policy: policies, granule, seed, strict, maxBytes } = options;
  for (const policy of policies) await loadPolicy(policy);
  for (const input of inputs) checkInput(input);
  const jobs = inputs.flatMap((input) =>
    policies.map(
      (policy): FitJob => ({
        input,
        seed,
        policy,
        ...(granule !== undefined && { granule }),
        ...(strict && { strict }),
        ...(maxBytes !== undefined && { maxBytes }),
      }),
    ),
  );
  checkOutputs(outputs, inputs, jobs);
  const progress = progressLine();
  const result = await fitCells(jobs, {
    progress: (i, probe, heap) => {
      const { policy, input } = jobs[i];
      progress.show(`${i + 1}/${jobs.length} probe ${probe}: ${formatSize(heap)} ${policy} on ${input}`);
    },
    opened: (trace) => {
      if (trace.fidelity === "exact" && trace.anomalies.length === 0) return;
      progress.clear();
      process.stderr.write(fidelityOf(trace));
    },
  });
  progress.clear();
  writeOutputs(outputs, result);
  for (const { message, input } of result.failures) process.stderr.write(`heapscape: ${input}: ${message}\n`);
  if (result.failures.length > 0) process.exitCode = exits.incomplete;
}
