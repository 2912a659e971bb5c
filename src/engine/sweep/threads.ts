/** Jobs in threads of this machine, one at a time in each; a thread that a job takes down is replaced. */
import { Tinypool } from "tinypool";
import { built } from "../built.ts";
import { failedWith } from "./do-job.ts";
import type { Engine, Outcome } from "./engine.ts";
import type { PlannedJob } from "./plan.ts";
import { Stretches } from "./stretches.ts";

export interface ThreadSettings {
  /** How many. */
  readonly threads: number;
  /** MiB that V8 may take in each for objects (traces and heaps are typed arrays beside them); by default V8's own limit. */
  readonly objectMiB?: number;
}

type Thread = Tinypool["threads"][number];

/** Threads that wait for jobs. */
export class Threads {
  private readonly pool: Tinypool;
  private free: number;
  /** Jobs that wait for a thread: the pool's own queue does not say when one begins. */
  private readonly waiting: (() => void)[] = [];
  private readonly watched = new WeakSet<Thread>();

  constructor({ threads, objectMiB }: ThreadSettings) {
    this.free = threads;
    this.pool = new Tinypool({
      filename: built("./sweep/thread.js"),
      minThreads: threads,
      maxThreads: threads,
      ...(objectMiB !== undefined && { resourceLimits: { maxOldGenerationSizeMb: objectMiB } }),
    });
    // A thread that dies between two jobs, of what one of them left behind, is replaced like any other.
    this.pool.on("error", () => {});
  }

  /**
   * Does the job as soon as a thread is free; one that takes more than `timeout` seconds, if there is such a limit, has that
   * as its failure. Throws only when the threads are closed.
   */
  async do(job: PlannedJob, timeout?: number): Promise<Outcome> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((go) => this.waiting.push(go));
    const tooLong = new AbortController();
    const timer = timeout !== undefined && setTimeout(() => tooLong.abort(), timeout * 1000);
    try {
      if (this.closing) throw new Error("the threads are closed");
      const outcome = this.pool.run(job, { signal: tooLong.signal });
      this.watch();
      return await outcome;
    } catch (error) {
      if (this.closing) throw error;
      const why = tooLong.signal.aborted
        ? `it was not done after ${timeout} s, and was ended`
        : lastWords(error as NodeJS.ErrnoException);
      return failedWith(job, `${job.policy}: ${why}`);
    } finally {
      if (timer) clearTimeout(timer);
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }

  /** The pool hears of a thread that fails, and not of one that just ends. */
  private watch(): void {
    for (const thread of this.pool.threads) {
      if (this.watched.has(thread)) continue;
      this.watched.add(thread);
      thread.once("exit", () => {
        if (this.pool.threads.includes(thread)) thread.emit("error", new Error("it was ended from within"));
      });
    }
  }

  private closing: Promise<void> | undefined;

  /** Ends the threads, whatever they do. */
  close(): Promise<void> {
    this.closing ??= this.pool.destroy();
    return this.closing;
  }
}

/** `timeout`: seconds that a job may take; by default as many as it wants. */
export function inThreads({ timeout, ...settings }: ThreadSettings & { readonly timeout?: number }): Engine {
  let threads: Threads | undefined;
  return {
    async run(jobs, { took, signal }) {
      signal?.throwIfAborted();
      const own = (threads ??= new Threads(settings));
      const over = new AbortController();
      const cancelled = new Promise<never>((_, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true, signal: over.signal }),
      );
      const stretches = new Stretches(jobs, settings.threads);
      const all = Promise.all(
        Array.from({ length: settings.threads }, async (_, thread) => {
          for (let job = stretches.next(thread); job; job = stretches.next(thread)) {
            const outcome = await own.do(job, timeout);
            if (signal?.aborted) return;
            took(outcome);
          }
        }),
      );
      try {
        await Promise.race([all, cancelled]);
      } catch (error) {
        threads = undefined;
        await own.close();
        await all.catch(() => {});
        throw error;
      } finally {
        over.abort();
      }
    },
    async close() {
      await threads?.close();
      threads = undefined;
    },
  };
}

function lastWords({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return "its thread ran out of memory";
  return `its thread crashed: ${message}`;
}
