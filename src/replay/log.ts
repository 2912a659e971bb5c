/**
 * The recording's log: what happened to blocks, as operations in varints, grouped by event.
 *
 * An operation begins with a byte   [ more | payload bits 1..0 | last | code bits 3..0 ]
 * and, with `more`, goes on with the payload's higher bits, 7 to a byte, low ones first. `last` closes the event.
 * Numbers that follow an operation are varints of 32 bits. Where a block goes is said by the row of the hole that it
 * is taken from, which playback has under the same number: [row | 1 bit], and with the bit, which is what lies between
 * the hole's start and the block follows. Steps are zigzag (n >= 0 -> 2n, else -2n - 1). The first group is the
 * policy's set-up. An event that changes nothing is one byte; a malloc takes 3 to 5, a free 1.
 */

export const LogOp = {
  nothing: 0,
  /** payload: the hole; then the length. For the slot that the event asked for. */
  claim: 1,
  /** The slot that held the event's object until now is vacated. */
  release: 2,
  /** The event's object dies and stays as garbage. */
  die: 3,
  /** The event's request was refused. */
  refuse: 4,
  /** payload: a slot. */
  releaseSlot: 5,
  /** payload: a slot, which moves; then the hole. */
  move: 6,
  /** payload: a slot; then the step from its old start to the new one, then its length. */
  resize: 7,
  /** payload: the kind; then the hole, then the length. */
  reserve: 8,
  /** payload: the slot. */
  unreserve: 9,
  /** payload: the edge's slot; then start and new length. A segment is made, grows or shrinks. */
  segment: 10,
  /** payload: 0 ends a collection, cause + 1 begins one. */
  collect: 11,
  /** payload: payload address less block start, of the event's object and those that follow. */
  offset: 12,
  /** payload: a slot, which dies. */
  dieSlot: 13,
  /** payload: start; then [length | 1 bit]. Pages given back; with the bit, for the memory of others, whose start follows. */
  purge: 14,
  /** payload: the edge's slot. The segment goes. */
  unmap: 15,
} as const;
export type LogOp = (typeof LogOp)[keyof typeof LogOp];

/** Bytes of a page, at most. No operation lies in two. */
export const LOG_PAGE = 1 << 18;
/** No operation is longer. */
const LONGEST = 32;
const LAST = 0x10;

/** Where a range goes: `hole` is a handle, so negative. */
export const holeCode = (hole: number, offset: number): number => (-hole << 1) | (offset === 0 ? 0 : 1);

export const zigzag = (n: number): number => ((n << 1) ^ (n >> 31)) >>> 0;
export const unzigzag = (n: number): number => (n >>> 1) ^ -(n & 1);

/** Where a reader stands. */
export interface LogPosition {
  page: number;
  byte: number;
}

export class LogWriter {
  readonly pages: Uint8Array[] = [];
  /** Bytes of the pages before this one. */
  private closed = 0;
  private page = new Uint8Array(0);
  private here = 0;
  private headPage = this.page;
  private head = -1;

  /** Where the next operation goes, once it is written. */
  get position(): LogPosition {
    return { page: Math.max(this.pages.length - 1, 0), byte: this.here };
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.closed + this.here;
  }

  op(code: LogOp, payload: number): void {
    if (this.here + LONGEST > this.page.length) this.turn();
    this.headPage = this.page;
    this.head = this.here;
    const rest = payload >>> 2;
    this.page[this.here++] = code | ((payload & 3) << 5) | (rest !== 0 ? 0x80 : 0);
    if (rest !== 0) this.number(rest);
  }

  number(value: number): void {
    const page = this.page;
    let at = this.here;
    let rest = value;
    while (rest > 0x7f) {
      page[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    page[at++] = rest;
    this.here = at;
  }

  /** Closes the event; one that wrote no operation writes `nothing`. */
  endEvent(): void {
    if (this.head < 0) this.op(LogOp.nothing, 0);
    this.headPage[this.head] |= LAST;
    this.head = -1;
  }

  /** The pages, cut to what they hold. */
  finish(): Uint8Array[] {
    if (this.page.length > 0) this.pages[this.pages.length - 1] = this.page.slice(0, this.here);
    return this.pages;
  }

  private turn(): void {
    if (this.page.length > 0) {
      this.pages[this.pages.length - 1] = this.page.subarray(0, this.here);
      this.closed += this.here;
    }
    this.page = new Uint8Array(LOG_PAGE);
    this.pages.push(this.page);
    this.here = 0;
  }
}

export class LogReader {
  private readonly pages: readonly Uint8Array[];
  private page = 0;
  private here = 0;
  /** Of the operation that `next` read. */
  code: LogOp = LogOp.nothing;
  payload = 0;
  last = false;

  constructor(pages: readonly Uint8Array[]) {
    this.pages = pages;
  }

  get position(): LogPosition {
    return { page: this.page, byte: this.here };
  }

  set position({ page, byte }: LogPosition) {
    this.page = page;
    this.here = byte;
  }

  next(): void {
    if (this.here >= this.pages[this.page].length) {
      this.page++;
      this.here = 0;
    }
    const head = this.pages[this.page][this.here++];
    this.code = (head & 15) as LogOp;
    this.last = (head & LAST) !== 0;
    this.payload = (head >>> 5) & 3;
    if (head > 0x7f) this.payload = (this.payload | (this.number() << 2)) >>> 0;
  }

  number(): number {
    const page = this.pages[this.page];
    let at = this.here;
    let byte = page[at++];
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = page[at++];
      value |= (byte & 0x7f) << shift;
    }
    this.here = at;
    return value >>> 0;
  }
}
