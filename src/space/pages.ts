/**
 * Which pages of 4 KiB are resident: touched since they were obtained, and not given back. A bit a page. Several pages may
 * share the memory of one of them, which is resident once: the others' bits are 0.
 * All numbers are bytes.
 */
import type { Registers } from "../kernel/kernel.ts";
import { FRESH, PAGES, RESIDENT } from "../kernel/registers.ts";
import type { Column, Columns } from "./columns.ts";

export const PAGE = 4096;
const PAGE_LOG2 = 12;

/** Below 4 GiB a shift does, and saves the way through floating point. */
const pageOf = (address: number): number =>
  address <= 0xffffffff ? address >>> PAGE_LOG2 : Math.floor(address / PAGE);

export class Pages {
  /** Bit p of the whole array is page p. */
  private readonly touched: Column<Int32Array>;
  /** By page: 0 if it has memory of its own, else the page whose memory it shares, plus 1. As long as need be. */
  private readonly shared: Column<Int32Array>;
  /** Counts up with every change of which pages are resident. */
  changes = 0;
  /** [resident pages]. */
  private readonly count: Int32Array;

  constructor(columns: Columns) {
    this.touched = columns.int32(64);
    this.shared = columns.int32();
    this.count = columns.int32(1).data;
  }

  /** The kernel may touch what lies below `end`. */
  bind(registers: Registers, end: number): void {
    this.touched.grow((pageOf(end) >>> 5) + 1);
    registers.point(PAGES, this.touched.data);
    registers.point(RESIDENT, this.count);
    registers.set(FRESH, 0);
  }

  /** It has. */
  unbind(registers: Registers): void {
    this.changes += registers.get(FRESH);
  }

  get residentBytes(): number {
    return this.count[0] * PAGE;
  }

  isResident(address: number): boolean {
    const page = this.memory(Math.floor(address / PAGE));
    return (
      page >>> 5 < this.touched.data.length && (this.touched.data[page >>> 5] & (1 << (page & 31))) !== 0
    );
  }

  /** Every page that [from, to) reaches into is touched. O(pages not yet touched), one look for most blocks. */
  touch(from: number, to: number): void {
    if (to <= from) return;
    const first = pageOf(from);
    const last = pageOf(to - 1);
    const words = this.touched.data;
    if (first === last && first >>> 5 < words.length && (words[first >>> 5] & (1 << (first & 31))) !== 0)
      return;
    this.touchAll(first, last);
  }

  private touchAll(first: number, last: number): void {
    if (last >>> 5 >= this.touched.data.length) this.touched.grow((last >>> 5) + 1);
    const touched = this.touched.data;
    for (let each = first; each <= last; each++) {
      const page = this.memory(each);
      const word = touched[page >>> 5];
      const bit = 1 << (page & 31);
      if ((word & bit) !== 0) continue;
      touched[page >>> 5] = word | bit;
      this.count[0]++;
      this.changes++;
    }
  }

  /** Every page that lies wholly in [from, to) is given back. One that shared memory has its own again, untouched. */
  forget(from: number, to: number): void {
    this.changes++;
    const touched = this.touched.data;
    const shared = this.shared.data;
    const end = Math.min(Math.floor(to / PAGE), touched.length * 32);
    for (let page = Math.ceil(from / PAGE); page < end; page++) {
      if (page < shared.length) shared[page] = 0;
      const word = touched[page >>> 5];
      const bit = 1 << (page & 31);
      if ((word & bit) === 0) continue;
      touched[page >>> 5] = word & ~bit;
      this.count[0]--;
    }
  }

  /**
   * The pages of [from, to) have the memory of those from `other` on, which have their own; what they had is given back.
   * If they were resident, that is. All are multiples of a page.
   */
  share(from: number, to: number, other: number): void {
    this.changes++;
    const last = pageOf(Math.max(to, other + to - from) - 1);
    this.touched.grow((last >>> 5) + 1);
    this.shared.grow(last + 1);
    const touched = this.touched.data;
    const shared = this.shared.data;
    for (let page = pageOf(from), target = pageOf(other); page < pageOf(to); page++, target++) {
      const bit = 1 << (page & 31);
      if ((touched[page >>> 5] & bit) !== 0) {
        touched[page >>> 5] &= ~bit;
        this.count[0]--;
        this.touch(target * PAGE, target * PAGE + 1);
      }
      shared[page] = target + 1;
    }
  }

  /** The page whose memory `page` has. */
  private memory(page: number): number {
    const shared = this.shared.data;
    return page < shared.length && shared[page] !== 0 ? shared[page] - 1 : page;
  }
}
