/**
 * How many holes there are of each size, and the largest one, exact at every event.
 *
 * A class is exact up to 31 granules and then one of 32 steps a power of two (the two-level scheme of TLSF,
 * Masmano et al., ECRTS 2004, section 3). Every class counts its holes. Only the longest holes are in lists as well,
 * those of class `listed` and above: when the largest hole goes, the highest class that has any is walked, and only
 * until a hole of the old maximum turns up. Short holes, which come and go the most, cost a count.
 *
 * When no listed hole is left, `listed` goes down to a class from which on at least a sixteenth of all holes lie, and
 * one pass over the table lists them; when far too many are listed, it goes up. So a change costs O(1) amortised.
 */
import type { Column, Columns } from "./columns.ts";

const STEPS = 32;
/** 32 exact classes, then 32 for each of the powers 2^5 .. 2^30. */
const CLASSES = STEPS + 26 * STEPS;

/** Length in granules (1 .. 2^31 - 1) to class; classes ascend with length. */
export function sizeClass(length: number): number {
  if (length < STEPS) return length;
  const power = 31 - Math.clz32(length);
  return (power - 4) * STEPS + ((length >>> (power - 5)) & (STEPS - 1));
}

/** Where a hole's row has its length and its links. */
export interface HoleRow {
  /** Words of a row: 2 to this power. */
  readonly rowLog2: number;
  readonly length: number;
  /** The row before in its list; the row after is the next word. 0 ends a list. */
  readonly links: number;
}

/** Highest class that may have a hole. */
const TOP = 0;
/** Length of the largest hole; while that must be looked up, ~limit, where no hole is longer than limit. */
const LARGEST = 1;
/** Lowest class whose holes are in lists; how many are; and how many may be before that is looked at again. */
const LISTED = 2;
const MEMBERS = 3;
const MOST = 4;
/** Rows that have ever been a hole's. */
const ROWS = 5;

/** Holes that are listed at least, if there are as many, and that never count as too many. */
const FEW = 64;
const MANY = 1024;

export class HoleSizes {
  private readonly rows: Column<Int32Array>;
  private readonly rowLog2: number;
  private readonly length: number;
  private readonly links: number;
  /** First hole of each listed class. */
  private readonly heads: Column<Int32Array>;
  /** Holes in each class. */
  private readonly counts: Column<Int32Array>;
  private readonly state: Column<Int32Array>;

  constructor(columns: Columns, rows: Column<Int32Array>, { rowLog2, length, links }: HoleRow) {
    this.rows = rows;
    this.rowLog2 = rowLog2;
    this.length = length;
    this.links = links;
    this.heads = columns.int32(CLASSES);
    this.counts = columns.int32(CLASSES);
    this.state = columns.int32(6);
    this.state.data[MOST] = MANY;
  }

  /** Hole `row` is `length` granules long from now on. */
  insert(row: number, length: number): void {
    const index = sizeClass(length);
    const state = this.state.data;
    this.counts.data[index]++;
    if (row > state[ROWS]) state[ROWS] = row;
    if (index > state[TOP]) state[TOP] = index;
    if (index >= state[LISTED]) this.list(row, index);
    const largest = state[LARGEST];
    if (largest >= 0 ? length > largest : length >= ~largest) state[LARGEST] = length;
  }

  remove(row: number, length: number): void {
    const index = sizeClass(length);
    const state = this.state.data;
    this.counts.data[index]--;
    if (index >= state[LISTED]) this.unlist(row, index);
    // In an exact class another hole of the same length may be left.
    if (length === state[LARGEST] && !(index < STEPS && this.counts.data[index] > 0))
      state[LARGEST] = ~length;
  }

  /** The same hole was `from` granules long and is `to` now: often of the same class. */
  change(row: number, from: number, to: number): void {
    const old = sizeClass(from);
    const index = sizeClass(to);
    const state = this.state.data;
    if (old !== index) {
      const counts = this.counts.data;
      counts[old]--;
      counts[index]++;
      if (old >= state[LISTED]) this.unlist(row, old);
      if (index >= state[LISTED]) this.list(row, index);
      if (index > state[TOP]) state[TOP] = index;
    }
    const largest = state[LARGEST];
    if (from === largest && to < from) state[LARGEST] = ~from;
    else if (largest >= 0 ? to > largest : to >= ~largest) state[LARGEST] = to;
  }

  /** Length of the largest hole in granules, 0 where there is none. */
  get largest(): number {
    const largest = this.state.data[LARGEST];
    return largest >= 0 ? largest : this.search(~largest);
  }

  /** Holes whose length in granules is of class `index`, 0 .. CLASSES - 1. */
  count(index: number): number {
    return this.counts.data[index];
  }

  /** Walks every list. Throws what is wrong with them and the counts, given the length of each hole, by row. */
  validate(lengths: ReadonlyMap<number, number>): void {
    const state = this.state.data;
    const counts = new Int32Array(CLASSES);
    let members = 0;
    for (const length of lengths.values()) counts[sizeClass(length)]++;
    for (let index = 0; index < CLASSES; index++) {
      const said = this.counts.data[index];
      if (counts[index] !== said)
        throw new Error(`class ${index} counts ${said} holes, there are ${counts[index]}`);
      let listed = 0;
      let before = 0;
      let row = index >= state[LISTED] ? this.heads.data[index] : 0;
      for (; row !== 0 && listed <= said; listed++) {
        const length = lengths.get(row) ?? 0;
        if (sizeClass(length) !== index)
          throw new Error(`hole ${-row} of ${length} granules is in class ${index}`);
        const at = (row << this.rowLog2) + this.links;
        if (this.rows.data[at] !== before)
          throw new Error(`hole ${-row} of class ${index} is not linked back`);
        before = row;
        row = this.rows.data[at + 1];
      }
      if (index >= state[LISTED] && listed !== said)
        throw new Error(`class ${index} counts ${said} holes, its list has ${listed} or more`);
      members += listed;
    }
    if (members !== state[MEMBERS])
      throw new Error(`${members} holes are listed, ${state[MEMBERS]} are said to be`);
  }

  private list(row: number, index: number): void {
    const rows = this.rows.data;
    const heads = this.heads.data;
    const at = (row << this.rowLog2) + this.links;
    const next = heads[index];
    rows[at] = 0;
    rows[at + 1] = next;
    if (next !== 0) rows[(next << this.rowLog2) + this.links] = row;
    heads[index] = row;
    const state = this.state.data;
    if (++state[MEMBERS] > state[MOST]) this.unlistShort();
  }

  private unlist(row: number, index: number): void {
    const rows = this.rows.data;
    const at = (row << this.rowLog2) + this.links;
    const before = rows[at];
    const after = rows[at + 1];
    if (before === 0) this.heads.data[index] = after;
    else rows[(before << this.rowLog2) + this.links + 1] = after;
    if (after !== 0) rows[(after << this.rowLog2) + this.links] = before;
    this.state.data[MEMBERS]--;
  }

  /** No hole is longer than `limit`. */
  private search(limit: number): number {
    const state = this.state.data;
    const counts = this.counts.data;
    let top = state[TOP];
    while (top > 0 && counts[top] === 0) top--;
    state[TOP] = top;
    if (top > 0 && top < state[LISTED]) this.listMore();
    const rows = this.rows.data;
    let most = 0;
    for (let row = top === 0 ? 0 : this.heads.data[top]; row !== 0 && most !== limit; ) {
      const at = row << this.rowLog2;
      if (rows[at + this.length] > most) most = rows[at + this.length];
      row = rows[at + this.links + 1];
    }
    state[LARGEST] = most;
    return most;
  }

  /** Nothing is listed: lists the longest holes by a pass over the table. */
  private listMore(): void {
    const state = this.state.data;
    const rows = this.rows.data;
    state[LISTED] = this.classOfLongest();
    state[MEMBERS] = 0;
    state[MOST] = 0x7fffffff;
    this.heads.data.fill(0);
    for (let row = 1; row <= state[ROWS]; row++) {
      const length = rows[(row << this.rowLog2) + this.length];
      if (length > 0 && sizeClass(length) >= state[LISTED]) this.list(row, sizeClass(length));
    }
    state[MOST] = Math.max(MANY, 2 * state[MEMBERS]);
  }

  /** Too many are listed: the shorter classes need not be. */
  private unlistShort(): void {
    const state = this.state.data;
    const from = state[LISTED];
    state[LISTED] = Math.max(from, this.classOfLongest());
    for (let index = from; index < state[LISTED]; index++) state[MEMBERS] -= this.counts.data[index];
    state[MOST] = Math.max(MANY, 2 * state[MEMBERS]);
  }

  /** The highest class from which on there are FEW holes and a sixteenth of all. */
  private classOfLongest(): number {
    const counts = this.counts.data;
    let all = 0;
    for (let index = 0; index <= this.state.data[TOP]; index++) all += counts[index];
    let index = this.state.data[TOP];
    for (let longer = counts[index]; index > 0 && longer < Math.max(FEW, all >> 4); longer += counts[index])
      index--;
    return index;
  }
}
