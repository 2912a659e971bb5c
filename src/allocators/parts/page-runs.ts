/**
 * Runs of pages inside a heap, first fit by address: the page allocator below slabs. A run is given back whole.
 *
 *   length[page] > 0   a run of that many pages begins here and is in use
 *   length[page] < 0   a page further on in such a run; the run begins at page + length[page]
 *   length[page] = 0   a free page
 *
 * 4 bytes a page. Taking walks the runs from the lowest free page up.
 */
import type { Column } from "../../space/columns.ts";
import { Cost } from "../../space/cost.ts";
import { type Address, Control, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";

const PAGES = 0;
/** No page below it is free. */
const LOWEST = 1;

export class PageRuns {
  readonly #space: Space;
  readonly #page: number;
  readonly #lengths: Column<Int32Array>;
  /** [pages of the heap, lowest page that may be free]. */
  readonly #state: Column<Int32Array>;

  /** `page` is a power of two. What a fixed arena has beyond whole pages is set aside. */
  constructor(space: Space, page: number) {
    this.#space = space;
    this.#page = page;
    this.#lengths = space.columns.int32(64);
    this.#state = space.columns.int32(2);
    if (space.grows) return;
    const pages = Math.floor(space.limit / page);
    this.#state.data[PAGES] = pages;
    this.#lengths.grow(pages);
    const rest = space.limit - pages * page;
    if (rest > 0) space.reserve(pages * page, rest, Control.unused);
  }

  /** First of `count` pages in a row at a multiple of `align` bytes; -1 if there is no room. */
  take(count: number, align = 0): number {
    const state = this.#state.data;
    const lengths = this.#lengths.data;
    const pages = state[PAGES];
    const step = Math.max(align / this.#page, 1);
    let lowest = -1;
    for (let at = state[LOWEST]; ; at += lengths[at]) {
      const from = at;
      while (at < pages && lengths[at] === 0) at++;
      if (lowest < 0 && (at > from || at === pages)) lowest = from;
      const start = Math.ceil(from / step) * step;
      this.#space.count(Cost.searchSteps, 1);
      if (start + count <= at || (at === pages && this.#grow(start + count))) {
        this.#use(start, count);
        state[LOWEST] = lowest < 0 || start === lowest ? start + count : lowest;
        return start;
      }
      if (at === pages) {
        state[LOWEST] = lowest;
        return -1;
      }
    }
  }

  /** Frees the run that begins at `page`. */
  give(page: number): void {
    const lengths = this.#lengths.data;
    lengths.fill(0, page, page + lengths[page]);
    const state = this.#state.data;
    if (page < state[LOWEST]) state[LOWEST] = page;
  }

  /** First page of the run that holds `address`. */
  first(address: Address): number {
    const page = Math.floor(address / this.#page);
    return page + Math.min(this.#lengths.data[page], 0);
  }

  /** Pages of the run that begins at `page`; 0 where none does. */
  length(page: number): number {
    return this.#lengths.data[page];
  }

  /** First page of each run in use, from low to high. */
  *runs(): IterableIterator<number> {
    const lengths = this.#lengths.data;
    for (let page = 0; page < this.#state.data[PAGES]; page++) if (lengths[page] > 0) yield page;
  }

  /** The free runs by address. */
  show(show: InternalsSink): void {
    const lengths = this.#lengths.data;
    const pages = this.#state.data[PAGES];
    for (let at = 0; at < pages; ) {
      const from = at;
      while (at < pages && lengths[at] === 0) at++;
      if (at > from) show.entry(from * this.#page, (at - from) * this.#page);
      else at += lengths[at];
    }
  }

  /** Throws if a run does not hold together or a free page lies below the lowest. */
  validate(): void {
    const lengths = this.#lengths.data;
    const state = this.#state.data;
    for (let at = 0; at < state[PAGES]; at++) {
      if (lengths[at] === 0 && at < state[LOWEST])
        throw new SpaceError(`page ${at} is free, ${state[LOWEST]} is the lowest`);
      if (lengths[at] < 0 && !(lengths[at + lengths[at]] > -lengths[at]))
        throw new SpaceError(`page ${at} is in no run`);
    }
  }

  #use(start: number, count: number): void {
    const lengths = this.#lengths.data;
    lengths[start] = count;
    for (let i = 1; i < count; i++) lengths[start + i] = -i;
  }

  /** Makes the heap `pages` long, if it grows and can. */
  #grow(pages: number): boolean {
    const missing = pages - this.#state.data[PAGES];
    if (!this.#space.grows || this.#space.extend(missing * this.#page) === 0) return false;
    this.#state.data[PAGES] = pages;
    this.#lengths.grow(pages);
    return true;
  }
}
