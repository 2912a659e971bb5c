/** Many replays, one after the other in one thread: the place where a pool goes. */
import { setImmediate } from "node:timers/promises";
import { heapBytes } from "../options/heap.ts";
import { OptionError } from "../options/options.ts";
import { type Choice, formatChoice } from "../replay/policies.ts";
import { PolicyError, Replay } from "../replay/replay.ts";
import type { Trace } from "../traces/trace.ts";
import { eventAt, readInput } from "./inputs.ts";
import { loadPolicy, placed, policyFile } from "./load-policy.ts";
import type { Cell, Failure, Result } from "./result.ts";

/** A replay to be done, as text: it can go to another thread or machine as it is. */
export interface Job {
  /** A trace file, or `workload:NAME[:key=value,...]`. */
  readonly input: string;
  /** For workloads. */
  readonly seed: number;
  /** `NAME[:key=value,...]`, or a file. */
  readonly policy: string;
  /** `grow`, a size, or a multiple of peak live bytes. */
  readonly heap: string;
  /** The event or phase from which the metrics count. */
  readonly from?: string;
}

export interface RunSettings {
  /** The run ends with its reason. */
  readonly signal?: AbortSignal;
  /** `share` of job `index` is done, 0 .. 1. */
  readonly progress?: (index: number, share: number) => void;
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

/** Bad input ends the run; a policy that fails costs its own cell only. */
export async function runCells(jobs: readonly Job[], settings: RunSettings = {}): Promise<Result> {
  const { signal, progress } = settings;
  const done: Cell[] = [];
  const failures: Failure[] = [];
  let held: { readonly of: Job; readonly trace: Trace } | undefined;
  for (const [index, job] of jobs.entries()) {
    signal?.throwIfAborted();
    progress?.(index, 0);
    if (held?.of.input !== job.input || held.of.seed !== job.seed) {
      held = undefined; // one trace at a time in memory
      held = { of: job, trace: await readInput(job.input, job.seed, { signal }) };
    }
    const outcome = await runCell(job, held.trace, {
      ...(signal && { signal }),
      progress: (_, share) => progress?.(index, share),
    });
    if ("message" in outcome) failures.push(outcome);
    else done.push(outcome);
  }
  return { cells: done, failures };
}

async function runCell(job: Job, trace: Trace, { signal, progress }: RunSettings): Promise<Cell | Failure> {
  const choice = await loadPolicy(job.policy);
  const { policy, options } = choice;
  const heap = heapBytes(job.heap, trace.peakLiveBytes);
  checkReach(choice, heap);
  const from = job.from === undefined ? 0 : eventAt(job.from, trace);
  let replay: Replay | undefined;
  try {
    replay = new Replay({ policy, options, heap, from, record: false });
    replay.prepare(trace);
    for (const chunk of trace.chunks) {
      replay.feed(chunk);
      await setImmediate(); // Ctrl-C and a closed pipe are heard between chunks
      signal?.throwIfAborted();
      progress?.(0, replay.event / trace.events);
    }
    const { recording, metrics } = replay.finish();
    const firstRefusal = recording.refusals.find(({ event }) => event >= from);
    return {
      input: job.input,
      traceHash: trace.hash,
      policy: policy.name,
      options,
      heap,
      events: recording.events,
      ...(from > 0 && { from }),
      recordingHash: recording.hash,
      metrics,
      called: formatChoice(choice),
      ...(firstRefusal && { firstRefusal }),
    };
  } catch (error) {
    if (signal?.aborted || error instanceof OptionError) throw error;
    return { input: job.input, policy: job.policy, heap, message: blame(error, job, choice, replay) };
  }
}

/** A space reaches 2^31 - 1 granules. */
function checkReach({ policy, options }: Choice, heap: number | "grow"): void {
  const reach = 0x7fffffff * policy.granule(options);
  if (heap !== "grow" && heap > reach)
    throw new OptionError(`a heap of ${heap} bytes is more than policy ${policy.name} reaches, ${reach}`);
}

/** One sentence about what a policy did wrong. */
export function blame(
  error: unknown,
  { policy }: Pick<Job, "policy">,
  choice: Choice,
  replay?: Replay,
): string {
  if (error instanceof PolicyError) return error.message;
  const when = replay ? `event ${replay.event}` : "before the first event";
  return `${formatChoice(choice)}: ${when}: ${placed(error, policyFile(policy)?.file)}`;
}
