/**
 * How many ranges are in each page of a list, as a binary indexed tree: the ranges before a page, and the page of the
 * n-th range, are found in O(log pages). Fenwick, "A New Data Structure for Cumulative Frequency Tables", Software:
 * Practice and Experience 24(3), 1994, 327-336.
 *
 *   sums[i] = ranges in pages i - (i & -i) .. i - 1, for i = 1 .. P; P, the pages, is a power of two
 *   sums[0] = P
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column, Columns } from "../../space/columns.ts";
import { SpaceError } from "../../space/space.ts";

const FEWEST = 32;

export class PageCounts {
  /** One column, as each that an operation reads costs it about a nanosecond. */
  private readonly sums: Column<Int32Array>;

  constructor(columns: Columns) {
    this.sums = columns.int32(1);
  }

  get pages(): number {
    return this.sums.data[0];
  }

  bind(registers: Registers): void {
    registers.point(OF_POLICY + 6, this.sums.data);
  }

  /** `page` has `more` ranges more than before. */
  add(page: number, more: number): void {
    const sums = this.sums.data;
    const pages = sums[0];
    for (let i = page + 1; i <= pages; i += i & -i) sums[i] += more;
  }

  /** Ranges in all pages before `page`. */
  before(page: number): number {
    const sums = this.sums.data;
    let ranges = 0;
    for (let i = page; i > 0; i &= i - 1) ranges += sums[i];
    return ranges;
  }

  /** The page with the `n`-th range, counted from 1, of which there are as many. */
  pageOf(n: number): number {
    const sums = this.sums.data;
    let page = 0;
    for (let step = sums[0] >> 1; step > 0; step >>= 1)
      if (sums[page + step] < n) {
        page += step;
        n -= sums[page];
      }
    return page;
  }

  /** Makes `page` valid: at least doubles the pages when it is not. */
  grow(page: number): void {
    const { pages } = this;
    let more = Math.max(pages, FEWEST);
    while (more <= page) more *= 2;
    this.sums.grow(more + 1);
    const sums = this.sums.data;
    const all = pages === 0 ? 0 : sums[pages];
    sums.fill(0, pages + 1);
    for (let i = pages; 0 < i && i <= more; i *= 2) sums[i] = all;
    sums[0] = more;
  }

  /** Empties all pages. */
  clear(): void {
    this.sums.data.fill(0, 1);
  }

  /** Throws unless the pages have as many ranges as `count` says. */
  validate(count: (page: number) => number): void {
    for (let page = 0; page < this.pages; page++)
      if (this.before(page + 1) - this.before(page) !== count(page))
        throw new SpaceError(`page ${page} of the free list is said not to have ${count(page)} ranges`);
  }
}
