import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import type { Job } from "../engine/run-cell.ts";
import { policyCalls } from "../engine/sweep/calls.ts";
import type { Engine } from "../engine/sweep/engine.ts";
import { inProcess } from "../engine/sweep/in-process.ts";
import { Searches } from "../engine/sweep/minimize.ts";
import { inCells, type Plan, planOf } from "../engine/sweep/plan.ts";
import { onRedis } from "../engine/sweep/redis.ts";
import { jobsOfShard, type Shard, Store } from "../engine/sweep/store.ts";
import { sweep } from "../engine/sweep/sweep.ts";
import { inThreads } from "../engine/sweep/threads.ts";
import { parseMinimized } from "../report/minimized.ts";
import { type Axes, parseAxes } from "../report/pareto.ts";
import type { Report } from "../report/reporter.ts";
import { exits } from "./exits.ts";
import { tellFailures } from "./failures.ts";
import { interrupted } from "./interrupted.ts";
import { type JobOptions, jobsOf, withJobs } from "./jobs.ts";
import { leave } from "./leave.ts";
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
  readonly minimize?: string;
  readonly budget?: number;
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
    .option(
      "--minimize <metric>",
      "search each policy's options, by itself, for the least of a metric, such as peakHeapBytes (of one that should be " +
        "high, the most): a local search from the defaults, within the ranges that are given or else declared; " +
        "what is given one value stays",
      parseMinimized,
    )
    .option("--budget <cells>", `most cells of each search (default: ${BUDGET})`, parseCount("the budget"))
    .option("--reporter <name>", REPORTER_HELP, collect)
    .action(run);
}

/** Most cells of a search. */
const BUDGET = 200;

/** What is to be done: of a plan that is known, or of searches. */
interface Work {
  readonly plan: Plan;
  /** How much of it is in the store. */
  readonly done: (store: Store) => string;
  readonly run: (store: Store, engine: Engine, watch: Watch) => Promise<Report>;
}

interface Watch {
  readonly signal: AbortSignal;
  readonly show: (line: string) => void;
}

async function run(inputs: string[], options: SweepOptions): Promise<void> {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  const { shard, out, minimize } = options;
  if (shard && out === undefined) throw new Error("a shard is for merge; say where it goes with -o FOLDER");
  if (shard && minimize) throw new Error("a search has no shards: what it tries depends on what it found");
  if (options.budget !== undefined && !minimize)
    throw new Error("a budget is for a search; name its metric with --minimize METRIC");
  const asked = await jobsOf(inputs, options, minimize ? async (policy) => [policy] : policyCalls);
  checkOutputs(outputs, inputs, asked, out === undefined ? [] : [out]);
  const { plan, done, run } = await (minimize
    ? searching(asked, minimize, options)
    : sweeping(asked, options));
  const signal = interrupted();
  const progress = progressLine();
  const engine = engineOf(options, (message) => {
    progress.clear();
    process.stderr.write(`heapscape: ${message}\n`);
  });
  const store = out === undefined ? new Store() : Store.open(out, plan, shard);
  if (options.retry) store.forgetFailures();
  if (store.outcomes.size > 0) process.stderr.write(`heapscape: ${done(store)} were there already\n`);
  try {
    const report = await run(store, engine, { signal, show: (line) => progress.show(line) });
    progress.clear();
    writeOutputs(outputs, { ...report, ...(options.pareto && { axes: options.pareto }) });
    tellFailures(report);
    // A search that failed here and there has still found what it was asked for.
    if (report.minimized?.searches.every(({ best }) => best)) process.exitCode = exits.fine;
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.clear();
    const kept = out === undefined ? "" : `; they are in ${out}, and the same command goes on`;
    process.stderr.write(`heapscape: interrupted after ${done(store)}${kept}\n`);
    process.exitCode = exits.interrupted;
  } finally {
    store.close();
    await engine.close();
  }
  // The client of a Redis that is away goes on trying, and would keep the process.
  if (process.exitCode === exits.interrupted) leave(exits.interrupted);
}

async function sweeping(asked: readonly Job[], { shard }: SweepOptions): Promise<Work> {
  const plan = await planOf(manifest.version, asked);
  const jobs = shard ? jobsOfShard(plan, shard) : plan.jobs;
  return {
    plan,
    done: ({ outcomes }) => `${jobs.filter(({ id }) => outcomes.has(id)).length} of ${inCells(jobs.length)}`,
    run: (store, engine, { signal, show }) => {
      const eta = estimate();
      const progress = (done: number, all: number, now: number) =>
        show(`${done}/${all} cells${eta(all - done, now)}`);
      return sweep(jobs, store, engine, { signal, progress });
    },
  };
}

async function searching(asked: readonly Job[], metric: string, options: SweepOptions): Promise<Work> {
  const { budget = BUDGET } = options;
  const searches = await Searches.of(manifest.version, asked);
  return {
    plan: searches.plan,
    done: ({ outcomes }) => inCells(outcomes.size),
    run: (store, engine, { signal, show }) => {
      const progress = (index: number, all: number, tried: number) =>
        show(`${all > 1 ? `search ${index + 1}/${all}: ` : ""}${tried} cells of at most ${budget}`);
      return searches.run(store, engine, { metric, budget, signal, progress });
    },
  };
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
