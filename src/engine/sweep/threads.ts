/** Jobs in threads of this machine, one at a time in each; a thread that a job takes down is replaced. */
import { Tinypool } from "tinypool";
import { built } from "../built.ts";
import { failedWith } from "./do-job.ts";
import type { Engine, Outcome } from "./engine.ts";
import type { PlannedJob } from "./plan.ts";

export interface ThreadSettings {
  /** How many. */
  readonly threads: number;
  /** MiB that V8 may take in each for objects (traces and heaps are typed arrays beside them); by default V8's own limit. */
  readonly objectMiB?: number;
}

/** Threads that wait for jobs. */
export class Threads {
  private readonly pool: Tinypool;

  constructor({ threads, objectMiB }: ThreadSettings) {
    this.pool = new Tinypool({
      filename: built("./sweep/thread.js"),
      minThreads: threads,
      maxThreads: threads,
      ...(objectMiB !== undefined && { resourceLimits: { maxOldGenerationSizeMb: objectMiB } }),
    });
    // A thread that dies between two jobs, of what one of them left behind, is replaced like any other.
    this.pool.on("error", () => {});
  }

  /** Does the job as soon as a thread is free. Throws only when the threads are closed. */
  async do(job: PlannedJob): Promise<Outcome> {
    try {
      return await this.pool.run(job);
    } catch (error) {
      if (this.closing) throw error;
      return failedWith(job, `${job.policy}: ${lastWords(error as NodeJS.ErrnoException)}`);
    }
  }

  private closing: Promise<void> | undefined;

  /** Ends the threads, whatever they do. */
  close(): Promise<void> {
    this.closing ??= this.pool.destroy();
    return this.closing;
  }
}

export function inThreads(settings: ThreadSettings): Engine {
  let threads: Threads | undefined;
  return {
    async run(jobs, { took, signal }) {
      signal?.throwIfAborted();
      const own = (threads ??= new Threads(settings));
      const over = new AbortController();
      const cancelled = new Promise<never>((_, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true, signal: over.signal }),
      );
      const all = Promise.all(
        jobs.map(async (job) => {
          const outcome = await own.do(job);
          if (!signal?.aborted) took(outcome);
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
