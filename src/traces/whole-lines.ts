/** Cuts a stream of text into runs of whole lines; what a line's end is still to come for is carried over. */
import { appended } from "./appended.ts";

/** A comment may be long, but a file without line ends is no text. */
export const LONGEST_LINE = 1 << 20;

const LF = 10;

export interface LineScanner {
  /** The lines in bytes[from .. to - 1], which ends with LF. The bytes are not kept. */
  scan(bytes: Uint8Array, from: number, to: number): void;
  /** `start` is the start of a line of more than LONGEST_LINE bytes. */
  tooLong(start: Uint8Array): never;
}

export class WholeLines {
  private readonly scanner: LineScanner;
  /** The start of a line: carry[0 .. carried - 1]. */
  private carry = new Uint8Array(256);
  private carried = 0;

  constructor(scanner: LineScanner) {
    this.scanner = scanner;
  }

  push(piece: Uint8Array): void {
    let from = 0;
    if (this.carried > 0) {
      from = piece.indexOf(LF) + 1;
      this.keep(from === 0 ? piece : piece.subarray(0, from));
      if (from === 0) return;
      const { carried } = this;
      this.carried = 0;
      this.scanner.scan(this.carry, 0, carried);
    }
    const end = Math.max(from, piece.lastIndexOf(LF) + 1);
    if (end > from) this.scanner.scan(piece, from, end);
    this.keep(piece.subarray(end));
  }

  /** What has come of a line whose end has not. */
  get rest(): Uint8Array {
    return this.carry.subarray(0, this.carried);
  }

  private keep(bytes: Uint8Array): void {
    const carried = this.carried + bytes.length;
    if (carried > LONGEST_LINE) this.scanner.tooLong(this.carried > 0 ? this.rest : bytes);
    this.carry = appended(this.carry, this.carried, bytes);
    this.carried = carried;
  }
}
