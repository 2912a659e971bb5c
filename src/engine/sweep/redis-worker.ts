/** Takes jobs off the queue and does them in threads, so that the lock of each is kept alive however long it takes. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { policyFile } from "../load-policy.ts";
import type { Outcome } from "./engine.ts";
import type { PlannedJob } from "./plan.ts";
import type { Errand } from "./redis.ts";
import { connectionTo, loadBullmq, queueName } from "./redis-connection.ts";
import { Threads } from "./threads.ts";

export interface WorkerSettings {
  readonly url: string;
  /** Of Heapscape. */
  readonly version: string;
  readonly threads: number;
  /** Where files are looked for by their names, before where the sweep has them. */
  readonly files?: string;
  /** Milliseconds after which a job goes to another worker, if nothing was heard of this one. Default 30000. */
  readonly lock?: number;
  /** Hears of each job that was done. */
  readonly did?: (outcome: Outcome) => void;
}

/** Times that a job may lose its worker, before it is the job that is at fault. */
const MOST_LOST = 2;

/** Works until it is closed, which waits for the jobs at hand. */
export async function workOn(settings: WorkerSettings): Promise<{ close(): Promise<void> }> {
  const { url, version, lock = 30_000, did } = settings;
  const { Worker } = await loadBullmq();
  const connection = await connectionTo(url);
  const threads = new Threads({ threads: settings.threads });
  const worker = new Worker<Errand, Outcome>(
    queueName(version),
    async ({ data }) => {
      const outcome = await doErrand(threads, data, settings.files);
      did?.(outcome);
      return outcome;
    },
    {
      connection,
      concurrency: settings.threads,
      lockDuration: lock,
      stalledInterval: lock,
      maxStalledCount: MOST_LOST,
    },
  );
  worker.on("error", () => {}); // it connects again, and what it was doing comes back to somebody
  await worker.waitUntilReady();
  return {
    async close() {
      await worker.close();
      await threads.close();
    },
  };
}

/** Does the job on the files that are here, and speaks of them as the sweep does. */
async function doErrand(threads: Threads, { job, inputUri, policyUri, timeout }: Errand, files?: string) {
  const here: PlannedJob = {
    ...job,
    ...(inputUri && { input: find(inputUri, files) }),
    ...(policyUri && { policy: callOf(find(policyUri, files), job.policy) }),
  };
  const outcome = await threads.do(here, timeout);
  if ("cell" in outcome) return { ...outcome, cell: { ...outcome.cell, input: job.input } };
  const { input, policy } = job;
  const message = outcome.failure.message.replaceAll(here.input, input).replaceAll(here.policy, policy);
  return { ...outcome, failure: { ...outcome.failure, input, policy, message } };
}

function find(uri: string, files?: string): string {
  const path = fileURLToPath(uri);
  const own = files === undefined ? path : join(files, basename(path));
  return existsSync(own) ? own : path;
}

function callOf(file: string, policy: string): string {
  const options = policyFile(policy)?.options;
  return options ? `${file}:${options}` : file;
}
