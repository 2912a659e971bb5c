/**
 * A format of traces: one file that knows how to tell it, read it and perhaps write it, and one line in formats.ts.
 * Nothing else knows a format by name; a format is recognised by its content, never by the name of a file.
 */
import type { TraceBuilder } from "./builder.ts";
import type { Fidelity, Trace } from "./trace.ts";

export interface TraceFormat {
  /** As in `--format NAME`. */
  readonly name: string;
  /** One sentence: what writes it. */
  readonly summary: string;
  /** What a file in it is usually called, with the dot. */
  readonly extension: string;
  /** The best that a trace read from it can be; a reader may lower `builder.fidelity` by what it meets. */
  readonly fidelity: Fidelity;
  /** What a file in it does not tell, or an import of one leaves out. */
  readonly loses: string;
  /** Whether a file that starts with `head` is one: its first HEAD_BYTES, or all of it when it is shorter. */
  detect(head: Uint8Array): boolean;
  /** Compiled reading helps it. */
  readonly compiled?: boolean;
  /** Loads a library that only this format needs; to be awaited before `read`. */
  load?(): Promise<void>;
  read(builder: TraceBuilder, source: Source): TraceReader;
  /** Pieces of the file, in constant memory. Reading them gives an equal trace but for what the format loses. */
  write?(trace: Trace): Iterable<Uint8Array>;
}

/** Where the bytes come from, and how an odd event is taken. */
export interface Source {
  /** For messages. */
  readonly file: string;
  /** Anomalies of foreign formats are errors. Our own formats are always strict. */
  readonly strict: boolean;
  /** What a file that has checksums says of its events is computed again and compared. */
  readonly thorough?: boolean | undefined;
}

/**
 * Takes a file piece by piece, cut anywhere, and writes its events into a builder. Both throw TraceError:
 * `FILE:LINE: MESSAGE: "TEXT"`, or for binary formats `FILE: MESSAGE` with the byte.
 */
export interface TraceReader {
  /** The piece is not kept: its memory may be used again. */
  push(piece: Uint8Array): void;
  end(): void;
}

/** As much of a file as detection sees. */
export const HEAD_BYTES = 8192;

const MOST_QUOTED = 80;

/** The offending bytes as a person can read them in a message: in quotes, escaped, cut after 80 characters. */
export function quote(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 4 * MOST_QUOTED)).trim();
  return JSON.stringify(text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}...` : text);
}
