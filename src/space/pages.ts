/**
 * Which pages of 4 KiB are resident: touched since they were obtained, and not given back. A bit a page.
 * All numbers are bytes.
 */
import type { Column, Columns } from "./columns.ts";

export const PAGE = 4096;
const PAGE_LOG2 = 12;

/** Below 4 GiB a shift does, and saves the way through floating point. */
const pageOf = (address: number): number =>
  address <= 0xffffffff ? address >>> PAGE_LOG2 : Math.floor(address / PAGE);

export class Pages {
  /** Bit p of the whole array is page p. */
  private readonly touched: Column<Int32Array>;
  /** [resident pages]. */
  private readonly count: Column<Int32Array>;

  constructor(columns: Columns) {
    this.touched = columns.int32(64);
    this.count = columns.int32(1);
  }

  get residentBytes(): number {
    return this.count.data[0] * PAGE;
  }

  isResident(address: number): boolean {
    const page = Math.floor(address / PAGE);
    return (
      page >>> 5 < this.touched.data.length && (this.touched.data[page >>> 5] & (1 << (page & 31))) !== 0
    );
  }

  /** Every page that [from, to) reaches into is touched. O(pages not yet touched), one look for most blocks. */
  touch(from: number, to: number): void {
    if (to <= from) return;
    const last = pageOf(to - 1);
    if (last >>> 5 >= this.touched.data.length) this.touched.grow((last >>> 5) + 1);
    const touched = this.touched.data;
    for (let page = pageOf(from); page <= last; page++) {
      const word = touched[page >>> 5];
      const bit = 1 << (page & 31);
      if ((word & bit) !== 0) continue;
      touched[page >>> 5] = word | bit;
      this.count.data[0]++;
    }
  }

  /** Every page that lies wholly in [from, to) is given back. */
  forget(from: number, to: number): void {
    const touched = this.touched.data;
    const end = Math.min(Math.floor(to / PAGE), touched.length * 32);
    for (let page = Math.ceil(from / PAGE); page < end; page++) {
      const word = touched[page >>> 5];
      const bit = 1 << (page & 31);
      if ((word & bit) === 0) continue;
      touched[page >>> 5] = word & ~bit;
      this.count.data[0]--;
    }
  }
}
