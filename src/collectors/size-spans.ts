/**
 * Spans of pages that hold equal objects, with a cell for each: what active defragmentation and meshing work on.
 *
 *   object = span + index * size
 *   cells[base + index] = the slot that lies there, 0 where it is free
 *
 * A span may take another one in: the pages of that one stay where they are, with the objects in them, but have the memory
 * of the first from then on, and its cells. So a cell is the place of one object, at one of several addresses.
 *
 * The spans of a class that have a free place are found from the lowest up, O(log pages). Stretches of cells are kept
 * when a span goes, for the next one of its class: 4 bytes an object, 32 a page.
 */
import { PageCounts } from "../allocators/parts/page-counts.ts";
import { PageRuns } from "../allocators/parts/page-runs.ts";
import type { Column } from "../space/columns.ts";
import { type Address, type Slot, type Space, SpaceError } from "../space/space.ts";

export interface SpanClass {
  /** Bytes of an object. */
  readonly size: number;
  /** Pages of a span. */
  readonly pages: number;
  /** Objects of a span. */
  readonly capacity: number;
}

const ROW_LOG2 = 3;
const KIND = 0; // the class + 1; 0 where no span begins; below, less the page + 1 of the span that took this one in
const USED = 1;
const BASE = 2; // its first cell
const NEXT = 3; // the next of the spans that share memory, the one that has the cells being first: its page + 1; or 0
/** First of the words of a span's row that are the policy's own. */
export const OWN = 4;

export class SizeSpans {
  readonly space: Space;
  readonly classes: readonly SpanClass[];
  readonly page: number;
  readonly runs: PageRuns;
  /** By class: objects in use, spans, spans with a free place, spare stretch of cells. */
  private readonly counts: Column<Int32Array>;
  private readonly rows: Column<Int32Array>;
  /** Behind cell 0, which is how many there are in use or spare. */
  private readonly cells: Column<Int32Array>;
  /** By class: the spans with a free place. */
  private readonly open: readonly PageCounts[];

  constructor(space: Space, page: number, classes: readonly SpanClass[]) {
    this.space = space;
    this.classes = classes;
    this.page = page;
    this.runs = new PageRuns(space, page);
    this.counts = space.columns.int32(classes.length * 4);
    this.rows = space.columns.int32(16 << ROW_LOG2);
    this.cells = space.columns.int32(64);
    this.open = classes.map(() => new PageCounts(space.columns));
  }

  /** Objects of the class in use. */
  objects(kind: number): number {
    return this.counts.data[kind * 4];
  }
  spans(kind: number): number {
    return this.counts.data[kind * 4 + 1];
  }
  /** Spans of the class that have a free place. */
  openSpans(kind: number): number {
    return this.counts.data[kind * 4 + 2];
  }
  /** The `n`-th of them by address, from 1. */
  openSpan(kind: number, n: number): number {
    return this.open[kind].pageOf(n);
  }
  /** How many of them lie below `page`. */
  openBelow(kind: number, page: number): number {
    return this.open[kind].before(page);
  }

  /** The class of the span at `page`; below 0 if what begins there is none, or was taken in by another one. */
  kind(page: number): number {
    const row = page << ROW_LOG2;
    return row < this.rows.data.length ? this.rows.data[row] - 1 : -1;
  }
  /** First page of the span that has the cells of what begins at `page`: another one if that was taken in. */
  holder(page: number): number {
    const kind = this.rows.data[page << ROW_LOG2];
    return kind < 0 ? -1 - kind : page;
  }
  /** How many spans share the memory of the one at `page`, itself included. */
  sharers(page: number): number {
    let count = 0;
    for (let each = page + 1; each > 0; each = this.next(each - 1)) count++;
    return count;
  }
  used(page: number): number {
    return this.rows.data[(page << ROW_LOG2) + USED];
  }
  /** First page of the run that holds `address`. */
  pageOf(address: Address): number {
    return this.runs.first(address);
  }
  /** Of the object at `address`, in the span at `page`. */
  indexOf(page: number, address: Address): number {
    return (address - page * this.page) / this.classes[this.kind(this.holder(page))].size;
  }
  slot(page: number, index: number): Slot {
    return this.cells.data[this.rows.data[(page << ROW_LOG2) + BASE] + index];
  }
  /** A word of the span's row that is the policy's own: OWN .. 7. */
  own(page: number, word: number): number {
    return this.rows.data[(page << ROW_LOG2) + word];
  }
  setOwn(page: number, word: number, value: number): void {
    this.rows.data[(page << ROW_LOG2) + word] = value;
  }

  /** The lowest free place of the span at `page`; -1 if it is full. */
  firstFree(page: number): number {
    const base = this.rows.data[(page << ROW_LOG2) + BASE];
    const end = base + this.classes[this.kind(page)].capacity;
    const cells = this.cells.data;
    for (let cell = base; cell < end; cell++) if (cells[cell] === 0) return cell - base;
    return -1;
  }

  /** Makes an empty span. Returns its first page, -1 if there is no room. */
  add(kind: number): number {
    const { pages, capacity } = this.classes[kind];
    const page = this.runs.take(pages);
    if (page < 0) return -1;
    const row = page << ROW_LOG2;
    this.rows.grow(row + (1 << ROW_LOG2));
    const counts = this.counts.data;
    let base = counts[kind * 4 + 3];
    if (base === 0) {
      base = this.cells.data[0] + 1;
      this.cells.data[0] += capacity;
      this.cells.grow(base + capacity);
    } else counts[kind * 4 + 3] = this.cells.data[base];
    this.cells.data.fill(0, base, base + capacity);
    this.rows.data.fill(0, row, row + (1 << ROW_LOG2));
    this.rows.data[row + KIND] = kind + 1;
    this.rows.data[row + BASE] = base;
    counts[kind * 4 + 1]++;
    this.setOpen(kind, page, 1);
    return page;
  }

  /** The empty span at `page` goes, with those that it took in. Their pages are given back to the system. */
  remove(page: number): void {
    this.retire(page);
    for (let each = page + 1; each > 0; ) {
      const next = this.next(each - 1);
      this.rows.data[(each - 1) << ROW_LOG2] = 0;
      this.giveRun(each - 1);
      each = next;
    }
  }

  /** The span at `page` takes in the one at `other`, of the same class: both have objects, and none in the same place. */
  takeIn(page: number, other: number): void {
    const { space } = this;
    const rows = this.rows.data;
    const kind = this.kind(page);
    const { capacity, pages } = this.classes[kind];
    const to = rows[(page << ROW_LOG2) + BASE];
    const from = rows[(other << ROW_LOG2) + BASE];
    const cells = this.cells.data;
    for (let index = 0; index < capacity; index++)
      if (cells[from + index] !== 0) cells[to + index] = cells[from + index];
    rows[(page << ROW_LOG2) + USED] += this.used(other);
    if (this.used(page) === capacity) this.setOpen(kind, page, -1);
    this.retire(other);
    let last = page;
    while (this.next(last) > 0) last = this.next(last) - 1;
    rows[(last << ROW_LOG2) + NEXT] = other + 1;
    for (let each = other + 1; each > 0; each = this.next(each - 1)) {
      rows[((each - 1) << ROW_LOG2) + KIND] = -1 - page;
      space.share((each - 1) * this.page, pages * this.page, page * this.page);
    }
  }

  /** A run of pages goes, back to the system. */
  giveRun(page: number): void {
    const length = this.runs.length(page) * this.page;
    this.runs.give(page);
    this.space.purge(page * this.page, length);
  }

  /** Place `index` of the span at `page`, which is free, is that of `slot`. Returns its address. */
  put(page: number, index: number, slot: Slot): Address {
    const row = page << ROW_LOG2;
    const rows = this.rows.data;
    const kind = rows[row] - 1;
    const { capacity, size } = this.classes[kind];
    this.cells.data[rows[row + BASE] + index] = slot;
    this.counts.data[kind * 4]++;
    if (++rows[row + USED] === capacity) this.setOpen(kind, page, -1);
    return page * this.page + index * size;
  }

  /** Place `index` of the span at `page` is free. */
  clear(page: number, index: number): void {
    const row = page << ROW_LOG2;
    const rows = this.rows.data;
    const kind = rows[row] - 1;
    this.cells.data[rows[row + BASE] + index] = 0;
    this.counts.data[kind * 4]--;
    if (rows[row + USED]-- === this.classes[kind].capacity) this.setOpen(kind, page, 1);
  }

  /** The same; and if it was the last one in use, the span goes. */
  vacate(page: number, index: number): void {
    this.clear(page, index);
    if (this.used(page) === 0) this.remove(page);
  }

  /** Throws unless each cell says what the space holds there, and the counts are those of the cells. */
  validate(): void {
    this.runs.validate();
    const { space } = this;
    const open = this.classes.map(() => new Set<number>());
    const objects = this.classes.map(() => 0);
    for (const page of this.runs.runs()) {
      const kind = this.kind(page);
      if (kind < 0) continue;
      const { size, capacity } = this.classes[kind];
      let used = 0;
      for (let index = 0; index < capacity; index++) {
        const slot = this.slot(page, index);
        if (slot !== 0) used++;
        const found: number[] = [];
        for (let each = page + 1; each > 0; each = this.next(each - 1)) {
          if (this.holder(each - 1) !== page)
            throw new SpaceError(`the span at page ${each - 1} is not in ${page}`);
          const start = (each - 1) * this.page + index * size;
          const held = space.at(start);
          if (held > 0) found.push(space.start(held) === start ? held : -1);
        }
        if (found.length > 1 || (found[0] ?? 0) !== slot)
          throw new SpaceError(
            `place ${index} of the span at page ${page} is not what its cell says, ${slot}`,
          );
      }
      if (used !== this.used(page)) throw new SpaceError(`the span at page ${page} has ${used} objects`);
      if (used < capacity) open[kind].add(page);
      objects[kind] += used;
    }
    for (const [kind, pages] of open.entries()) {
      this.open[kind].validate((page) => Number(pages.has(page)));
      if (pages.size !== this.openSpans(kind) || objects[kind] !== this.objects(kind))
        throw new SpaceError(`the counts of class ${kind} are wrong`);
    }
  }

  private next(page: number): number {
    return this.rows.data[(page << ROW_LOG2) + NEXT];
  }

  /** The span has no cells from now on; they are spare. */
  private retire(page: number): void {
    const kind = this.kind(page);
    const counts = this.counts.data;
    const base = this.rows.data[(page << ROW_LOG2) + BASE];
    if (this.used(page) < this.classes[kind].capacity) this.setOpen(kind, page, -1);
    counts[kind * 4 + 1]--;
    this.cells.data[base] = counts[kind * 4 + 3];
    counts[kind * 4 + 3] = base;
  }

  private setOpen(kind: number, page: number, more: number): void {
    const open = this.open[kind];
    if (page >= open.pages) open.grow(page);
    open.add(page, more);
    this.counts.data[kind * 4 + 2] += more;
  }
}
