/** Many replays, one after the other in one thread. */
import { heapBytes, isMultiple } from "../options/heap.ts";
import { OptionError } from "../options/options.ts";
import type { Trace } from "../traces/trace.ts";
import { HeldTrace } from "./held-trace.ts";
import { loadPolicy } from "./load-policy.ts";
import type { Cell, Failure, Result } from "./result.ts";
import { type Job, newReplay, runCell } from "./run-cell.ts";

export type { Job } from "./run-cell.ts";

export interface RunSettings {
  /** The run ends with its reason. */
  readonly signal?: AbortSignal;
  /** `share` of job `index` is done, 0 .. 1; of its round `round` where nobody knows how many there will be. */
  readonly progress?: (index: number, share: number, round?: number) => void;
  /** An input has been read. */
  readonly opened?: (trace: Trace) => void;
  /** Job `index` came to this. */
  readonly ended?: (index: number, outcome: Cell | Failure) => void;
  /** Cells come with their history, half a megabyte each. */
  readonly history?: boolean;
}

/** All cells of inputs x policies x heaps; the last one varies fastest. */
export function cells(
  inputs: readonly string[],
  policies: readonly string[],
  heaps: readonly string[],
  seed = 1,
): Job[] {
  return inputs.flatMap((input) =>
    policies.flatMap((policy) => heaps.map((heap) => ({ input, seed, policy, heap }))),
  );
}

/**
 * What can be known against a job before its trace is read ends the run before the first replay, and so does an input
 * that cannot be read, whenever. What shows later costs the job's own cell only. Only when `from` is in none of the
 * inputs is that an error as well.
 */
export async function runCells(jobs: readonly Job[], settings: RunSettings = {}): Promise<Result> {
  const { signal, progress, ended, history } = settings;
  await checkJobs(jobs);
  const done: Cell[] = [];
  const failures: Failure[] = [];
  let nowhere = 0;
  let first: OptionError | undefined;
  const traces = new HeldTrace();
  let opened: Trace | undefined;
  for (const [index, job] of jobs.entries()) {
    signal?.throwIfAborted();
    progress?.(index, 0);
    const trace = await traces.for(job, signal);
    if (trace !== opened) settings.opened?.((opened = trace));
    const outcome = await runCell(job, trace, {
      ...(signal && { signal }),
      ...(history && { history }),
      progress: (share, round) => progress?.(index, share, round),
    });
    ended?.(index, "failure" in outcome ? outcome.failure : outcome);
    if ("recordingHash" in outcome) done.push(outcome);
    else {
      failures.push(outcome.failure);
      if (!outcome.nowhere) continue;
      first ??= new OptionError(`${job.input}: ${outcome.nowhere.message}`);
      nowhere++;
    }
  }
  if (first && nowhere === jobs.length) throw first;
  return { cells: done, failures };
}

/** Makes each policy once on each heap whose size is known: their own checks are the best there are. */
async function checkJobs(jobs: readonly Job[]): Promise<void> {
  const checked = new Set<string>();
  for (const { input, policy, heap, repeat } of jobs) {
    const choice = await loadPolicy(policy);
    const cell = `${policy} ${heap} ${repeat}`;
    if (checked.has(cell)) continue;
    checked.add(cell);
    try {
      if (typeof repeat === "number" && !(Number.isInteger(repeat) && repeat >= 1))
        throw new OptionError(`${repeat} is no number of rounds`);
      const bytes = heapBytes(heap, 0);
      if (!isMultiple(heap)) newReplay(choice, bytes);
    } catch (error) {
      if (error instanceof OptionError)
        throw new OptionError(`${input}: ${policy}, heap ${heap}: ${error.message}`);
      // Whatever else a policy does wrong here it does again in its cell, and is blamed for it there.
    }
  }
}
