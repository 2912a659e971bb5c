/** A reporter: one file that writes a result in one format, and one line in reporters.ts. */
import type { Result } from "../engine/result.ts";
import type { Minimized } from "../engine/sweep/minimize.ts";
import type { Verdict } from "../gate/verdict.ts";
import type { Axes } from "./pareto.ts";

/** What the text reporter sets off. */
export type Tone = "bold" | "dim" | "red" | "yellow" | "green";

export interface ReportSettings {
  /** Heapscape's version. */
  readonly version: string;
  /** Colours a piece of text, or leaves it as it is. */
  readonly paint: (tone: Tone, text: string) => string;
  /** An input's file as seen from the root of its repository; default: as it is. */
  readonly path?: (file: string) => string;
}

/** A result, where it was compared with something what came of that, and what of it is to be shown besides. */
export interface Report extends Result {
  readonly verdict?: Verdict;
  /** Two metrics whose trade-off is to be shown. */
  readonly axes?: Axes;
  /** What searches for the best options came to, and by which figure. */
  readonly minimized?: Minimized;
}

export interface Reporter<Document extends string | Uint8Array = string | Uint8Array> {
  /** As in `--reporter NAME[=FILE]`. */
  readonly name: string;
  /** One sentence: for whom. */
  readonly summary: string;
  /** Draws what happened on the way: the cells have their history, which is kept for nobody else. */
  readonly history?: true;
  /** For a program that opens files: a terminal can do nothing with it. */
  readonly file?: true;
  /** The whole document: a text with the line end of its last line, or bytes. */
  write(report: Report, settings: ReportSettings): Document;
}
