/**
 * The largest hole, exact at every event, under a cached maximum.
 *
 * Only the longest holes are kept in lists, those of `from` granules and more, one list for each of 32 steps a power
 * of two (the two-level scheme of TLSF, Masmano et al., ECRTS 2004, section 3). When the largest hole goes, the
 * highest list that has any is walked, and only until a hole of the old maximum turns up. A shorter hole, and holes
 * that come and go are mostly short, costs a comparison.
 *
 * When no listed hole is left, `from` goes down so far that a sixteenth of all holes lie above it, and two passes
 * over the table find and list them; when far too many are listed, it goes up. So a change costs O(1) amortised.
 */
import type { Registers } from "../kernel/kernel.ts";
import { LONGEST, LONGEST_HEADS } from "../kernel/registers.ts";
import type { Column, Columns } from "./columns.ts";

const STEPS = 32;
/** 32 exact classes, then 32 for each of the powers 2^5 .. 2^30. */
const CLASSES = STEPS + 26 * STEPS;

/** Length in granules (1 .. 2^31 - 1) to class; classes ascend with length. */
function classOf(length: number): number {
  if (length < STEPS) return length;
  const power = 31 - Math.clz32(length);
  return (power - 4) * STEPS + ((length >>> (power - 5)) & (STEPS - 1));
}

/** The shortest length of a class. */
function shortestOf(index: number): number {
  if (index < STEPS) return index;
  const power = Math.floor(index / STEPS) + 4;
  return 2 ** power + (index % STEPS) * 2 ** (power - 5);
}

/** Where a hole's row has its length and its links. */
export interface HoleRow {
  /** Words of a row: 2 to this power. */
  readonly rowLog2: number;
  readonly length: number;
  /** The row before in its list; the row after is the next word. 0 ends a list. */
  readonly links: number;
}

/** Length of the largest hole; while that must be looked up, ~limit, where no hole is longer than limit. */
const LARGEST = 0;
/** Shortest length that is listed; how many holes are; and how many may be before that is looked at again. */
const FROM = 1;
const MEMBERS = 2;
const MOST = 3;
/** Highest class that may have a listed hole. */
const TOP = 4;
/** Rows that have ever been a hole's. */
const ROWS = 5;

/** Holes that are listed at least, if there are as many, and that never count as too many. */
const FEW = 64;
const MANY = 1024;

export class LargestHole {
  private readonly rows: Column<Int32Array>;
  private readonly rowLog2: number;
  private readonly lengthWord: number;
  private readonly links: number;
  /** First hole of each class, by row. */
  private readonly heads: Int32Array;
  private readonly state: Int32Array;

  constructor(columns: Columns, rows: Column<Int32Array>, { rowLog2, length, links }: HoleRow) {
    this.rows = rows;
    this.rowLog2 = rowLog2;
    this.lengthWord = length;
    this.links = links;
    this.heads = columns.int32(CLASSES).data;
    this.state = columns.int32(6).data;
    this.state[MOST] = MANY;
  }

  bind(registers: Registers): void {
    registers.point(LONGEST, this.state);
    registers.point(LONGEST_HEADS, this.heads);
  }

  /** Hole `row` is `length` granules long from now on, as its row says already. */
  insert(row: number, length: number): void {
    const state = this.state;
    if (row > state[ROWS]) state[ROWS] = row;
    if (length < state[FROM]) return;
    this.list(row, length);
    const largest = state[LARGEST];
    if (largest >= 0 ? length > largest : length >= ~largest) state[LARGEST] = length;
  }

  remove(row: number, length: number): void {
    const state = this.state;
    if (length < state[FROM]) return;
    this.unlist(row, length);
    if (length === state[LARGEST]) state[LARGEST] = ~length;
  }

  /** The same hole was `before` granules long and is `after` now, as its row says already. */
  change(row: number, before: number, after: number): void {
    const from = this.state[FROM];
    if (before < from && after < from) return;
    this.changeListed(row, before, after);
  }

  /** Length of the largest hole in granules, 0 where there is none. */
  get length(): number {
    const largest = this.state[LARGEST];
    return largest >= 0 ? largest : this.search(~largest);
  }

  /** Walks every list. Throws what is wrong with them, given the length of each hole, by row. */
  validate(lengths: ReadonlyMap<number, number>): void {
    const state = this.state;
    let members = 0;
    for (const [row, length] of lengths) {
      if (row > state[ROWS]) throw new Error(`hole ${-row} lies beyond row ${state[ROWS]}`);
      if (length >= state[FROM]) members++;
    }
    if (members !== state[MEMBERS])
      throw new Error(`${members} holes are long enough to be listed, ${state[MEMBERS]} are said to be`);
    for (let index = 0; index <= state[TOP]; index++) {
      let before = 0;
      let row = index < classOf(state[FROM]) ? 0 : this.heads[index];
      for (; row !== 0 && members >= 0; members--) {
        const length = lengths.get(row) ?? 0;
        if (length < state[FROM] || classOf(length) !== index)
          throw new Error(`hole ${-row} of ${length} granules is in list ${index}`);
        const at = (row << this.rowLog2) + this.links;
        if (this.rows.data[at] !== before)
          throw new Error(`hole ${-row} of list ${index} is not linked back`);
        before = row;
        row = this.rows.data[at + 1];
      }
    }
    if (members !== 0) throw new Error(`the lists lack ${members} holes`);
  }

  private changeListed(row: number, before: number, after: number): void {
    const state = this.state;
    const from = state[FROM];
    if (before < from || after < from || classOf(before) !== classOf(after)) {
      if (before >= from) this.unlist(row, before);
      if (after >= from) this.list(row, after);
    }
    const largest = state[LARGEST];
    if (before === largest && after < before) state[LARGEST] = ~before;
    else if (largest >= 0 ? after > largest : after >= ~largest) state[LARGEST] = after;
  }

  private list(row: number, length: number): void {
    const state = this.state;
    const rows = this.rows.data;
    const heads = this.heads;
    const index = classOf(length);
    const at = (row << this.rowLog2) + this.links;
    const next = heads[index];
    rows[at] = 0;
    rows[at + 1] = next;
    if (next !== 0) rows[(next << this.rowLog2) + this.links] = row;
    heads[index] = row;
    if (index > state[TOP]) state[TOP] = index;
    if (++state[MEMBERS] > state[MOST]) this.relist();
  }

  private unlist(row: number, length: number): void {
    const rows = this.rows.data;
    const at = (row << this.rowLog2) + this.links;
    const before = rows[at];
    const after = rows[at + 1];
    if (before === 0) this.heads[classOf(length)] = after;
    else rows[(before << this.rowLog2) + this.links + 1] = after;
    if (after !== 0) rows[(after << this.rowLog2) + this.links] = before;
    this.state[MEMBERS]--;
  }

  /** No hole is longer than `limit`. */
  private search(limit: number): number {
    const state = this.state;
    const heads = this.heads;
    // Where every hole is listed and none is there, the heap is full.
    if (state[MEMBERS] === 0 && state[FROM] > 1) this.relist();
    let top = state[TOP];
    while (top > 0 && heads[top] === 0) top--;
    state[TOP] = top;
    const rows = this.rows.data;
    const enough = Math.min(limit, shortestOf(top + 1) - 1); // short classes have one length
    let most = 0;
    for (let row = heads[top]; row !== 0 && most < enough; ) {
      const at = row << this.rowLog2;
      if (rows[at + this.lengthWord] > most) most = rows[at + this.lengthWord];
      row = rows[at + this.links + 1];
    }
    state[LARGEST] = most;
    return most;
  }

  /** Lists the longest holes anew, FEW of them and a sixteenth of all. O(holes). */
  private relist(): void {
    const state = this.state;
    const rows = this.rows.data;
    const lengths = new Int32Array(CLASSES);
    let holes = 0;
    for (let row = 1; row <= state[ROWS]; row++) {
      const length = rows[(row << this.rowLog2) + this.lengthWord];
      if (length === 0) continue;
      lengths[classOf(length)]++;
      holes++;
    }
    let index = CLASSES - 1;
    for (let longer = 0; index > 0; index--) {
      longer += lengths[index];
      if (longer >= Math.max(FEW, holes >> 4)) break;
    }
    state[FROM] = shortestOf(index);
    state[MEMBERS] = 0;
    state[MOST] = 0x7fffffff;
    state[TOP] = 0;
    this.heads.fill(0);
    for (let row = 1; row <= state[ROWS]; row++) {
      const length = rows[(row << this.rowLog2) + this.lengthWord];
      if (length > 0 && length >= state[FROM]) this.list(row, length);
    }
    state[MOST] = Math.max(MANY, 2 * state[MEMBERS]);
  }
}
