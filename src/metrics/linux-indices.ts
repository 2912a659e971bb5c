/**
 * Linux's two indices of free memory, from the number of free blocks of each order (a row of `/proc/buddyinfo`).
 * Definitions: mm/vmstat.c, `unusable_free_index` and `__fragmentation_index`; Mel Gorman and Andy Whitcroft,
 * "The What, The Why and the Where To of Anti-Fragmentation", OLS 2006. Both are the kernel's integers / 1000.
 */

/** Orders that Linux counts: 0 .. 10, pages of 4 KiB to 4 MiB. */
export const ORDERS = 11;

function totals(free: readonly number[], order: number) {
  let pages = 0;
  let blocks = 0;
  let suitable = 0;
  for (let o = 0; o < free.length; o++) {
    pages += free[o] * (1 << o);
    blocks += free[o];
    if (o >= order) suitable += free[o] * (1 << (o - order));
  }
  return { pages, blocks, suitable };
}

/** Share of the free pages that a request of 2^order pages cannot use, 0 .. 1; 1 where nothing is free. */
export function unusableFreeIndex(free: readonly number[], order: number): number {
  const { pages, suitable } = totals(free, order);
  return pages === 0 ? 1 : Math.floor(((pages - suitable * (1 << order)) * 1000) / pages) / 1000;
}

/**
 * Why a request of 2^order pages would fail: near 0 for want of memory, near 1 for fragmentation; -1 where it would
 * not fail, 0 where nothing is free.
 */
export function extfragIndex(free: readonly number[], order: number): number {
  const { pages, blocks, suitable } = totals(free, order);
  if (blocks === 0) return 0;
  if (suitable > 0) return -1;
  return (1000 - Math.floor((1000 + Math.floor((pages * 1000) / (1 << order))) / blocks)) / 1000;
}

/**
 * The row that a buddy system would show of a hole [start, end): its whole pages of 4 KiB, in the largest naturally
 * aligned blocks. Adds to `free`, of ORDERS entries. Departs from Linux, where free memory is pages to begin with:
 * a hole of less than a page counts as nothing.
 */
export function addHole(free: number[], start: number, end: number): void {
  if (end - start < 4096) return;
  let page = Math.ceil(start / 4096);
  const last = Math.floor(end / 4096);
  while (page < last) {
    let order = 0;
    // Pages of 4 KiB: their numbers have 23 bits at most.
    while (order < ORDERS - 1 && (page & (1 << order)) === 0 && page + (2 << order) <= last) order++;
    free[order]++;
    page += 1 << order;
  }
}
