/**
 * Which block, control range or hole lies at an address? For each page of PAGE granules the first node that
 * starts in it, under a hierarchy of bitmaps that finds the nearest such page below in O(log32 pages). From there
 * the space's own links lead on: at most PAGE steps, since each node is at least one granule.
 * 4 bytes a page of 32 granules: 0.8% of a heap of 16-byte granules. Longer pages mean longer walks: a slab's claim
 * took a fifth more time with pages of 64.
 */
import type { Column, Columns } from "./columns.ts";

const PAGE_SHIFT = 5;

export class AddressIndex {
  /** First node that starts in each page: a handle of the block map, 0 for none. */
  private readonly first: Column<Int32Array>;
  /** levels[k] has a bit for each word of levels[k - 1] that is not 0; levels[0] a bit for each page. */
  private readonly levels: Column<Int32Array>[] = [];
  private readonly startOf: (node: number) => number;

  /** `startOf` gives a node's start in granules. */
  constructor(columns: Columns, startOf: (node: number) => number) {
    this.startOf = startOf;
    this.first = columns.int32(64);
    // 2^31 granules are 2^26 pages: six levels of 32 cover them.
    for (let level = 0; level < 6; level++) this.levels.push(columns.int32(2));
  }

  /** `node` starts at granule `start` from now on. */
  insert(node: number, start: number): void {
    const page = start >>> PAGE_SHIFT;
    if (page >= this.first.data.length) this.first.grow(page + 1);
    const first = this.first.data;
    const old = first[page];
    if (old === 0) this.mark(page);
    if (old === 0 || start <= this.startOf(old)) first[page] = node;
  }

  /** `node` no longer starts at granule `start`; `next` follows it in its segment (0 for none). */
  remove(node: number, start: number, next: number): void {
    const page = start >>> PAGE_SHIFT;
    const first = this.first.data;
    if (first[page] !== node) return;
    const follows = next !== 0 && this.startOf(next) >>> PAGE_SHIFT === page;
    first[page] = follows ? next : 0;
    if (!follows) this.unmark(page);
  }

  /** A node that starts at or before granule `start`, as near as pages tell; 0 for none. */
  below(start: number): number {
    const page = start >>> PAGE_SHIFT;
    const first = this.first.data;
    if (page < first.length && first[page] !== 0 && this.startOf(first[page]) <= start) return first[page];
    const found = this.pageBelow(Math.min(page, first.length));
    return found < 0 ? 0 : first[found];
  }

  private mark(page: number): void {
    for (let level = 0, index = page; level < this.levels.length; level++) {
      const word = index >>> 5;
      const column = this.levels[level];
      if (word >= column.data.length) column.grow(word + 1);
      const before = column.data[word];
      column.data[word] = before | (1 << (index & 31));
      if (before !== 0) return;
      index = word;
    }
  }

  private unmark(page: number): void {
    for (let level = 0, index = page; level < this.levels.length; level++) {
      const word = index >>> 5;
      const bits = this.levels[level].data;
      bits[word] &= ~(1 << (index & 31));
      if (bits[word] !== 0) return;
      index = word;
    }
  }

  /** The highest marked page below `page`, or -1. */
  private pageBelow(page: number): number {
    let index = page;
    for (let level = 0; level < this.levels.length; level++) {
      const word = index >>> 5;
      const bits = this.levels[level].data;
      const below = word < bits.length ? bits[word] & ((1 << (index & 31)) - 1) : 0;
      if (below !== 0) {
        let found = (word << 5) | (31 - Math.clz32(below));
        while (level-- > 0) found = (found << 5) | (31 - Math.clz32(this.levels[level].data[found]));
        return found;
      }
      index = word;
    }
    return -1;
  }
}
