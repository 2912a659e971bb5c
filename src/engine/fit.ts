/** The smallest heap for a trace and a policy: replays on one heap after another, each to its first refusal. */
import { setImmediate } from "node:timers/promises";
import { OptionError } from "../options/options.ts";
import { formatSize } from "../options/size.ts";
import { type Choice, formatChoice } from "../replay/policies.ts";
import { PolicyError, Replay } from "../replay/replay.ts";
import { SpaceError } from "../space/space.ts";
import type { ReadOptions } from "../traces/read-trace.ts";
import { type Chunk, slice, type Trace } from "../traces/trace.ts";
import { readInput } from "./inputs.ts";
import { kernelModule } from "./kernel-module.ts";
import { loadPolicy } from "./load-policy.ts";
import type { Cell, Failure, Result } from "./result.ts";
import { blame } from "./run-cell.ts";
import { type Job, runCells } from "./run-cells.ts";
import { type Found, smallestHeap } from "./smallest-heap.ts";

export interface FitJob extends Omit<Job, "heap" | "from" | "repeat"> {
  /** Bytes between two heaps that are told apart: a multiple of the policy's own granule, which it is by default. */
  readonly granule?: number;
}

export interface FitSettings {
  /** The search ends with its reason. */
  readonly signal?: AbortSignal;
  /** Job `index` is at its probe `probe`, counted from 1, of a heap of `heap` bytes. */
  readonly progress?: (index: number, probe: number, heap: number) => void;
  /** An input has been read. */
  readonly opened?: (trace: Trace) => void;
}

/** Heaps of up to so many times what lives at most are tried, and of LARGEST bytes. */
const MOST_TIMES = 64;
const LARGEST = 1024 * 1024;
/** The smallest heap that a run takes. */
const LEAST = 16;
/** Events after which it is asked whether something was refused. */
const PIECE = 8192;

/** Each job's cell is the run on the smallest heap, with what was found out as its `fit`. */
export async function fitCells(jobs: readonly FitJob[], settings: FitSettings = {}): Promise<Result> {
  const { signal, progress, opened } = settings;
  const done: Cell[] = [];
  const failures: Failure[] = [];
  let held: { readonly of: FitJob; readonly trace: Trace } | undefined;
  for (const job of jobs) await granuleOf(job, await loadPolicy(job.policy));
  for (const [index, job] of jobs.entries()) {
    if (held?.of.input !== job.input || held.of.seed !== job.seed) {
      held = undefined; // one trace at a time in memory
      held = { of: job, trace: await readInput(job.input, job.seed, readingOf(job, signal)) };
      opened?.(held.trace);
    }
    const tell = (probe: number, heap: number) => progress?.(index, probe, heap);
    const outcome = await fitCell(job, held.trace, tell, signal);
    if ("message" in outcome) failures.push(outcome);
    else done.push(outcome);
  }
  return { cells: done, failures };
}

const readingOf = ({ strict, maxBytes }: FitJob, signal?: AbortSignal): ReadOptions => ({
  strict,
  maxBytes,
  signal,
});

function granuleOf({ granule, policy: called }: FitJob, { policy, options }: Choice): number {
  const own = policy.granule(options);
  if (granule === undefined) return own;
  if (granule > 0 && granule % own === 0) return granule;
  throw new OptionError(
    `${called}: the granule is ${granule} bytes; it must be a multiple of the policy's own, ${own}`,
  );
}

async function fitCell(
  job: FitJob,
  trace: Trace,
  progress: (probe: number, heap: number) => void,
  signal?: AbortSignal,
): Promise<Cell | Failure> {
  const choice = await loadPolicy(job.policy);
  const granule = granuleOf(job, choice);
  // What a trace with references has not freed may have been collected.
  const lives = trace.graph ? 0 : trace.peakLiveBytes;
  const reach = 0x7fffffff * choice.policy.granule(choice.options);
  const least = Math.max(1, Math.ceil(Math.max(LEAST, lives) / granule));
  const largest = Math.min(reach, Math.max(LARGEST, MOST_TIMES * trace.peakLiveBytes));
  const most = Math.max(least, Math.floor(largest / granule));
  let probe = 0;
  let why = "";
  const willDo = async (granules: number): Promise<boolean> => {
    progress(++probe, granules * granule);
    why = await refusal(choice, trace, granules * granule, signal);
    return why === "";
  };
  let found: Found | undefined;
  try {
    found = await smallestHeap(willDo, least, most);
  } catch (error) {
    if (!(error instanceof PolicyError || error instanceof SpaceError)) throw error;
    return { input: job.input, policy: job.policy, heap: most * granule, message: blame(error, job, choice) };
  }
  if (!found) {
    const message = `${formatChoice(choice)}: no heap of up to ${formatSize(most * granule)} will do: ${why}`;
    return { input: job.input, policy: job.policy, heap: most * granule, message };
  }
  const { smallest, safe, probes } = found;
  const { granule: _, ...run } = job;
  const { cells, failures } = await runCells([{ ...run, heap: String(smallest * granule) }], {
    ...(signal && { signal }),
  });
  if (cells.length === 0) return failures[0];
  const fit = { granule, probes, ...(safe !== undefined && { safeHeap: safe * granule }) };
  return { ...cells[0], fit: { ...fit, overLive: (smallest * granule) / Math.max(1, trace.peakLiveBytes) } };
}

/** What is the first thing that is refused on a heap of so many bytes, in words; "" for nothing. */
async function refusal(choice: Choice, trace: Trace, heap: number, signal?: AbortSignal): Promise<string> {
  let replay: Replay;
  try {
    replay = new Replay({ ...choice, heap, record: false, metrics: false, kernel: kernelModule() });
    replay.prepare(trace);
  } catch (error) {
    if (error instanceof OptionError) return error.message;
    throw error;
  }
  for (const piece of pieces(trace)) {
    replay.feed(piece);
    await setImmediate(); // Ctrl-C is heard between pieces
    signal?.throwIfAborted();
    const first = replay.meter.firstRefusal;
    if (first) return `event ${first.event} asks for ${first.bytes} bytes (${first.kind})`;
  }
  return "";
}

function* pieces({ chunks }: Trace): Generator<Chunk> {
  for (const chunk of chunks)
    for (let from = 0; from < chunk.events; from += PIECE)
      yield slice(chunk, from, Math.min(from + PIECE, chunk.events));
}
