/** What a comparison of a result with what was expected of it comes to: the gate decides, the reporters say it. */

/**
 * How much a finding matters: an error fails the check, a warning and an improvement do not. An improvement wants the
 * baseline to be written anew.
 */
export type Level = "error" | "warning" | "improvement";

/** What was found. */
export type Kind =
  /** A figure is not what the baseline has, by more than its rule allows. */
  | "changed"
  /** A figure is outside the limits that its rule states, whatever the baseline has. */
  | "limit"
  /** A cell that the baseline does not have. */
  | "new"
  /** A cell that the baseline has and this result has not. */
  | "vanished"
  /** A cell that did not end. */
  | "failed";

export interface Finding {
  readonly level: Level;
  readonly kind: Kind;
  /** The cell's key, as the baseline has it; see cell-key.ts. */
  readonly cell: string;
  /** The input as the configuration names it: a file, where it is one, for annotations. */
  readonly input: string;
  /** Where the finding is about one figure. */
  readonly metric?: string;
  readonly was?: number | string;
  readonly is?: number | string;
  /** One sentence: which metric of which cell went from what to what, since which baseline, and what the rule allows. */
  readonly message: string;
  /** Shows it in the page, at the event where the two runs first differ; or writes the baseline anew. */
  readonly command?: string;
}

export interface Verdict {
  /** Errors first, then warnings, then improvements; the worst of each first. */
  readonly findings: readonly Finding[];
  /** Cells that were compared. */
  readonly compared: number;
  /** Cells of which nothing is to be said. */
  readonly same: number;
  /** What the result was compared with: a baseline's file and the version that wrote it, or the other side of a comparison. */
  readonly against: string;
}
