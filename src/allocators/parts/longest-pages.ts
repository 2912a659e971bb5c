/**
 * The first range of a free list from anywhere on that has some length, and the longest: a tree of the longest range of
 * each page, of groups of 16 pages, of groups of these, up to one that holds all. Brent, "Efficient Implementation of the
 * First-Fit Strategy for Dynamic Storage Allocation", ACM TOPLAS 11(3), 1989, 388-403. O(log16 pages).
 *
 *   entry i of a level = the maximum of entries 16i .. 16i + 15 of the level below; 0 without ranges
 *   levels have P, P/16, P/256 .. entries, down to 16 or fewer; P, the pages, is a power of two
 *
 * The levels follow each other in one column, that of the pages first. 4.3 bytes a page.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Node } from "../../space/block-map.ts";
import type { Column, Columns } from "../../space/columns.ts";
import { SpaceError } from "../../space/space.ts";
import { type FreeList, LENGTH, type ListIndex, NEXT, PLACE } from "./free-list.ts";

const GROUP = 16;
const SHIFT = 4;

export class LongestPages implements ListIndex {
  private readonly list: FreeList;
  private readonly maxima: Column<Int32Array>;
  /** [P]. */
  private readonly pages: Column<Int32Array>;

  constructor(list: FreeList, columns: Columns) {
    this.list = list;
    this.maxima = columns.int32();
    this.pages = columns.int32(1);
    list.follow(this);
  }

  bind(registers: Registers): void {
    registers.point(OF_POLICY + 8, this.maxima.data);
    registers.point(OF_POLICY + 9, this.pages.data);
  }

  /** Granules of the longest range, 0 if there is none. */
  get longest(): number {
    const maxima = this.maxima.data;
    let base = 0;
    let size = this.pages.data[0];
    for (; size > GROUP; size >>= SHIFT) base += size;
    let longest = 0;
    for (let i = base; i < base + size; i++) if (maxima[i] > longest) longest = maxima[i];
    return longest;
  }

  /** The first range behind `range`, or of the whole list if that is 0, that has `length` granules or more; or 0. */
  after(range: Node, length: number): Node {
    const rows = this.list.rows.data;
    let next = range;
    let page = 0;
    if (range !== 0) {
      do next = rows[(-next << 2) | NEXT];
      while (next !== 0 && rows[(-next << 2) | LENGTH] < length);
      if (next !== 0) return next;
      page = (rows[(-range << 2) | PLACE] >> this.list.pageShift) + 1;
    }
    page = this.page(page, length);
    if (page < 0) return 0;
    next = this.list.head(page);
    while (rows[(-next << 2) | LENGTH] < length) next = rows[(-next << 2) | NEXT];
    return next;
  }

  // The list tells of its ranges.

  inserted(_range: Node, place: number, length: number): void {
    const page = place >> this.list.pageShift;
    if (length > this.maxima.data[page]) this.set(page, length);
  }

  removed(_range: Node, place: number, length: number): void {
    const page = place >> this.list.pageShift;
    if (length < this.maxima.data[page]) return;
    const rows = this.list.rows.data;
    let longest = 0;
    for (let range = this.list.head(page); range !== 0; range = rows[(-range << 2) | NEXT])
      if (rows[(-range << 2) | LENGTH] > longest) longest = rows[(-range << 2) | LENGTH];
    if (longest !== length) this.set(page, longest);
  }

  changed(range: Node, place: number, length: number): void {
    const { data } = this.list.rows;
    this.removed(range, place, length);
    this.inserted(range, data[(-range << 2) | PLACE], data[(-range << 2) | LENGTH]);
  }

  renumbered(): void {
    const { pages } = this.list;
    this.maxima.grow(pages + (pages >> 3)); // 1 + 1/16 + 1/256 ...
    this.maxima.data.fill(0);
    this.pages.data[0] = pages;
    for (let range = this.list.first; range !== 0; range = this.list.next(range))
      this.inserted(range, this.list.rows.data[(-range << 2) | PLACE], this.list.length(range));
  }

  validate(): void {
    const list = this.list;
    const maxima = this.maxima.data;
    let base = 0;
    let size = this.pages.data[0];
    if (size !== list.pages) throw new SpaceError(`${size} pages have maxima, the list has ${list.pages}`);
    const longest = new Int32Array(size);
    for (let range = list.first; range !== 0; range = list.next(range)) {
      const page = list.rows.data[(-range << 2) | PLACE] >> list.pageShift;
      longest[page] = Math.max(longest[page], list.length(range));
    }
    for (;;) {
      for (let i = 0; i < size; i++)
        if (maxima[base + i] !== longest[i])
          throw new SpaceError(
            `pages ${i} have ranges of ${longest[i]}, and are said to of ${maxima[base + i]}`,
          );
      if (size <= GROUP) return;
      for (let i = 0; i < size; i += GROUP) longest[i >> SHIFT] = Math.max(...longest.subarray(i, i + GROUP));
      base += size;
      size >>= SHIFT;
    }
  }

  /** The first page from `page` on with a range of `length` or longer; -1 if there is none. */
  private page(page: number, length: number): number {
    const maxima = this.maxima.data;
    let size = this.pages.data[0];
    let base = 0;
    let i = page;
    if (page === 0) for (; size > GROUP; size >>= SHIFT) base += size; // all: from the top down
    for (;;) {
      const end = Math.min((i | (GROUP - 1)) + 1, size);
      while (i < end && maxima[base + i] < length) i++;
      if (i < end) break;
      if (size <= GROUP) return -1;
      base += size;
      size >>= SHIFT;
      i = end >> SHIFT;
    }
    while (base > 0) {
      size <<= SHIFT;
      base -= size;
      i <<= SHIFT;
      while (maxima[base + i] < length) i++;
    }
    return i;
  }

  /** The longest range of `page` has `longest` now. */
  private set(page: number, longest: number): void {
    const maxima = this.maxima.data;
    let size = this.pages.data[0];
    let base = 0;
    let i = page;
    for (;;) {
      const before = maxima[base + i];
      maxima[base + i] = longest;
      if (size <= GROUP) return;
      const group = base + (i & -GROUP);
      base += size;
      size >>= SHIFT;
      i >>= SHIFT;
      const most = maxima[base + i];
      if (longest < most) {
        if (before < most) return;
        for (let each = group; each < group + GROUP; each++)
          if (maxima[each] > longest) longest = maxima[each];
      }
      if (longest === most) return;
    }
  }
}
