import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import type { Engine } from "../engine/sweep/engine.ts";
import { inProcess } from "../engine/sweep/in-process.ts";
import { inCells, planOf } from "../engine/sweep/plan.ts";
import { onRedis } from "../engine/sweep/redis.ts";
import { jobsOfShard, type Shard, Store } from "../engine/sweep/store.ts";
import { sweep } from "../engine/sweep/sweep.ts";
import { inThreads } from "../engine/sweep/threads.ts";
import { type Axes, parseAxes } from "../report/pareto.ts";
import { exits } from "./exits.ts";
import { tellFailures } from "./failures.ts";
import { interrupted } from "./interrupted.ts";
import { type JobOptions, jobsOf, withJobs } from "./jobs.ts";
import { manifest } from "./manifest.ts";
import { checkOutputs, outputsOf, REPORTER_HELP, writeOutputs } from "./outputs.ts";
import { collect, parseCount, parseShard, parseTimeout } from "./parse.ts";
import { progressLine } from "./progress.ts";

const ENGINES = ["threads", "in-process", "bullmq"] as const;

interface SweepOptions extends JobOptions {
  readonly out?: string;
  readonly jobs: number;
  readonly shard?: Shard;
  readonly retry?: true;
  readonly timeout?: number;
  readonly engine: (typeof ENGINES)[number];
  readonly redis?: string;
  readonly pareto?: Axes;
  readonly reporter?: string[];
}

export function sweepCommand(program: Command): void {
  withJobs(program.command("sweep"))
    .description(
      "replay many traces through many policies, options and heaps, on all processors or many machines",
    )
    .option(
      "-o, --out <folder>",
      "keeps what is done: killed, and started again, a sweep goes on where it was",
    )
    .option("--jobs <number>", "threads", parseCount("the number of jobs"), availableParallelism())
    .option("--shard <i/n>", "only the i-th of n parts, for heapscape merge to put together", parseShard)
    .option("--retry", "do again what failed before")
    .option(
      "--timeout <seconds>",
      "a cell that takes longer is ended, and has failed (default: it may take for ever)",
      parseTimeout,
    )
    .addOption(new Option("--engine <name>", "what does the replays").choices(ENGINES).default("threads"))
    .option("--redis <url>", "redis://HOST:PORT, for the engine bullmq; see heapscape worker")
    .option(
      "--pareto <x,y>",
      "two metrics, such as peakResidentBytes,touchedWords: which cells no other is better than; also --reporter svg=FILE",
      parseAxes,
    )
    .option("--reporter <name>", REPORTER_HELP, collect)
    .action(run);
}

async function run(inputs: string[], options: SweepOptions): Promise<void> {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  if (options.shard && options.out === undefined)
    throw new Error("a shard is for merge; say where it goes with -o FOLDER");
  const asked = await jobsOf(inputs, options);
  checkOutputs(outputs, inputs, asked, options.out === undefined ? [] : [options.out]);
  const plan = await planOf(manifest.version, asked);
  const jobs = options.shard ? jobsOfShard(plan, options.shard) : plan.jobs;
  const signal = interrupted();
  const progress = progressLine();
  const engine = engineOf(options, (message) => {
    progress.clear();
    process.stderr.write(`heapscape: ${message}\n`);
  });
  const store = options.out === undefined ? new Store() : Store.open(options.out, plan, options.shard);
  if (options.retry) store.forgetFailures();
  const before = jobs.filter(({ id }) => store.outcomes.has(id)).length;
  if (before > 0)
    process.stderr.write(`heapscape: ${before} of ${inCells(jobs.length)} were there already\n`);
  const eta = estimate();
  try {
    const result = await sweep(jobs, store, engine, {
      signal,
      progress: (done, all, now) => progress.show(`${done}/${all} cells${eta(all - done, now)}`),
    });
    progress.clear();
    writeOutputs(outputs, { ...result, ...(options.pareto && { axes: options.pareto }) });
    tellFailures(result);
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.clear();
    const done = jobs.filter(({ id }) => store.outcomes.has(id)).length;
    const kept =
      options.out === undefined ? "" : `; they are in ${options.out}, and the same command goes on`;
    process.stderr.write(`heapscape: interrupted after ${done} of ${inCells(jobs.length)}${kept}\n`);
    process.exitCode = exits.interrupted;
  } finally {
    store.close();
    await engine.close();
  }
  // The client of a Redis that is away goes on trying, and would keep the process.
  if (process.exitCode === exits.interrupted) process.exit();
}

function engineOf(
  { engine, jobs, redis: url, timeout }: SweepOptions,
  tell: (message: string) => void,
): Engine {
  const limit = timeout !== undefined && { timeout };
  if (engine === "in-process") {
    if (limit) throw new Error("--timeout ends a thread; the engine in-process has none");
    return inProcess();
  }
  if (engine === "threads") return inThreads({ threads: jobs, ...limit });
  if (url === undefined)
    throw new Error("the engine bullmq wants a queue; name it with --redis redis://HOST:PORT");
  return onRedis({ url, version: manifest.version, tell, ...limit });
}

/** `, 3:05 left`, from how long those took that were done since the beginning. */
function estimate(): (left: number, now: number) => string {
  const start = performance.now();
  return (left, now) => {
    if (now === 0 || left === 0) return "";
    const seconds = Math.round(((performance.now() - start) / now / 1000) * left);
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const two = (n: number): string => String(n).padStart(2, "0");
    return `, ${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)} left`;
  };
}
