/**
 * Jobs on a queue in Redis or Valkey, for as many machines as run `heapscape worker`. The queue is BullMQ's; a job's id is
 * the plan's, so that what was done stays done: kept results are taken, and jobs that somebody else has asked for as well
 * are done once. What Redis forgets, because it was started anew without a disk, is asked for again.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Queue, Job as QueuedJob } from "bullmq";
import { isWorkload } from "../inputs.ts";
import { policyFile } from "../load-policy.ts";
import { failedWith } from "./do-job.ts";
import type { Engine, EngineSettings, Outcome } from "./engine.ts";
import type { PlannedJob } from "./plan.ts";
import { connectionTo, loadBullmq, queueName } from "./redis-connection.ts";

/** What lies on the queue: names as they were asked for, and where their files are. */
export interface Errand {
  readonly job: PlannedJob;
  readonly inputUri?: string;
  readonly policyUri?: string;
  /** Seconds after which the worker ends it. */
  readonly timeout?: number;
}

export interface RedisSettings {
  readonly url: string;
  /** Of Heapscape: workers of another one do not see the jobs. */
  readonly version: string;
  /** Milliseconds after which it is looked whether anything was missed. Default 5000. */
  readonly lookAfter?: number;
  /** Seconds that a job may take; by default as many as it wants. */
  readonly timeout?: number;
  /** Hears in a sentence what there is to wait for. */
  readonly tell?: (message: string) => void;
}

/** Seconds that results stay in Redis: a week. */
const KEPT = 7 * 24 * 3600;
/** Milliseconds that Redis has to answer, where the sweep ends and it may be away. */
const PATIENCE = 1000;
/** Jobs that go over the wire at once. */
const BATCH = 200;

export function onRedis(settings: RedisSettings): Engine {
  const sessions = new Set<Promise<Session>>();
  return {
    async run(jobs, engineSettings) {
      engineSettings.signal?.throwIfAborted();
      if (jobs.length === 0) return;
      const opening = Session.open(settings, jobs, engineSettings);
      sessions.add(opening);
      const session = await opening;
      try {
        await session.done();
      } finally {
        sessions.delete(opening);
        await session.close();
      }
    },
    async close() {
      for (const session of sessions) await (await session).close();
    },
  };
}

/** One run: its jobs, until each has come back. */
class Session {
  private readonly pending: Map<string, PlannedJob>;
  private readonly settings: EngineSettings;
  private readonly queue: Queue<Errand, Outcome>;
  private readonly cancel: () => void;
  private readonly closing: () => Promise<unknown>;
  private readonly timeout: number | undefined;
  /** Whoever calls it first says why: an error, or nothing, when all is done. */
  private ended!: (why?: { readonly reason: unknown }) => void;
  private readonly end = new Promise<{ readonly reason: unknown } | undefined>((resolve) => {
    this.ended = resolve;
  });
  private over = false;

  static async open(
    { url, version, lookAfter = 5000, timeout, tell }: RedisSettings,
    jobs: readonly PlannedJob[],
    settings: EngineSettings,
  ): Promise<Session> {
    const { Queue, QueueEvents } = await loadBullmq();
    const connection = await connectionTo(url);
    const queue = new Queue<Errand, Outcome>(queueName(version), { connection });
    const events = new QueueEvents(queueName(version), { connection });
    // They connect again by themselves.
    queue.on("error", () => {});
    events.on("error", () => {});
    await events.waitUntilReady();
    queue.once("ioredis:close", () =>
      tell?.(`the connection to ${url} was lost; the sweep goes on when it is back`),
    );
    const session = new Session(queue, jobs, settings, timeout, async () => {
      clearInterval(looking);
      if (await soon(Promise.allSettled([events.close(), queue.close()]))) return;
      await soon(Promise.allSettled([events.disconnect(), queue.disconnect()]));
    });
    events.on("completed", ({ jobId }) => session.look([jobId]));
    events.on("failed", ({ jobId }) => session.look([jobId]));
    const looking = setInterval(() => session.look([...session.pending.keys()]), lookAfter);
    const submitted = async (): Promise<void> => {
      await session.submit(jobs);
      if ((await queue.getWorkersCount()) === 0)
        tell?.(`nobody works on it yet; on each machine run: heapscape worker --redis ${url}`);
    };
    try {
      await Promise.race([submitted(), session.end]);
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  }

  private constructor(
    queue: Queue<Errand, Outcome>,
    jobs: readonly PlannedJob[],
    settings: EngineSettings,
    timeout: number | undefined,
    closing: () => Promise<unknown>,
  ) {
    this.queue = queue;
    this.pending = new Map(jobs.map((job) => [job.id, job]));
    this.settings = settings;
    this.timeout = timeout;
    this.closing = closing;
    const { signal } = settings;
    this.cancel = () => this.finish({ reason: signal!.reason });
    signal?.addEventListener("abort", this.cancel, { once: true });
    if (signal?.aborted) this.cancel();
  }

  private finish(why?: { readonly reason: unknown }): void {
    this.over = true;
    this.ended(why);
  }

  /**
   * When all are done; throws the signal's reason, or what was thrown at an outcome, when what nobody has begun is off the
   * queue. Where Redis is away it stays there.
   */
  async done(): Promise<void> {
    const why = await this.end;
    this.settings.signal?.removeEventListener("abort", this.cancel);
    if (!why) return;
    await soon(this.remove().catch(() => {}));
    throw why.reason;
  }

  private async remove(): Promise<void> {
    for (const batch of batches([...this.pending.keys()]))
      await Promise.all(batch.map((id) => this.queue.remove(id)));
  }

  async close(): Promise<void> {
    await this.closing();
  }

  /** What failed before is done again; what came to a figure is not. */
  private async submit(jobs: readonly PlannedJob[]): Promise<void> {
    for (const batch of batches(jobs)) {
      const kept = await Promise.all(batch.map(({ id }) => this.queue.getJob(id)));
      await Promise.all(kept.map((job) => (job && failureOf(job) ? job.remove() : undefined)));
      await this.queue.addBulk(batch.map((job) => toQueue(job, this.timeout)));
    }
    await this.look(jobs.map(({ id }) => id));
  }

  /** Takes what has come back, and asks again for what is gone. Jobs of others are let be. */
  private async look(ids: readonly string[]): Promise<void> {
    const own = ids.filter((id) => this.pending.has(id));
    for (const batch of batches(own)) {
      let found: readonly (QueuedJob<Errand, Outcome> | undefined)[];
      try {
        found = await this.find(batch);
      } catch {
        return; // Redis is away, or this is being closed: it is looked again.
      }
      for (const job of found) if (job) this.take(job);
    }
  }

  private async find(ids: readonly string[]) {
    if (this.over) return [];
    const found = await Promise.all(ids.map((id) => this.queue.getJob(id)));
    const gone = ids.filter((id, i) => !found[i] && this.pending.has(id) && !this.over);
    await this.queue.addBulk(gone.map((id) => toQueue(this.pending.get(id)!, this.timeout)));
    return found;
  }

  private take(queued: QueuedJob<Errand, Outcome>): void {
    const job = this.pending.get(queued.id!);
    const outcome = queued.finishedOn === undefined ? undefined : (queued.returnvalue ?? failureOf(queued));
    if (!job || !outcome || this.over) return;
    this.pending.delete(job.id);
    try {
      this.settings.took(outcome);
    } catch (error) {
      this.finish({ reason: error });
    }
    if (this.pending.size === 0) this.finish();
  }
}

/** What a job on the queue failed of: itself, or a worker that was lost with it too often. */
function failureOf({ finishedOn, returnvalue, failedReason, data }: QueuedJob<Errand, Outcome>) {
  if (finishedOn === undefined) return undefined;
  if (returnvalue) return "failure" in returnvalue ? returnvalue : undefined;
  const stalled = /stalled/.test(failedReason ?? "");
  const why = stalled ? "its worker was lost each time that it was tried" : failedReason;
  return failedWith(data.job, `${data.job.policy}: ${why}`);
}

/** Whether it was settled within PATIENCE. */
async function soon(work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function toQueue(job: PlannedJob, timeout?: number) {
  const file = policyFile(job.policy)?.file;
  const errand: Errand = {
    job,
    ...(!isWorkload(job.input) && { inputUri: uriOf(job.input) }),
    ...(file !== undefined && { policyUri: uriOf(file) }),
    ...(timeout !== undefined && { timeout }),
  };
  return {
    name: "cell",
    data: errand,
    opts: { jobId: job.id, removeOnComplete: { age: KEPT }, removeOnFail: { age: KEPT } },
  };
}

const uriOf = (file: string): string => pathToFileURL(resolve(file)).href;

function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let from = 0; from < all.length; from += BATCH) yield all.slice(from, from + BATCH);
}
