/** A planned job, done here: nothing that its trace or its policy does wrong is thrown. */
import { checkHash } from "../files.ts";
import { HeldTrace } from "../held-trace.ts";
import { policyFile } from "../load-policy.ts";
import type { Failure } from "../result.ts";
import { runCell } from "../run-cell.ts";
import type { Outcome } from "./engine.ts";
import { heapAsAsked, type PlannedJob } from "./plan.ts";

/** Does jobs in one thread. A trace is read once for as long as its jobs come one after another. */
export class JobDoer {
  private readonly traces = new HeldTrace();
  /** Hashes of the policies' files that were loaded: they stay loaded, whatever the files become. */
  private readonly loaded = new Map<string, string>();

  /** Throws the signal's reason, and nothing else. */
  async do(job: PlannedJob, signal?: AbortSignal): Promise<Outcome> {
    try {
      if (job.policyHash) await this.checkPolicy(policyFile(job.policy)!.file, job.policyHash);
      const trace = await this.traces.for(job, signal);
      const outcome = await runCell(job, trace, signal ? { signal } : {});
      return plain("failure" in outcome ? failed(job, outcome.failure) : { id: job.id, cell: outcome });
    } catch (error) {
      signal?.throwIfAborted();
      return failedWith(job, (error as Error).message);
    }
  }

  private async checkPolicy(file: string, hash: string): Promise<void> {
    const loaded = this.loaded.get(file);
    if (loaded === hash) return;
    if (loaded !== undefined)
      throw new Error(`${file}: another version of it is loaded here; start the worker anew`);
    await checkHash(file, hash);
    this.loaded.set(file, hash);
  }
}

const failed = ({ id }: PlannedJob, failure: Failure): Outcome => ({ id, failure });

/** The failure of a job that never came to its replay, or whose replay took its thread with it. */
export const failedWith = (job: PlannedJob, message: string): Outcome =>
  failed(job, {
    input: job.input,
    policy: job.policy,
    heap: heapAsAsked(job),
    message: message.replaceAll(/\s+/g, " "),
  });

/** As it comes back from a file or a queue. */
const plain = (outcome: Outcome): Outcome => JSON.parse(JSON.stringify(outcome));
