/**
 * The bins of merged free chunks. A bin is a ring through its head, whose row is the bin's number.
 *
 *   unsorted   newest first, and served oldest first: where every chunk goes first
 *   small      one size each, newest first, and served oldest first: O(1)
 *   large      a range of sizes, longest first, equal ones together. The first chunk of each size is also in a ring
 *              of sizes: a search takes a step a size, not a step a chunk. A newcomer goes second among its equals,
 *              and the second is taken first, so that the ring of sizes is seldom touched.
 *
 * A bit a bin says where there may be chunks: set when one comes, cleared by the search that finds none.
 */
import { MARKS } from "../../kernel/glibc-registers.ts";
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column } from "../../space/columns.ts";
import type { Space } from "../../space/space.ts";
import {
  BACK,
  type Chunks,
  FORWARD,
  LARGER,
  PLACE,
  Place,
  type Row,
  SIZE,
  SMALLER,
  STRIDE,
} from "./chunks.ts";
import { BINS, type Layout, UNSORTED } from "./layout.ts";

export class Bins {
  /** Chunks looked at since the policy last set it to 0. */
  looked = 0;
  private readonly chunks: Chunks;
  private readonly layout: Layout;
  /** A bit for each bin. */
  private readonly marks: Column<Int32Array>;

  constructor(space: Space, chunks: Chunks, layout: Layout) {
    this.chunks = chunks;
    this.layout = layout;
    this.marks = space.columns.int32(BINS / 32);
    const rows = chunks.rows.data;
    for (let bin = 0; bin < BINS; bin++) {
      rows[bin * STRIDE + FORWARD] = bin;
      rows[bin * STRIDE + BACK] = bin;
      // A head is never taken for a chunk that follows its equals: see `remove`.
      rows[bin * STRIDE + SMALLER] = bin;
    }
  }

  bind(registers: Registers): void {
    registers.point(OF_POLICY + MARKS, this.marks.data);
  }

  /** First of the bin; the bin itself when it is empty. */
  first(bin: number): Row {
    return this.chunks.rows.data[bin * STRIDE + FORWARD];
  }

  /** Last of the bin; the bin itself when it is empty. */
  last(bin: number): Row {
    return this.chunks.rows.data[bin * STRIDE + BACK];
  }

  marked(bin: number): boolean {
    return (this.marks.data[bin >> 5] & (1 << (bin & 31))) !== 0;
  }

  /** To the front of the unsorted bin. */
  put(row: Row): void {
    const rows = this.chunks.rows.data;
    rows[row * STRIDE + SMALLER] = 0;
    rows[row * STRIDE + PLACE] = Place.bin;
    this.link(rows, row, UNSORTED, rows[UNSORTED * STRIDE + FORWARD]);
  }

  /** Into the bin of its size. It is in none. */
  file(row: Row): void {
    const rows = this.chunks.rows.data;
    const size = rows[row * STRIDE + SIZE];
    const bin = this.layout.bin(size);
    let after = rows[bin * STRIDE + FORWARD];
    if (size >= this.layout.large) {
      if (after === bin) {
        rows[row * STRIDE + SMALLER] = row;
        rows[row * STRIDE + LARGER] = row;
      } else after = this.rank(rows, row, size, bin);
    }
    this.link(rows, row, rows[after * STRIDE + BACK], after);
    this.marks.data[bin >> 5] |= 1 << (bin & 31);
  }

  /** Out of its bin. If it is the first of its size, the second takes its place among the sizes. */
  remove(row: Row): void {
    const rows = this.chunks.rows.data;
    const before = rows[row * STRIDE + BACK];
    const after = rows[row * STRIDE + FORWARD];
    rows[before * STRIDE + FORWARD] = after;
    rows[after * STRIDE + BACK] = before;
    if (rows[row * STRIDE + SIZE] < this.layout.large) return;
    const smaller = rows[row * STRIDE + SMALLER];
    if (smaller === 0) return;
    const larger = rows[row * STRIDE + LARGER];
    if (rows[after * STRIDE + SMALLER] !== 0) {
      rows[larger * STRIDE + SMALLER] = smaller;
      rows[smaller * STRIDE + LARGER] = larger;
    } else if (smaller === row) {
      rows[after * STRIDE + SMALLER] = after;
      rows[after * STRIDE + LARGER] = after;
    } else {
      rows[after * STRIDE + SMALLER] = smaller;
      rows[after * STRIDE + LARGER] = larger;
      rows[larger * STRIDE + SMALLER] = after;
      rows[smaller * STRIDE + LARGER] = after;
    }
  }

  /** The shortest chunk of a large bin that holds `units`, by sizes upwards from its shortest; 0 if none does. */
  bestFit(bin: number, units: number): Row {
    const rows = this.chunks.rows.data;
    const first = rows[bin * STRIDE + FORWARD];
    if (first === bin) return 0;
    this.looked++;
    if (rows[first * STRIDE + SIZE] < units) return 0;
    let row = rows[first * STRIDE + LARGER];
    for (this.looked++; rows[row * STRIDE + SIZE] < units; this.looked++) row = rows[row * STRIDE + LARGER];
    const second = rows[row * STRIDE + FORWARD];
    return second !== bin && rows[second * STRIDE + SIZE] === rows[row * STRIDE + SIZE] ? second : row;
  }

  /** The last chunk of the lowest bin above `bin` that has any, or 0. In a large bin that is the shortest. */
  above(bin: number): Row {
    const rows = this.chunks.rows.data;
    const marks = this.marks.data;
    let word = (bin + 1) >> 5;
    let bits = marks[word] & (-1 << ((bin + 1) & 31));
    for (;;) {
      while (bits === 0) {
        if (++word === marks.length) return 0;
        bits = marks[word];
      }
      const lowest = bits & -bits;
      const head = (word << 5) + 31 - Math.clz32(lowest);
      const row = rows[head * STRIDE + BACK];
      if (row !== head) {
        this.looked++;
        return row;
      }
      bits &= ~lowest;
      marks[word] &= ~lowest;
    }
  }

  /** What a newcomer to a large bin that is not empty goes before; the ring of sizes takes it in. */
  private rank(rows: Int32Array, row: Row, size: number, bin: number): Row {
    const first = rows[bin * STRIDE + FORWARD];
    this.looked++;
    let after = bin;
    let smaller = first;
    if (size >= rows[rows[bin * STRIDE + BACK] * STRIDE + SIZE]) {
      after = first;
      for (this.looked++; size < rows[after * STRIDE + SIZE]; this.looked++)
        after = rows[after * STRIDE + SMALLER];
      if (size === rows[after * STRIDE + SIZE]) return rows[after * STRIDE + FORWARD];
      smaller = after;
    }
    const larger = rows[smaller * STRIDE + LARGER];
    rows[row * STRIDE + SMALLER] = smaller;
    rows[row * STRIDE + LARGER] = larger;
    rows[larger * STRIDE + SMALLER] = row;
    rows[smaller * STRIDE + LARGER] = row;
    return after;
  }

  private link(rows: Int32Array, row: Row, before: Row, after: Row): void {
    rows[row * STRIDE + BACK] = before;
    rows[row * STRIDE + FORWARD] = after;
    rows[before * STRIDE + FORWARD] = row;
    rows[after * STRIDE + BACK] = row;
  }
}
