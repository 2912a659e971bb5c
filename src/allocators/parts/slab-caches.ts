/**
 * Caches of equal objects, each in slabs of its own (Bonwick 1994, sections 3.2 to 3.4, and 4 for colouring).
 *
 * A cache lists its slabs that have a free object: partial ones first, of these the one that was full last; then
 * empty ones, in which no object lives. (The paper calls these complete, and full ones empty.) A slab's free objects
 * are a list of their own, the last freed first; a new slab's is in descending order, as SunOS builds it.
 *
 *   object = slab + colour + index * size;   colours go 0, 8, 16 ... slack, 0, from each new slab to the next
 *   cell[base + index]    = a free object's successor in the list, its index + 1; 0 ends the list
 *                         = -slot of an object in use
 *   cell[base + capacity] = -slot of the slab's header, 0 where it lies elsewhere
 *
 * So an object in use tells its neighbours where in the space they lie. Stretches of cells are kept when a slab goes,
 * for the cache's next one: 4 bytes an object, 32 a page.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column } from "../../space/columns.ts";
import { type Address, Control, type Slot, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";
import type { PageRuns } from "./page-runs.ts";
import { SLAB_ALIGNMENT, type SlabClass } from "./slab-classes.ts";

// Rows of one table: the caches, then the pages. The list of a cache is a ring through its own row.
const ROW = 8;
const ROW_SHIFT = 3;
const KIND = 0; // of a slab: its class + 1; 0 where none begins
const USED = 1; // of a slab: objects in use; of a cache: empty slabs
const FREE = 2; // of a slab: its first free object, index + 1; 0 if it has none
const COLOUR = 3; // of a slab; of a cache: the next slab's
const BASE = 4; // of a slab: its first cell; of a cache: that of a spare stretch, chained by them; 0 for none
const PREVIOUS = 5; // where the rows of the neighbours in the list begin
const NEXT = 6;

export interface SlabSettings {
  readonly page: number;
  readonly colouring: boolean;
  /** Empty slabs that each cache keeps. */
  readonly reserve: number;
}

export class SlabCaches {
  private readonly space: Space;
  private readonly pages: PageRuns;
  private readonly classes: readonly SlabClass[];
  /** Bytes of an object by class. */
  readonly sizes: Int32Array;
  /** Objects of a slab by class. */
  private readonly capacities: Int32Array;
  /** One by as many. */
  private readonly inverses: Float64Array;
  private readonly page: number;
  private readonly colouring: boolean;
  private readonly reserve: number;
  private readonly rows: Column<Int32Array>;
  /** Behind cell 0, which is how many there are in use or spare. */
  private readonly cells: Column<Int32Array>;

  constructor(space: Space, pages: PageRuns, classes: readonly SlabClass[], settings: SlabSettings) {
    this.space = space;
    this.pages = pages;
    this.classes = classes;
    this.sizes = space.columns.array(Int32Array, classes.length);
    this.sizes.set(classes.map(({ size }) => size));
    this.capacities = space.columns.array(Int32Array, classes.length);
    this.capacities.set(classes.map(({ capacity }) => capacity));
    this.inverses = Float64Array.from(classes, ({ size }) => 1 / size);
    this.page = settings.page;
    this.colouring = settings.colouring;
    this.reserve = settings.reserve;
    this.rows = space.columns.int32((classes.length + 16) * ROW);
    for (let row = 0; row < classes.length * ROW; row += ROW)
      this.rows.data.fill(row, row + PREVIOUS, row + NEXT + 1);
    this.cells = space.columns.int32(256);
  }

  /** Registers of the policy from the fifth on. */
  bind(registers: Registers): void {
    registers.set(OF_POLICY + 4, this.classes.length);
    registers.point(OF_POLICY + 5, this.sizes);
    registers.point(OF_POLICY + 6, this.capacities);
    registers.set(OF_POLICY + 7, this.reserve);
    registers.point(OF_POLICY + 8, this.rows.data);
    registers.set(OF_POLICY + 9, this.rows.data.length >> ROW_SHIFT);
    registers.point(OF_POLICY + 10, this.cells.data);
  }

  /** First page of the slab from which the class's next object comes; negative if none has a free one. */
  ready(kind: number): number {
    return this.after(kind * ROW);
  }

  /** Takes an object for `slot` from the slab at `page`, which is ready. Returns its index. */
  take(page: number, slot: Slot): number {
    const rows = this.rows.data;
    const cells = this.cells.data;
    const row = this.row(page);
    const index = rows[row + FREE] - 1;
    const cell = rows[row + BASE] + index;
    const next = cells[cell];
    cells[cell] = -slot;
    rows[row + FREE] = next;
    if (rows[row + USED]++ === 0) rows[(rows[row + KIND] - 1) * ROW + USED]--;
    if (next === 0) this.unlink(row);
    return index;
  }

  /** The space's block for an object that was taken. Returns its start. */
  claim(page: number, index: number, slot: Slot): Address {
    const rows = this.rows.data;
    const row = this.row(page);
    const size = this.sizes[rows[row + KIND] - 1];
    const start = page * this.page + rows[row + COLOUR] + index * size;
    const above = this.cells.data[rows[row + BASE] + index + 1];
    this.space.claim(slot, start, size, above < 0 ? -above : this.near(page, index));
    return start;
  }

  /** Makes a slab for the class. Returns its first page, -1 if there is no room. */
  add(kind: number): number {
    const { pages, capacity, slack, header } = this.classes[kind];
    const page = this.pages.take(pages);
    if (page < 0) return -1;
    const row = this.row(page);
    const cache = kind * ROW;
    this.rows.grow(row + ROW);
    const rows = this.rows.data;
    let base = rows[cache + BASE];
    if (base === 0) {
      base = this.cells.data[0] + 1;
      this.cells.data[0] += capacity + 1;
      this.cells.grow(base + capacity + 1);
    } else rows[cache + BASE] = this.cells.data[base];
    const cells = this.cells.data;
    for (let index = 0; index < capacity; index++) cells[base + index] = index;
    cells[base + capacity] = 0;
    const colour = rows[cache + COLOUR];
    rows[row + KIND] = kind + 1;
    rows[row + USED] = 0;
    rows[row + FREE] = capacity;
    rows[row + BASE] = base;
    rows[row + COLOUR] = colour;
    if (this.colouring) rows[cache + COLOUR] = colour + SLAB_ALIGNMENT > slack ? 0 : colour + SLAB_ALIGNMENT;
    rows[cache + USED]++;
    this.link(row, cache);
    if (header === 0) return page;
    const start = (page + pages) * this.page - header;
    const slot = this.space.reserve(start, header, Control.header, this.below(page));
    cells[base + capacity] = -slot;
    this.pages.note(page, slot);
    return page;
  }

  /** Frees the object that holds `address`. An empty slab above the reserve goes back to the pages; whether one did. */
  give(page: number, address: Address): boolean {
    const rows = this.rows.data;
    const row = this.row(page);
    const cache = (rows[row + KIND] - 1) * ROW;
    const index = this.index(page, address);
    const next = rows[row + FREE];
    this.cells.data[rows[row + BASE] + index] = next;
    rows[row + FREE] = index + 1;
    if (--rows[row + USED] > 0) {
      if (next === 0) this.link(row, cache);
      return false;
    }
    if (next !== 0) this.unlink(row);
    this.link(row, rows[cache + PREVIOUS]);
    if (++rows[cache + USED] <= this.reserve) return false;
    this.destroy(page);
    return true;
  }

  /** Gives all empty slabs back to the pages, as when memory is tight. Returns whether there were any. */
  reap(): boolean {
    const rows = this.rows.data;
    const kinds = this.classes.length;
    let any = false;
    for (let cache = 0; cache < kinds * ROW; cache += ROW)
      for (; rows[cache + USED] > 0; any = true) this.destroy((rows[cache + PREVIOUS] >> ROW_SHIFT) - kinds);
    return any;
  }

  /** Class of the slab that begins at `page`; -1 if what begins there is no slab. */
  kind(page: number): number {
    const row = this.row(page);
    return row < this.rows.data.length ? this.rows.data[row + KIND] - 1 : -1;
  }

  /** The slot of the object in use that holds `address`, in the slab at `page`. */
  slotAt(page: number, address: Address): Slot {
    return -this.cells.data[this.rows.data[this.row(page) + BASE] + this.index(page, address)];
  }

  /**
   * A slot of the space near below the object `index` of the run of pages that begins at `page`: the next one that any
   * object, header or run of pages has. O(objects of a slab), and for slabs in reserve that hold none.
   */
  below(page: number, index = 0): Slot {
    const cells = this.cells.data;
    let run = page;
    for (let end = index; ; end = this.capacities[this.kind(run)]) {
      const base = end === 0 ? 0 : this.rows.data[this.row(run) + BASE];
      for (let cell = base + end - 1; cell >= base; cell--) if (cells[cell] < 0) return -cells[cell];
      run = this.pages.below(run);
      if (run < 0) return this.space.heap;
      if (this.pages.slot(run) > 0) return this.pages.slot(run);
    }
  }

  show(show: InternalsSink): void {
    const rows = this.rows.data;
    this.classes.forEach(({ size, pages }, kind) => {
      let page = this.ready(kind);
      if (page >= 0) show.list(`cache ${size}`);
      for (; page >= 0; page = this.after(this.row(page))) {
        const state = rows[this.row(page) + USED] === 0 ? "empty slab" : "partial slab";
        show.entry(page * this.page, pages * this.page, state);
      }
    });
  }

  /**
   * Throws if a slab's free objects and its count differ, a full one is listed, or one with a free object is not; or if
   * the space does not hold an object in use where it is said to lie.
   */
  validate(): void {
    const rows = this.rows.data;
    const listed = new Set<number>();
    this.classes.forEach((_, kind) => {
      let empty = 0;
      for (let page = this.ready(kind); page >= 0; page = this.after(this.row(page))) {
        listed.add(page);
        if (rows[this.row(page) + USED] === 0) empty++;
        else if (empty > 0) throw new SpaceError(`cache ${kind} lists a partial slab after an empty one`);
      }
      if (empty !== rows[kind * ROW + USED])
        throw new SpaceError(`cache ${kind} has ${empty} empty slabs and counts another number`);
    });
    for (const page of this.pages.runs()) {
      const kind = this.kind(page);
      if (kind < 0) continue;
      const row = this.row(page);
      const { size, capacity } = this.classes[kind];
      const cells = this.cells.data.subarray(rows[row + BASE]);
      let free = 0;
      for (let i = rows[row + FREE]; i > 0 && free <= capacity; free++) i = cells[i - 1];
      const used = rows[row + USED];
      if (free + used !== capacity)
        throw new SpaceError(`the slab at page ${page} has ${used} objects in use and ${free} free`);
      if (listed.has(page) !== free > 0)
        throw new SpaceError(`the slab at page ${page} is in the wrong list`);
      for (let index = 0; index < capacity; index++) {
        const start = page * this.page + rows[row + COLOUR] + index * size;
        const slot = this.space.at(start);
        if (cells[index] < 0 ? slot !== -cells[index] || this.space.start(slot) !== start : slot > 0)
          throw new SpaceError(`the object at ${start} is not what its cell says, ${cells[index]}`);
      }
      if (cells[capacity] !== -this.pages.slot(page))
        throw new SpaceError(`the slab at page ${page} does not know its header`);
    }
  }

  /** Where the row of a page begins. */
  private row(page: number): number {
    return (page + this.classes.length) * ROW;
  }

  /** The page of the next slab in the list; negative if it is the last. */
  private after(row: number): number {
    return (this.rows.data[row + NEXT] >> ROW_SHIFT) - this.classes.length;
  }

  /** Of the object that holds `address`. By the half, no product is so near to a whole number that rounding matters. */
  private index(page: number, address: Address): number {
    const rows = this.rows.data;
    const row = this.row(page);
    const into = address - page * this.page - rows[row + COLOUR] + 0.5;
    return (into * this.inverses[rows[row + KIND] - 1]) | 0;
  }

  /** A slot of the space near a free object: of what is next above in its slab, or else below. */
  private near(page: number, index: number): Slot {
    const rows = this.rows.data;
    const cells = this.cells.data;
    const row = this.row(page);
    const end = rows[row + BASE] + this.capacities[rows[row + KIND] - 1];
    for (let cell = rows[row + BASE] + index + 1; cell <= end; cell++)
      if (cells[cell] < 0) return -cells[cell];
    return this.below(page, index);
  }

  private destroy(page: number): void {
    const rows = this.rows.data;
    const row = this.row(page);
    const kind = rows[row + KIND] - 1;
    const { pages, header } = this.classes[kind];
    this.unlink(row);
    rows[kind * ROW + USED]--;
    this.cells.data[rows[row + BASE]] = rows[kind * ROW + BASE];
    rows[kind * ROW + BASE] = rows[row + BASE];
    rows[row + KIND] = 0;
    if (header > 0) this.space.unreserve((page + pages) * this.page - header, this.pages.slot(page));
    this.pages.give(page);
  }

  /** Puts a slab into its cache's list behind another one, or first, behind the cache's own row. */
  private link(row: number, before: number): void {
    const rows = this.rows.data;
    const after = rows[before + NEXT];
    rows[row + PREVIOUS] = before;
    rows[row + NEXT] = after;
    rows[before + NEXT] = row;
    rows[after + PREVIOUS] = row;
  }

  private unlink(row: number): void {
    const rows = this.rows.data;
    rows[rows[row + PREVIOUS] + NEXT] = rows[row + NEXT];
    rows[rows[row + NEXT] + PREVIOUS] = rows[row + PREVIOUS];
  }
}
