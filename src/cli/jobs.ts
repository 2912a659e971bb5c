/** The replays that a command line asks for: inputs x policies x heaps. */
import type { Command } from "commander";
import { checkInput } from "../engine/inputs.ts";
import { cells, type Job } from "../engine/run-cells.ts";
import { isScenario, readScenarioFile } from "../engine/scenario-file.ts";
import { inputCalls, policyCalls } from "../engine/sweep/calls.ts";
import { MOST_EVENTS, MOST_ROUNDS } from "../traces/repeat.ts";
import { collect, parseHeaps, parseRepeat, parseSeed } from "./parse.ts";
import { type ReadingOptions, withReading } from "./reading.ts";

export interface JobOptions extends ReadingOptions {
  readonly policy?: string[];
  readonly heap?: string[];
  readonly seed?: number;
  readonly from?: string;
  readonly repeat?: number | "until-refused";
  readonly verify?: true;
}

/** Adds the inputs and the options. */
export const withJobs = (command: Command): Command =>
  withReading(command)
    .argument("<input...>", "trace file, scenario file (.json), or workload:NAME[:key=value,...]")
    .option(
      "-a, --policy <policy>",
      "NAME[:key=value,...] or a file ./mine.ts; may be repeated. 'key=a|b|c', key=3..6 and 'key=*' are several, " +
        "in a workload's options too",
      collect,
    )
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
        `to the end of the round in which a request is first refused, or until 100 rounds have left the heap as it was, of at most ${MOST_ROUNDS} rounds and ` +
        `${MOST_EVENTS} events; a heap of 1.5x is a multiple of one round's peak`,
      parseRepeat,
    )
    .option(
      "--verify",
      "walk and check the space and the policy's own structures, about 1000 times and after the last event; and compare " +
        "the addresses that a trace has recorded with the policy's",
    );

/** Of all inputs, one after the other. `callsOf` says which calls a policy's stands for. */
export async function jobsOf(
  inputs: readonly string[],
  options: JobOptions,
  callsOf: (policy: string) => Promise<string[]> = policyCalls,
): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const input of inputs) jobs.push(...(await jobsOfInput(input, options, callsOf)));
  return jobs;
}

/** A scenario's own policies, heap and seed hold where the command line gives none. Everything is checked first. */
async function jobsOfInput(
  input: string,
  options: JobOptions,
  callsOf: (policy: string) => Promise<string[]>,
): Promise<Job[]> {
  const { policy, heap, seed, from, repeat, verify, strict, maxBytes } = options;
  const scenario = isScenario(input) ? await readScenarioFile(input) : undefined;
  const policies = policy ?? scenario?.policies;
  if (!policies)
    throw new Error("no policy is given; name one with -a POLICY (see: heapscape list policies)");
  const calls: string[] = [];
  for (const each of policies) calls.push(...(await callsOf(each)));
  const inputs = (scenario?.inputs ?? [input]).flatMap(inputCalls);
  for (const each of inputs) checkInput(each);
  const heaps = heap ?? [scenario?.heap ?? "grow"];
  return cells(inputs, calls, heaps, seed ?? scenario?.seed).map((job) => ({
    ...job,
    ...(from && { from }),
    ...(repeat && { repeat }),
    ...(verify && { verify }),
    ...(strict && { strict }),
    ...(maxBytes !== undefined && { maxBytes }),
  }));
}
