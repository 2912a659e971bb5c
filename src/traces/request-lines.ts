/**
 * Lines of plain text (text.ts) as programs write them, into columns many at a time: `a ID SIZE`, `c ID COUNT SIZE`,
 * `m ID ALIGN SIZE`, `r ID SIZE` or `f ID` from the line's first character on, one blank between fields, numbers of up to
 * 9 digits that a request may have. Any other line is for who reads every line.
 */
import type { Batch } from "./chunk-writer.ts";
import { MOST_BYTES, Op } from "./trace.ts";

const LF = 10;
const CR = 13;
const BLANK = 32;
const ZERO = 48;
const MOST_DIGITS = 9;

/** Lines that are read at once. */
export const MOST_LINES = 4096;

/** The operation of a line by its letter; none where it is NO_REQUEST. */
const NO_REQUEST = 255;
const OPERATIONS = new Uint8Array(256).fill(NO_REQUEST);
for (const [letter, op] of [
  ["a", Op.allocate],
  ["c", Op.callocate],
  ["m", Op.memalign],
  ["r", Op.reallocate],
  ["f", Op.free],
] as const)
  OPERATIONS[letter.charCodeAt(0)] = op;

export class RequestLines {
  /** Where each line starts that was read last. */
  readonly starts = new Int32Array(MOST_LINES);
  /** How many those were. */
  count = 0;

  /** Whether the line at `at` may be one. */
  begins(bytes: Uint8Array, at: number): boolean {
    return OPERATIONS[bytes[at]] !== NO_REQUEST && bytes[at + 1] === BLANK;
  }

  /**
   * Reads up to `most` lines, at most MOST_LINES, of bytes[from .. to - 1], which ends with LF, into the columns of a batch,
   * up to its end or to the first line that is another one. Returns where that starts. One loop with its state in locals: this decides how fast a trace is
   * read.
   */
  read(bytes: Uint8Array, from: number, to: number, batch: Batch, most: number): number {
    const { op, id, bytes: sizes, argument } = batch;
    const { starts } = this;
    const last = Math.min(batch.to, batch.from + most);
    let i = batch.from;
    let at = from;
    for (; i < last && at < to; i++) {
      const start = at;
      const what = OPERATIONS[bytes[at]];
      if (what === NO_REQUEST || bytes[at + 1] !== BLANK) break;
      at += 2;
      let first = at;
      let number = 0;
      let digit = bytes[at] - ZERO;
      while (digit >>> 0 < 10) {
        number = (number * 10 + digit) | 0;
        digit = bytes[++at] - ZERO;
      }
      let odd = (at - first - 1) >>> 0 >= MOST_DIGITS;
      id[i] = number;
      let size = 0;
      let besides = 0;
      if (what !== Op.free) {
        // Beyond an LF there may be nothing, and so nothing that ends a number.
        if (bytes[at] !== BLANK) {
          at = start;
          break;
        }
        first = ++at;
        digit = bytes[at] - ZERO;
        while (digit >>> 0 < 10) {
          size = (size * 10 + digit) | 0;
          digit = bytes[++at] - ZERO;
        }
        odd ||= (at - first - 1) >>> 0 >= MOST_DIGITS;
        if (what === Op.callocate || what === Op.memalign) {
          if (bytes[at] !== BLANK) {
            at = start;
            break;
          }
          besides = size;
          size = 0;
          first = ++at;
          digit = bytes[at] - ZERO;
          while (digit >>> 0 < 10) {
            size = (size * 10 + digit) | 0;
            digit = bytes[++at] - ZERO;
          }
          odd ||= (at - first - 1) >>> 0 >= MOST_DIGITS;
          if (what === Op.callocate) {
            odd ||= size * besides > MOST_BYTES;
            size = Math.imul(size, besides);
          } else odd ||= besides === 0 || (besides & (besides - 1)) !== 0;
        }
      }
      if (bytes[at] === CR) at++;
      if (odd || bytes[at] !== LF) {
        at = start;
        break;
      }
      at++;
      op[i] = what;
      sizes[i] = size;
      argument[i] = besides;
      starts[i - batch.from] = start;
    }
    this.count = i - batch.from;
    return at;
  }
}
