/** One replay: a trace through a policy on a heap, to a cell. Every command and every engine runs its cells here. */
import { setImmediate } from "node:timers/promises";
import { heapBytes } from "../options/heap.ts";
import { OptionError } from "../options/options.ts";
import { AddressCheck } from "../replay/address-check.ts";
import { digest } from "../replay/digest.ts";
import { type Choice, formatChoice } from "../replay/policies.ts";
import { PolicyError, Replay } from "../replay/replay.ts";
import { SpaceError } from "../space/space.ts";
import type { ReadOptions } from "../traces/read-trace.ts";
import { MOST_EVENTS, MOST_ROUNDS, mostRounds, Rounds } from "../traces/repeat.ts";
import type { Chunk, Trace } from "../traces/trace.ts";
import { readTraceFile } from "./files.ts";
import { eventAt, isSurvey } from "./inputs.ts";
import { kernelModule } from "./kernel-module.ts";
import { Ladder } from "./ladder.ts";
import { loadPolicy, placed, policyFile } from "./load-policy.ts";
import type { Cell, Failure, Repeated } from "./result.ts";

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
  /** Rounds of the trace in one replay, or as many as it takes until a request is refused; see traces/repeat.ts. */
  readonly repeat?: number | "until-refused";
  /**
   * Walk and check everything, space and policy, about WALKS times and after the last event; and compare the addresses
   * that were recorded.
   */
  readonly verify?: boolean;
  /** Anomalies of foreign formats are errors. */
  readonly strict?: boolean;
  /** Most bytes that may come out of a packed file. */
  readonly maxBytes?: number;
  /** Take down prefixes of the recording's hash; without `verify`. */
  readonly ladder?: boolean;
}

export interface CellSettings {
  /** The replay ends with its reason. */
  readonly signal?: AbortSignal;
  /** A share of it is done, 0 .. 1; of its round `round` where nobody knows how many there will be. */
  readonly progress?: (share: number, round?: number) => void;
  /** The cell comes with its history, half a megabyte. */
  readonly history?: boolean;
}

/** Rounds that may leave the heap as the one before did, until no more is expected of the next. */
const PATIENCE = 100;

/** Walks with `verify`, about. */
const WALKS = 1000;

/** How its trace is to be read. */
export const readingOf = ({ strict, maxBytes }: Job, signal?: AbortSignal): ReadOptions => ({
  strict,
  maxBytes,
  signal,
});

/** A job that came to nothing. */
export interface NoCell {
  readonly failure: Failure;
  /** The event or phase to count from is not in this input. */
  readonly nowhere?: OptionError;
}

/** Replays a trace that was read as `readingOf` has it. Whatever goes wrong is the cell's own failure. */
export async function runCell(job: Job, trace: Trace, settings: CellSettings = {}): Promise<Cell | NoCell> {
  const { input, policy } = job;
  const choice = await loadPolicy(policy);
  const heap = heapBytes(job.heap, trace.peakLiveBytes);
  const failure = (message: string): Failure => ({ input, policy, heap, message });
  let from = 0;
  try {
    if (job.from !== undefined) from = eventAt(job.from, trace, roundsOf(job, trace));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return { failure: failure(`${formatChoice(choice)}: ${error.message}`), nowhere: error };
  }
  let replay: Replay | undefined;
  try {
    if (choice.policy.plans) checkPlan(job, trace);
    replay = newReplay(choice, heap, from, job.verify ? walkEvery(job, trace) : 0);
    const check = job.verify ? new AddressCheck(replay) : undefined;
    const ladder = job.ladder ? new Ladder(replay) : undefined;
    const repeat = await feed(replay, check ?? ladder, job, trace, settings);
    if (job.verify) walkAtEnd(replay, job, choice);
    const { recording, metrics, firstRefusal, series } = replay.finish();
    return {
      input,
      traceHash: trace.hash,
      policy: choice.policy.name,
      options: choice.options,
      heap,
      events: recording.events,
      ...(repeat && { repeat }),
      ...(from > 0 && { from }),
      recordingHash: recording.hash,
      ...(trace.fidelity !== "exact" && { fidelity: trace.fidelity }),
      ...(check?.agreement && { addresses: check.agreement }),
      ...(ladder && { ladder: ladder.text }),
      metrics,
      called: formatChoice(choice),
      ...(firstRefusal && { firstRefusal }),
      ...(settings.history && {
        history: { series: series.map(({ data }) => data), collections: recording.collections },
      }),
    };
  } catch (error) {
    if (settings.signal?.aborted) throw error;
    if (error instanceof OptionError)
      return { failure: failure(`${formatChoice(choice)}: ${error.message}`) };
    return { failure: failure(blame(error, job, choice, replay)) };
  }
}

export function newReplay(
  { policy, options }: Choice,
  heap: number | "grow",
  from = 0,
  validateEvery = 0,
): Replay {
  const reach = 0x7fffffff * policy.granule(options); // a space reaches 2^31 - 1 granules
  if (heap !== "grow" && heap > reach)
    throw new OptionError(`a heap of ${heap} bytes is more than policy ${policy.name} reaches, ${reach}`);
  return new Replay({ policy, options, heap, from, validateEvery, record: false, kernel: kernelModule() });
}

/** Rounds that a job may take. */
const roundsOf = ({ repeat = 1 }: Job, trace: Trace): number =>
  repeat === "until-refused" ? Math.min(MOST_ROUNDS, mostRounds(trace)) : repeat;

/** For a policy that plans. */
function checkPlan(job: Job, trace: Trace): void {
  if (roundsOf(job, trace) > 1)
    throw new OptionError("it plans for one whole trace, which cannot be repeated");
  if (isSurvey(trace))
    throw new OptionError("it plans for a whole trace, and this one is too long to be held in memory");
}

/** Feeds the trace by way of who watches, in as many rounds as are asked for; says so where they are. */
async function feed(
  replay: Replay,
  watcher: AddressCheck | Ladder | undefined,
  job: Job,
  trace: Trace,
  { signal, progress }: CellSettings,
): Promise<Repeated | undefined> {
  const last = roundsOf(job, trace);
  const until = job.repeat === "until-refused";
  if (last > mostRounds(trace))
    throw new OptionError(`${last} rounds of ${trace.events} events are more than ${MOST_EVENTS} events`);
  replay.prepare(trace);
  if (isSurvey(trace)) {
    const feed = (chunk: Chunk) => {
      (watcher ?? replay).feed(chunk);
      progress?.(replay.event / trace.events);
    };
    await readTraceFile(job.input, { ...readingOf(job, signal), chunk: feed, passing: true });
    signal?.throwIfAborted();
    return undefined;
  }
  const rounds = last > 1 ? new Rounds(trace) : undefined;
  let round = 0;
  let refusedInRound = 0;
  let steadyFrom = 0;
  let left = "";
  do {
    round++;
    for (const chunk of rounds?.round() ?? trace.chunks) {
      (round > 1 && watcher instanceof AddressCheck ? replay : (watcher ?? replay)).feed(chunk);
      await setImmediate(); // Ctrl-C and a closed pipe are heard between chunks
      signal?.throwIfAborted();
      const { event } = replay;
      if (until) progress?.(event / trace.events - (round - 1), round);
      else progress?.(event / (trace.events * last));
    }
    if (refusedInRound === 0 && replay.meter.refusals > 0) refusedInRound = round;
    if (job.repeat === undefined) return undefined;
    const before = left;
    left = digest(replay.space);
    if (left !== before) steadyFrom = round;
    if (until && round - steadyFrom >= PATIENCE) break;
  } while (round < last && !(until && refusedInRound > 0));
  const steady = steadyFrom < round;
  return {
    rounds: round,
    ...(until && { untilRefused: true }),
    ...(refusedInRound > 0 && { refusedInRound }),
    ...(steady && { steadyFrom }),
    ...(until && refusedInRound === 0 && round === last && { capped: true }),
  };
}

/** Events between two walks; nobody knows how many rounds it takes until something is refused, so of one of them. */
function walkEvery(job: Job, trace: Trace): number {
  const rounds = job.repeat === "until-refused" ? 1 : roundsOf(job, trace);
  return Math.max(1, Math.ceil((trace.events * rounds) / WALKS));
}

function walkAtEnd(replay: Replay, job: Job, choice: Choice): void {
  try {
    replay.validate();
  } catch (error) {
    const last = replay.event > 0 ? `event ${replay.event - 1}` : "before the first event";
    throw new PolicyError(accusation(error, job, choice, last));
  }
}

/** One sentence about what a policy did wrong. */
export function blame(error: unknown, job: Pick<Job, "policy">, choice: Choice, replay?: Replay): string {
  if (error instanceof PolicyError) return error.message;
  return accusation(error, job, choice, replay ? `event ${replay.event}` : "before the first event");
}

function accusation(error: unknown, { policy }: Pick<Job, "policy">, choice: Choice, when: string): string {
  const what = error instanceof SpaceError ? error.message : placed(error, policyFile(policy)?.file);
  return `${formatChoice(choice)}: ${when}: ${what}`;
}
