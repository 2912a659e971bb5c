/** What the text formats of recorders share: lines, their numbers for messages, and what is not understood. */
import { HEAD_BYTES, quote, type Source, type TraceReader } from "../importer.ts";
import { TraceError } from "../trace.ts";
import { LONGEST_LINE, WholeLines } from "../whole-lines.ts";
import { type Calls, Odd } from "./calls.ts";
import { Line } from "./line.ts";

/** Reads one format, line by line. */
export interface LineFormat {
  /**
   * One line, without its end, that holds more than blanks. Whether it is one of the format's; if not, that is an
   * anomaly. Throws TraceError.
   */
  line(line: Line): boolean;
  /** After the last line. */
  end?(): void;
}

/** `calls` are those that `format` writes. */
export function readLines(calls: Calls, { file }: Source, format: LineFormat): TraceReader {
  let number = 0;
  const line = new Line();

  const located = (message: string, bytes: Uint8Array): TraceError =>
    new TraceError(`${file}:${number}: ${message}: ${quote(bytes)}`);

  const take = (bytes: Uint8Array, from: number, to: number, odd: string): void => {
    number++;
    const end = bytes[to - 1] === 13 ? to - 1 : to;
    line.bytes = bytes;
    line.at = from;
    line.end = end;
    if (line.done) return;
    line.at = from;
    try {
      if (!format.line(line)) calls.odd(odd);
    } catch (reason) {
      throw reason instanceof TraceError ? located(reason.message, bytes.subarray(from, end)) : reason;
    }
  };

  const lines = new WholeLines({
    scan(bytes, from, to) {
      for (let start = from; start < to; ) {
        const end = bytes.indexOf(10, start);
        take(bytes, start, end, Odd.unreadable);
        start = end + 1;
      }
    },
    tooLong(start) {
      number++;
      throw located(`the line is longer than ${LONGEST_LINE} bytes`, start);
    },
  });

  return {
    push: (piece) => lines.push(piece),
    end() {
      const { rest } = lines;
      if (rest.length > 0) take(rest, 0, rest.length, Odd.truncated);
      format.end?.();
    },
  };
}

/** Of the head that was asked about last: every format asks. */
let asked: { readonly head: Uint8Array; readonly lines: readonly string[] } | undefined;

/** The lines that a file starts with, but for empty ones and one that the head cuts; none if it is no text. */
export function firstLines(head: Uint8Array): readonly string[] {
  if (asked?.head !== head) asked = { head, lines: linesOf(head) };
  return asked.lines;
}

function linesOf(head: Uint8Array): string[] {
  if (head.some((byte) => byte < 9)) return [];
  const lines = new TextDecoder("latin1").decode(head).split(/\r?\n/);
  if (head.length === HEAD_BYTES && lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== "");
}
