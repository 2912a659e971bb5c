/** What a run comes to. The JSON that people keep is made of these; see report/json.ts for its schema. */
import type { MetricValues } from "../metrics/metric.ts";
import type { Options } from "../options/options.ts";
import type { Refusal } from "../replay/recorder.ts";

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
  /** Events of the trace. */
  readonly events: number;
  /** The event from which the metrics count, where it is not the first. */
  readonly from?: number;
  /** 16 hex digits over everything that happened to blocks. */
  readonly recordingHash: string;
  readonly metrics: MetricValues;

  // For words about it; not part of the JSON.
  /** The policy with the options that differ from their defaults. */
  readonly called: string;
  readonly firstRefusal?: Refusal;
}

/** A replay that was asked for and did not end: its policy is at fault. */
export interface Failure {
  readonly input: string;
  /** As it was asked for: `NAME[:key=value,...]` or a file. */
  readonly policy: string;
  readonly heap: number | "grow";
  /** One sentence with the policy, the event and the values. */
  readonly message: string;
}

export interface Result {
  /** In the order in which they were asked for. */
  readonly cells: readonly Cell[];
  readonly failures: readonly Failure[];
}
