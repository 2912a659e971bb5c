import { once } from "node:events";
import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { inCells } from "../engine/sweep/plan.ts";
import { workOn } from "../engine/sweep/redis-worker.ts";
import { exits } from "./exits.ts";
import { interrupted } from "./interrupted.ts";
import { manifest } from "./manifest.ts";
import { parseCount } from "./parse.ts";
import { progressLine } from "./progress.ts";

interface WorkerOptions {
  readonly redis: string;
  readonly jobs: number;
  readonly files?: string;
  readonly lock?: number;
}

export function workerCommand(program: Command): void {
  program
    .command("worker")
    .description(
      "do the replays of sweeps on a queue, until Ctrl-C: then those at hand are done first, and once more at once",
    )
    .requiredOption("--redis <url>", "redis://HOST:PORT, of Redis or Valkey")
    .option("--jobs <number>", "threads", parseCount("the number of jobs"), availableParallelism())
    .option(
      "--files <folder>",
      "where traces and policies are found by their names, before where the sweep has them",
    )
    .option(
      "--lock <milliseconds>",
      "after which a job goes to another worker, if nothing is heard of this one (default: 30000)",
      parseCount("the lock"),
    )
    .action(work);
}

async function work({ redis: url, jobs: threads, files, lock }: WorkerOptions): Promise<void> {
  const signal = interrupted();
  const progress = progressLine();
  let done = 0;
  const worker = await workOn({
    url,
    version: manifest.version,
    threads,
    ...(files !== undefined && { files }),
    ...(lock !== undefined && { lock }),
    did: () => progress.show(`${++done} cells done`),
  });
  process.stderr.write(
    `heapscape: connected to ${new URL(url).host}; does ${threads} at a time, until Ctrl-C\n`,
  );
  if (!signal.aborted) await once(signal, "abort");
  progress.clear();
  await worker.close();
  process.stderr.write(`heapscape: did ${inCells(done)}\n`);
  process.exitCode = exits.interrupted;
}
