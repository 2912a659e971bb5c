/** A reporter: one file that writes a result in one format, and one line in reporters.ts. */
import type { Result } from "../engine/result.ts";

/** What the text reporter sets off. */
export type Tone = "bold" | "dim" | "red" | "yellow";

export interface ReportSettings {
  /** Heapscape's version. */
  readonly version: string;
  /** Colours a piece of text, or leaves it as it is. */
  readonly paint: (tone: Tone, text: string) => string;
}

export interface Reporter {
  /** As in `--reporter NAME[=FILE]`. */
  readonly name: string;
  /** One sentence: for whom. */
  readonly summary: string;
  /** The whole document, with the line end of its last line. */
  write(result: Result, settings: ReportSettings): string;
}
