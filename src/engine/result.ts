/** What a run comes to. The JSON that people keep is made of these; see report/json.ts for its schema. */
import type { MetricValues } from "../metrics/metric.ts";
import type { SeriesData } from "../metrics/series.ts";
import type { Options } from "../options/options.ts";
import type { Agreement } from "../replay/address-check.ts";
import type { Collection, Refusal } from "../replay/recorder.ts";
import type { Fidelity } from "../traces/trace.ts";

/** One replay that was asked for and ended: an input, a policy and a heap. */
export interface Cell {
  /** A trace file's path, or `workload:NAME[:key=value,...]`. */
  readonly input: string;
  /** 16 hex digits over the requests. */
  readonly traceHash: string;
  readonly policy: string;
  /** Every option, also those that were not named. */
  readonly options: Options;
  /** Bytes of the arena (a multiple is worked out), or a heap that grew. */
  readonly heap: number | "grow";
  /** Events that were replayed: those of the trace, in every round. */
  readonly events: number;
  /** Where the trace was asked for more than once. */
  readonly repeat?: Repeated;
  /** The event from which the metrics count, where it is not the first. */
  readonly from?: number;
  /** 16 hex digits over everything that happened to blocks. */
  readonly recordingHash: string;
  /** How far the trace is what the program did, where it is less than exact. */
  readonly fidelity?: Fidelity;
  /** Where the heap was searched for: the smallest found in which nothing is refused. One granule less refuses something. */
  readonly fit?: Fit;
  /** Recorded addresses beside the policy's, where that was asked for and there are any. */
  readonly addresses?: Agreement;
  readonly metrics: MetricValues;

  // For words about it; not part of the JSON.
  /** As a baseline names it, and 16 hex digits over what it was run with; see gate/cell-key.ts and parameters.ts. */
  readonly key?: string;
  readonly parameters?: string;
  /** The policy with the options that differ from their defaults. */
  readonly called: string;
  readonly firstRefusal?: Refusal;
  /** Where a report draws it. */
  readonly history?: History;
  /** Prefixes of the recording's hash, where that was asked for; see gate/rungs.ts. */
  readonly ladder?: string;
}

/** What happened on the way. */
export interface History {
  /** Of each metric that has a value at every event that counts, in the order of METRICS. */
  readonly series: readonly SeriesData[];
  readonly collections: readonly Collection[];
}

/** What a search for the smallest heap has found; see smallest-heap.ts. */
export interface Fit {
  /** Bytes. Every heap that was tried is a multiple. */
  readonly granule: number;
  /** Heaps that were tried. */
  readonly probes: number;
  /** Bytes. In every heap from this one on that was tried nothing is refused; missing where the largest one refuses. */
  readonly safeHeap?: number;
  /** The heap over the most bytes that live at once. */
  readonly overLive: number;
}

/** A trace that went into one replay several times. */
export interface Repeated {
  /** That were replayed, each to its end. */
  readonly rounds: number;
  /** They were to go on until a request is refused. */
  readonly untilRefused?: true;
  /** From 1: the one with the first refusal that counts. */
  readonly refusedInRound?: number;
  /**
   * The round from whose end on each left the heap as the one before had, block for block, up to the last: the steady state.
   * Missing where the last round changed it.
   */
  readonly steadyFrom?: number;
  /** Rounds were to go on until a request is refused, and ended because there are no more of them. */
  readonly capped?: true;
}

/** A replay that was asked for and did not end: its policy is at fault, or the heap and the event do not suit it. */
export interface Failure {
  readonly input: string;
  /** As it was asked for: `NAME[:key=value,...]` or a file. */
  readonly policy: string;
  /** As in a cell; a multiple as it was asked for, where nobody could read the trace. */
  readonly heap: number | "grow" | `${number}x`;
  /** One sentence with the policy, the event and the values. */
  readonly message: string;
  /** As in `Cell`. */
  readonly key?: string;
}

export interface Result {
  /** In the order in which they were asked for. */
  readonly cells: readonly Cell[];
  readonly failures: readonly Failure[];
}
