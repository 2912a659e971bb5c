/**
 * Spans of pages that hold equal objects, with a cell for each: what active defragmentation and meshing work on.
 *
 *   object = span + index * size
 *   cells[base + index] = the slot that lies there, 0 where it is free
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
const KIND = 0; // the class + 1; 0 where no span begins
const USED = 1;
const BASE = 2; // its first cell
/** First of the words of a span's row that are the policy's own. */
export const OWN = 3;

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

  /** The class of the span at `page`; -1 if what begins there is none. */
  kind(page: number): number {
    const row = page << ROW_LOG2;
    return row < this.rows.data.length ? this.rows.data[row] - 1 : -1;
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
    return (address - page * this.page) / this.classes[this.kind(page)].size;
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

  /** The empty span at `page` goes. Its pages are given back to the system. */
  remove(page: number): void {
    const kind = this.kind(page);
    const row = page << ROW_LOG2;
    const counts = this.counts.data;
    const base = this.rows.data[row + BASE];
    this.setOpen(kind, page, -1);
    counts[kind * 4 + 1]--;
    this.cells.data[base] = counts[kind * 4 + 3];
    counts[kind * 4 + 3] = base;
    this.rows.data[row + KIND] = 0;
    this.giveRun(page);
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
        const start = page * this.page + index * size;
        const slot = this.slot(page, index);
        const held = space.at(start);
        if (slot === 0 ? held > 0 : held !== slot || space.start(slot) !== start)
          throw new SpaceError(`the object at ${start} is not what its cell says, ${slot}`);
        if (slot !== 0) used++;
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

  private setOpen(kind: number, page: number, more: number): void {
    const open = this.open[kind];
    if (page >= open.pages) open.grow(page);
    open.add(page, more);
    this.counts.data[kind * 4 + 2] += more;
  }
}
