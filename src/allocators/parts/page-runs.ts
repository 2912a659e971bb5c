/**
 * Runs of pages inside a heap, first fit by address: the page allocator below slabs. A run is given back whole.
 *
 *   row of a page        = two numbers
 *   first of a used run  = pages of the run; a slot of the space that lies in the run, 0 where none is noted
 *   further on in it     = less the pages back to its first; 0
 *   first of a free run  = 0; pages of the run
 *   last of it           = 0; less the pages back to its first, if it is another page
 *
 * No two free runs are neighbours. O(log pages) by a tree of the runs, and the length of the run; 8 bytes a page and
 * the tree's. What is counted as steps is a walk over the runs in use, from the lowest free page up.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column } from "../../space/columns.ts";
import { Cost } from "../../space/cost.ts";
import { type Address, Control, type Slot, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";
import { RunTree } from "./run-tree.ts";

const PAGES = 0;
/** Where the walk begins: no page below it is free. */
const LOWEST = 1;

export class PageRuns {
  private readonly space: Space;
  private readonly page: number;
  private readonly inverse: number;
  private readonly rows: Column<Int32Array>;
  private readonly tree: RunTree;
  /** [pages of the heap, lowest page that may be free]. */
  private readonly state: Column<Int32Array>;

  /** `page` is a power of two. What a fixed arena has beyond whole pages is set aside. */
  constructor(space: Space, page: number) {
    this.space = space;
    this.page = page;
    this.inverse = 1 / page;
    this.rows = space.columns.int32(128);
    this.tree = new RunTree(space.columns);
    this.state = space.columns.int32(2);
    if (space.grows) return;
    const pages = Math.floor(space.limit / page);
    if (pages > 0) this.append(pages);
    const rest = space.limit - pages * page;
    if (rest > 0) space.reserve(pages * page, rest, Control.unused);
  }

  /** The policy's first two registers: the rest are the caches'. */
  bind(registers: Registers): void {
    registers.set(OF_POLICY, 31 - Math.clz32(this.page));
    registers.point(OF_POLICY + 1, this.rows.data);
  }

  /** First of `count` pages in a row at a multiple of `align` bytes; -1 if there is no room. */
  take(count: number, align = 0): number {
    const state = this.state.data;
    const step = Math.max(align / this.page, 1);
    const found = this.firstFit(count, step);
    // Where nothing fits, the walk ends at what is free at the heap's end.
    const run = found < 0 ? this.freeEnd(state[PAGES]) : found;
    const start = Math.ceil(run / step) * step;
    const steps = this.tree.usedBelow(run) - this.tree.usedBelow(state[LOWEST]) + 1;
    this.space.count(Cost.searchSteps, steps);
    const free = this.tree.firstFree(1);
    state[LOWEST] = free < 0 ? state[PAGES] : free;
    if (found < 0 && !this.grow(start + count)) return -1;
    this.use(run, start, count);
    if (start === state[LOWEST]) state[LOWEST] = start + count;
    return start;
  }

  /** Frees the run that begins at `page`. */
  give(page: number): void {
    const rows = this.rows.data;
    const state = this.state.data;
    const end = page + rows[2 * page];
    rows.fill(0, 2 * page, 2 * end);
    this.tree.set(page, 0, 0);
    const from = this.freeEnd(page);
    let to = end;
    if (end < state[PAGES] && rows[2 * end] === 0) {
      to += rows[2 * end + 1];
      this.tree.set(end, 0, 0);
    }
    this.setFree(from, to);
    if (page < state[LOWEST]) state[LOWEST] = page;
  }

  /** First page of the run that holds `address`. */
  first(address: Address): number {
    const page = (address * this.inverse) | 0;
    const back = this.rows.data[2 * page];
    return back < 0 ? page + back : page;
  }

  /** Pages of the run that begins at `page`; 0 where none does. */
  length(page: number): number {
    return this.rows.data[2 * page];
  }

  /** Notes a slot that lies in the run in use that begins at `page`. */
  note(page: number, slot: Slot): void {
    this.rows.data[2 * page + 1] = slot;
  }

  /** The slot noted for the run in use that begins at `page`; 0 for none. */
  slot(page: number): Slot {
    return this.rows.data[2 * page + 1];
  }

  /** First page of the next run in use below the run that begins at `page`; -1 if there is none. */
  below(page: number): number {
    const last = this.freeEnd(page) - 1;
    return last < 0 ? -1 : last + Math.min(this.rows.data[2 * last], 0);
  }

  /** First page of each run in use, from low to high. */
  *runs(): IterableIterator<number> {
    for (let page = 0; page < this.state.data[PAGES]; page++) if (this.length(page) > 0) yield page;
  }

  /** The free runs by address. */
  show(show: InternalsSink): void {
    for (let page = this.tree.firstFree(1); page >= 0; page = this.tree.firstFree(1, page + 1))
      show.entry(page * this.page, this.rows.data[2 * page + 1] * this.page);
  }

  /** Throws if the runs do not tile the heap, two free ones are neighbours or the tree does not know them. */
  validate(): void {
    const rows = this.rows.data;
    const state = this.state.data;
    const leaves = new Map<number, readonly [number, number]>();
    let free = false;
    let at = 0;
    while (at < state[PAGES]) {
      const used = rows[2 * at];
      const length = used === 0 ? rows[2 * at + 1] : used;
      if (length <= 0 || at + length > state[PAGES]) throw new SpaceError(`no run begins at page ${at}`);
      for (let back = 1; back < length; back++)
        if (rows[2 * (at + back)] !== (used === 0 ? 0 : -back))
          throw new SpaceError(`page ${at + back} is not in the run that begins at ${at}`);
      if (used === 0 && length > 1 && rows[2 * (at + length) - 1] !== 1 - length)
        throw new SpaceError(`the end of the free run at page ${at} does not lead back to it`);
      if (used === 0 && free) throw new SpaceError(`the free run at page ${at} has a free one below it`);
      if (used === 0 && at < state[LOWEST])
        throw new SpaceError(`page ${at} is free, ${state[LOWEST]} is the lowest`);
      free = used === 0;
      leaves.set(at, free ? [length, 0] : [0, 1]);
      at += length;
    }
    if (at !== state[PAGES]) throw new SpaceError(`the runs end at page ${at}, the heap at ${state[PAGES]}`);
    this.tree.validate((page) => leaves.get(page) ?? [0, 0]);
  }

  /** First page of the lowest free run that holds `count` pages from a multiple of `step` on; -1 for none. */
  private firstFit(count: number, step: number): number {
    let run = this.tree.firstFree(count);
    while (run >= 0 && Math.ceil(run / step) * step + count > run + this.rows.data[2 * run + 1])
      run = this.tree.firstFree(count, run + 1);
    return run;
  }

  /** First page of the free run that ends below `page`; `page` itself if the page there is in use. */
  private freeEnd(page: number): number {
    const rows = this.rows.data;
    if (page === 0 || rows[2 * page - 2] !== 0) return page;
    return page - 1 + Math.min(rows[2 * page - 1], 0);
  }

  /** [from, to) is a free run, none of its neighbours is. */
  private setFree(from: number, to: number): void {
    const rows = this.rows.data;
    rows[2 * to - 1] = from - to + 1;
    rows[2 * from + 1] = to - from;
    this.tree.set(from, to - from, 0);
  }

  /** [start, start + count), of the free run that begins at `run`, is in use. */
  private use(run: number, start: number, count: number): void {
    const rows = this.rows.data;
    const end = run + rows[2 * run + 1];
    for (let back = 0; back < count; back++) {
      rows[2 * (start + back)] = -back;
      rows[2 * (start + back) + 1] = 0;
    }
    rows[2 * start] = count;
    this.tree.set(start, 0, 1);
    if (run < start) this.setFree(run, start);
    if (start + count < end) this.setFree(start + count, end);
  }

  /** Makes the heap `pages` long, if it grows and can. */
  private grow(pages: number): boolean {
    const missing = pages - this.state.data[PAGES];
    if (!this.space.grows || this.space.extend(missing * this.page) === 0) return false;
    this.append(pages);
    return true;
  }

  /** The heap ends at page `end`; what is new is free. */
  private append(end: number): void {
    const from = this.freeEnd(this.state.data[PAGES]);
    this.rows.grow(2 * end);
    this.setFree(from, end);
    this.state.data[PAGES] = end;
  }
}
