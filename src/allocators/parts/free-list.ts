/**
 * The free ranges of a heap in a list by address, or by when they came free.
 *
 * A list in order of address is what favours the heap's low end, and so leaves large ranges at the high one
 * (Wilson, Johnstone, Neely and Boles 1995, section 3.4). Each range has a place, a number that ascends along the list.
 * Places lie in pages, each with a doubly linked list of its own ranges; `PageCounts` leads from page to page. To insert
 * a range is a walk within its page; the next range and the rank of a range are O(log ranges).
 */
import type { Registers } from "../../kernel/kernel.ts";
import { HOLE_ROWS, OF_POLICY } from "../../kernel/registers.ts";
import type { Node } from "../../space/block-map.ts";
import type { Column, Columns } from "../../space/columns.ts";
import { type Address, SpaceError } from "../../space/space.ts";
import { PageCounts } from "./page-counts.ts";

/**
 * A heap in address order: the space is one, and so is a table of chunks that are not merged. Handles of free
 * ranges are negative, those of blocks positive; at either end lies an edge, a node without length.
 */
export interface AddressMap {
  /** All starts and lengths are multiples of it. */
  readonly granule: number;
  start(node: Node): Address;
  /** Bytes; 0 at the edge. */
  length(node: Node): number;
  previous(node: Node): Node;
  next(node: Node): Node;
}

export type Order = "address" | "lifo" | "fifo";

/** What a placement rule looks for its range in, besides the list itself. It is told when the list has changed. */
export interface ListIndex {
  inserted(range: Node, place: number, length: number): void;
  /** It had this place and length. */
  removed(range: Node, place: number, length: number): void;
  /** It had this place and length, and its row has others now. */
  changed(range: Node, place: number, length: number): void;
  /** Places were given anew, or there are more pages: all ranges of the list, and none else, are to be indexed. */
  renumbered(): void;
  /** For the kernel: where it lies. */
  bind?(registers: Registers): void;
  /** Throws unless it holds the ranges of the list, in its own order. */
  validate(): void;
}

/** The row of range -r, at 4r: [the ranges before and after it in its page, 0 for none; place; length in granules]. */
export const NEXT = 1;
export const PLACE = 2;
export const LENGTH = 3;

/** Places of a page: 256 granules of addresses, which are 1, 2 or 4 KiB; or 16 insertions. */
const ADDRESS_SHIFT = 8;
const STAMP_SHIFT = 4;

/** Pages that are looked through for the next range before the counts are asked. */
const NEAR = 8;
const ROVER = 0;
const SIZE = 1;
/** By time: the place that is given next. */
const STAMP = 2;

export class FreeList {
  readonly map: AddressMap;
  readonly order: Order;
  /** For indexes to read. */
  readonly rows: Column<Int32Array>;
  /** A place's page is its place >> pageShift. */
  readonly pageShift: number;
  /** First range of each page, 0 for none. */
  private readonly heads: Column<Int32Array>;
  private readonly counts: PageCounts;
  /** [the roving pointer: where next fit begins, 0 for the first range; ranges in the list; next place]. */
  private readonly state: Column<Int32Array>;
  private readonly byAddress: boolean;
  private readonly inverse: number;
  private index: ListIndex | undefined;

  constructor(columns: Columns, map: AddressMap, order: Order) {
    this.map = map;
    this.order = order;
    this.byAddress = order === "address";
    this.pageShift = this.byAddress ? ADDRESS_SHIFT : STAMP_SHIFT;
    this.rows = columns.int32(64);
    this.heads = columns.int32();
    this.counts = new PageCounts(columns);
    this.state = columns.int32(3);
    this.inverse = 1 / map.granule;
  }

  /** Tells the kernel where it lies, of a list of holes; for more of these than it has rows there is no room. */
  bind(registers: Registers): void {
    const rows = this.rows.data;
    registers.set(HOLE_ROWS, Math.min(registers.get(HOLE_ROWS), rows.length >> 2));
    registers.point(OF_POLICY + 4, rows);
    registers.point(OF_POLICY + 5, this.heads.data);
    this.counts.bind(registers);
    registers.point(OF_POLICY + 7, this.state.data);
    this.index?.bind?.(registers);
  }

  /** Tells `index` of every range there is, and of each change from now on. One to a list. */
  follow(index: ListIndex): void {
    this.index = index;
    index.renumbered();
  }

  /** Ranges in the list. */
  get size(): number {
    return this.state.data[SIZE];
  }

  /** Pages that places lie in. */
  get pages(): number {
    return this.counts.pages;
  }

  /** The first range of a page, 0 if it has none. */
  head(page: number): Node {
    return this.heads.data[page];
  }

  get first(): Node {
    return this.nth(1);
  }

  /** 0 behind the last one. */
  next(range: Node): Node {
    const rows = this.rows.data;
    let next = rows[(-range << 2) | NEXT];
    let page = rows[(-range << 2) | PLACE] >> this.pageShift;
    const near = Math.min(page + NEAR, this.pages - 1);
    while (next === 0 && page < near) next = this.heads.data[++page];
    return next !== 0 ? next : this.nth(this.counts.before(page + 1) + 1);
  }

  /** Granules, as the list was last told. */
  length(range: Node): number {
    return this.rows.data[(-range << 2) | LENGTH];
  }

  /** How many ranges a walk from the list's first to `range` looks at, both included. */
  rank(range: Node): number {
    const rows = this.rows.data;
    const page = rows[(-range << 2) | PLACE] >> this.pageShift;
    let rank = this.counts.before(page) + 1;
    for (let each = rows[-range << 2]; each !== 0; each = rows[-each << 2]) rank++;
    return rank;
  }

  /**
   * Where the roving pointer stands. It is a place in the list: if the range there shrinks, it stays; if the range
   * leaves the list (taken whole, merged into another, put elsewhere), it goes on to the next one; behind the last
   * one it begins again at the first.
   */
  get rover(): Node {
    return this.state.data[ROVER] || this.first;
  }

  set rover(range: Node) {
    this.state.data[ROVER] = range;
  }

  /** A range came free. */
  insert(range: Node): void {
    const row = -range << 2;
    if (row + LENGTH >= this.rows.data.length) this.rows.grow(row + LENGTH + 1);
    const place = this.byAddress ? (this.map.start(range) * this.inverse) | 0 : this.stamp();
    const page = place >> this.pageShift;
    if (page >= this.counts.pages) this.growTo(page);
    const rows = this.rows.data;
    const length = (this.map.length(range) * this.inverse) | 0;
    rows[row | PLACE] = place;
    rows[row | LENGTH] = length;
    this.state.data[SIZE]++;
    this.link(range, page, place);
    this.index?.inserted(range, place, length);
  }

  remove(range: Node): void {
    const state = this.state.data;
    if (state[ROVER] === range) state[ROVER] = this.next(range);
    state[SIZE]--;
    const rows = this.rows.data;
    const place = rows[(-range << 2) | PLACE];
    this.unlink(range, place >> this.pageShift);
    this.index?.removed(range, place, rows[(-range << 2) | LENGTH]);
  }

  /** A range of the list has another length now, perhaps another start, and the same neighbours in the list. */
  resized(range: Node): void {
    const row = -range << 2;
    const before = this.rows.data[row | PLACE];
    const length = this.rows.data[row | LENGTH];
    const place = this.byAddress ? (this.map.start(range) * this.inverse) | 0 : before;
    const page = place >> this.pageShift;
    if (page >= this.counts.pages) this.growTo(page);
    const rows = this.rows.data;
    rows[row | PLACE] = place;
    rows[row | LENGTH] = (this.map.length(range) * this.inverse) | 0;
    if (before >> this.pageShift !== page) {
      this.unlink(range, before >> this.pageShift);
      this.link(range, page, place);
    }
    this.index?.changed(range, before, length);
  }

  /** A range of the list grew by memory that came free: it came free anew as a whole. */
  grown(range: Node): void {
    if (this.byAddress) this.resized(range);
    else {
      this.remove(range);
      this.insert(range);
    }
  }

  /** Throws if the links do not match, or the order is not what it is said to be, or an index does not hold. */
  validate(): void {
    const rows = this.rows.data;
    const state = this.state.data;
    const counts = new Int32Array(this.pages);
    let size = 0;
    let roved = state[ROVER] === 0;
    let last = -1;
    for (let page = 0; page < this.pages; page++) {
      let before: Node = 0;
      for (let range = this.head(page); range !== 0; before = range, range = rows[(-range << 2) | NEXT]) {
        const start = this.map.start(range);
        const place = rows[(-range << 2) | PLACE];
        if (rows[-range << 2] !== before)
          throw new SpaceError(`the free list is not linked back at ${start}`);
        if (place <= last || place >> this.pageShift !== page)
          throw new SpaceError(`the free list (${this.order}) has ${start} on page ${page} after ${last}`);
        if (this.byAddress && place * this.map.granule !== start)
          throw new SpaceError(`the free list has ${start} at ${place * this.map.granule}`);
        if (state[ROVER] === range) roved = true;
        counts[page]++;
        size++;
        last = place;
      }
    }
    if (size !== this.size) throw new SpaceError(`the free list counts ${this.size} ranges and has ${size}`);
    if (!roved) throw new SpaceError("the roving pointer stands at a range that is not free");
    this.counts.validate((page) => counts[page]);
    this.index?.validate();
  }

  /** Puts a range into the list of its page. */
  private link(range: Node, page: number, place: number): void {
    const rows = this.rows.data;
    const heads = this.heads.data;
    let before: Node = 0;
    let after = heads[page];
    while (after !== 0 && rows[(-after << 2) | PLACE] < place) {
      before = after;
      after = rows[(-after << 2) | NEXT];
    }
    rows[-range << 2] = before;
    rows[(-range << 2) | NEXT] = after;
    if (before === 0) heads[page] = range;
    else rows[(-before << 2) | NEXT] = range;
    if (after !== 0) rows[-after << 2] = range;
    this.counts.add(page, 1);
  }

  /** Takes a range out of the list of its page. */
  private unlink(range: Node, page: number): void {
    const rows = this.rows.data;
    const before = rows[-range << 2];
    const after = rows[(-range << 2) | NEXT];
    if (before === 0) this.heads.data[page] = after;
    else rows[(-before << 2) | NEXT] = after;
    if (after !== 0) rows[-after << 2] = before;
    this.counts.add(page, -1);
  }

  /** The `n`-th range, which is the first of its page; 0 if there are not as many. */
  private nth(n: number): Node {
    return n > this.state.data[SIZE] ? 0 : this.heads.data[this.counts.pageOf(n)];
  }

  private growTo(page: number): void {
    this.counts.grow(page);
    this.heads.grow(this.counts.pages);
    this.index?.renumbered();
  }

  /** The next place by time; behind all others (fifo), or before them (lifo). */
  private stamp(): number {
    const state = this.state.data;
    if (state[STAMP] < 0 || state[STAMP] >> this.pageShift >= this.pages) this.renumber();
    const stamp = state[STAMP];
    state[STAMP] += this.order === "fifo" ? 1 : -1;
    return stamp;
  }

  /** No place is left: closes the gaps, and leaves three places for each range, so that this is O(1) an insertion. */
  private renumber(): void {
    const rows = this.rows.data;
    const state = this.state.data;
    const ranges = new Int32Array(state[SIZE]);
    for (let range = this.first, i = 0; range !== 0; range = this.next(range)) ranges[i++] = range;
    this.counts.grow((4 * ranges.length + 256) >> this.pageShift);
    this.heads.grow(this.pages);
    this.counts.clear();
    this.heads.data.fill(0);
    const places = this.pages << this.pageShift;
    const first = this.order === "fifo" ? 0 : places - ranges.length;
    state[STAMP] = this.order === "fifo" ? ranges.length : first - 1;
    ranges.forEach((range, i) => {
      rows[(-range << 2) | PLACE] = first + i;
      this.link(range, (first + i) >> this.pageShift, first + i);
    });
    this.index?.renumbered();
  }
}
