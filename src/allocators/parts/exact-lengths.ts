/**
 * In which pages of a free list are there ranges of exactly this length? For each short length a bitmap of the pages
 * under a hierarchy of bitmaps, 32 to 1, so that the first such page, and the next, are found in O(log32 pages).
 *
 *   bit (length, i) of a level = any of bits (length, 32i) .. (length, 32i + 31) of the level below
 *   words of a level: [i / 32][length], for i up to its bits; P, P/32, P/1024 .. bits, down to 32 or fewer
 *
 * All levels follow each other in one column, that of the pages first. 16.5 bytes a page.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column, Columns } from "../../space/columns.ts";

/** Lengths 0 .. EXACT - 1. */
export const EXACT = 128;

/** Behind the words that say which lengths there are: P; and behind that, the first level. */
const PAGES = EXACT / 32;
const BASE = PAGES + 1;

export class ExactLengths {
  /** [a bit for each length that any page has; P, a power of two; the levels]. */
  private readonly bits: Column<Int32Array>;

  constructor(columns: Columns) {
    this.bits = columns.int32(BASE);
  }

  bind(registers: Registers): void {
    registers.point(OF_POLICY + 8, this.bits.data);
  }

  /** Empties all, and makes room for `pages`. */
  clear(pages: number): void {
    // 1/32 + 1/1024 ... words a page and length, and one more for each of 7 levels at most.
    this.bits.grow(BASE + Math.ceil((pages / 31 + 7) * EXACT));
    this.bits.data.fill(0);
    this.bits.data[PAGES] = Math.max(pages, 32);
  }

  /** `page` has a range of `length`. */
  mark(length: number, page: number): void {
    const bits = this.bits.data;
    let words = bits[PAGES] >> 5;
    let base = BASE + length;
    let i = page;
    for (;;) {
      const at = base + (i >> 5) * EXACT;
      const before = bits[at];
      bits[at] = before | (1 << (i & 31));
      if (before !== 0) return;
      if (words === 1) break;
      base += words * EXACT;
      words = (words + 31) >> 5;
      i >>= 5;
    }
    bits[length >> 5] |= 1 << (length & 31);
  }

  /** `page` has no range of `length` any more. */
  unmark(length: number, page: number): void {
    const bits = this.bits.data;
    let words = bits[PAGES] >> 5;
    let base = BASE + length;
    let i = page;
    for (;;) {
      const at = base + (i >> 5) * EXACT;
      const rest = bits[at] & ~(1 << (i & 31));
      bits[at] = rest;
      if (rest !== 0) return;
      if (words === 1) break;
      base += words * EXACT;
      words = (words + 31) >> 5;
      i >>= 5;
    }
    bits[length >> 5] &= ~(1 << (length & 31));
  }

  /** The shortest length from `length` on that any page has; -1 if there is none. */
  shortest(length: number): number {
    const bits = this.bits.data;
    let word = length >> 5;
    let found = word < PAGES ? bits[word] & (-1 << (length & 31)) : 0;
    while (found === 0) {
      if (++word >= PAGES) return -1;
      found = bits[word];
    }
    return (word << 5) | (31 - Math.clz32(found & -found));
  }

  /** The first page that has a range of `length`, which there is. */
  lowest(length: number): number {
    const bits = this.bits.data;
    const pages = bits[PAGES];
    let level = 0;
    let base = BASE + length;
    for (let words = pages >> 5; words > 1; words = (words + 31) >> 5) {
      base += words * EXACT;
      level++;
    }
    let i = 0;
    for (;;) {
      const found = bits[base + i * EXACT];
      i = (i << 5) | (31 - Math.clz32(found & -found));
      if (level === 0) return i;
      level--;
      base -= EXACT * (level === 0 ? pages >> 5 : pages >> (5 * level + 5) || 1);
    }
  }

  /** The first page from `page` on that has a range of `length`; -1 if there is none. */
  first(length: number, page: number): number {
    const bits = this.bits.data;
    const pages = bits[PAGES];
    let words = pages >> 5;
    let base = BASE + length;
    let i = page;
    let level = 0;
    let found = 0;
    for (;;) {
      if (i >> 5 < words) found = bits[base + (i >> 5) * EXACT] & (-1 << (i & 31));
      if (found !== 0) break;
      if (words === 1 || i >> 5 >= words) return -1;
      base += words * EXACT;
      words = (words + 31) >> 5;
      i = (i >> 5) + 1;
      level++;
    }
    for (;;) {
      i = (i & ~31) | (31 - Math.clz32(found & -found));
      if (level === 0) return i;
      level--;
      words = level === 0 ? pages >> 5 : Math.max(pages >> (5 * level + 5), 1);
      base -= words * EXACT;
      found = bits[base + i * EXACT];
      i <<= 5;
    }
  }
}
