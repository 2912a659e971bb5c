/**
 * The blocks and free lists of a binary buddy heap (Knuth, TAOCP vol. 1, 3rd edition, section 2.5, pp. 442-444). All
 * numbers are units, 2^u bytes, the smallest block.
 *
 *   block[unit] = slot    a block begins here, in use: the space's slot holds it
 *               = -row    a free block begins here
 *               = 0       a unit further on in a block
 *   row         = start, order, and the rows of the free blocks before and after it in the list of its order; 0 is
 *                 the list's own end
 *
 * Blocks tile [0, end). 4 bytes a unit, up to the last at which a block began, and 16 a free block: what an event
 * reads lies close together, where tags and links for each unit were three misses of the cache.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column, Columns } from "../../space/columns.ts";
import { type Slot, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";

/** Orders 0 .. 30: blocks of up to 2^30 units. */
const ORDERS = 31;

const ROW = 4;
const ORDER = 1;
const BEFORE = 2;
const AFTER = 3;

/** What stands for the slot of a block that is neither free nor in use. */
const ISOLATED = 0x7fffffff;

/** Behind the lists' ends: orders of which blocks are free, a bit each; the heap's end; first vacant row; rows. */
const MASK = 2 * ORDERS;
const END = MASK + 1;
const VACANT = MASK + 2;
const ROWS = MASK + 3;

export class BuddyTree {
  private readonly lifo: boolean;
  private readonly blocks: Column<Int32Array>;
  /** Vacant rows are chained by AFTER. */
  private readonly rows: Column<Int32Array>;
  /** [2 * order], [2 * order + 1]: rows of the order's last and first free block, 0 for none. MASK .. ROWS. */
  private readonly state: Column<Int32Array>;

  /** Blocks are taken from the end of a list to which they were put last, or the other. */
  constructor(columns: Columns, lifo: boolean) {
    this.lifo = lifo;
    this.blocks = columns.int32(64);
    this.rows = columns.int32(64 * ROW);
    this.state = columns.int32(2 * ORDERS + 4);
  }

  /** Registers of the policy from the fourth on. */
  bind(registers: Registers): void {
    registers.set(OF_POLICY + 3, this.lifo ? 1 : 0);
    registers.point(OF_POLICY + 4, this.blocks.data);
    registers.set(OF_POLICY + 5, this.blocks.data.length);
    registers.point(OF_POLICY + 6, this.rows.data);
    registers.set(OF_POLICY + 7, this.rows.data.length / ROW);
    registers.point(OF_POLICY + 8, this.state.data);
  }

  /** Where the last block ends. */
  get end(): number {
    return this.state.data[END];
  }

  /** Orders of which blocks are free, as bits. */
  get free(): number {
    return this.state.data[MASK];
  }

  /** Makes [the end, to) free: cut into the largest aligned blocks, each then merged. */
  extend(to: number): void {
    for (let at = this.end; at < to; ) {
      const aligned = at === 0 ? ORDERS - 1 : 31 - Math.clz32(at & -at);
      const order = Math.min(aligned, 31 - Math.clz32(to - at));
      this.merge(at, order);
      at += 1 << order;
    }
    this.state.data[END] = to;
  }

  /** Algorithm R: a block of order `wanted` for `slot`, out of the list of `order`, which has one. Returns its start. */
  take(slot: Slot, wanted: number, order: number): number {
    const row = this.state.data[2 * order + (this.lifo ? 1 : 0)];
    const at = this.rows.data[row * ROW];
    this.remove(row);
    this.split(at, order, wanted);
    this.blocks.data[at] = slot;
    return at;
  }

  /**
   * The slot of the first block in use at or above `at`, where a block begins; 0 if there is none. Two free buddies
   * are never apart, so at most two free blocks of each order lie between: O(orders).
   */
  slotAbove(at: number): Slot {
    const blocks = this.blocks.data;
    const end = this.state.data[END];
    for (let above = at; above < end; ) {
      const block = blocks[above];
      if (block > 0) return block;
      above += 1 << this.rows.data[-block * ROW + ORDER];
    }
    return 0;
  }

  /**
   * Algorithm S: frees the block of `order` at `at`, whose buddy may be free or, as the caller knows, is not. Returns the
   * row of what it was merged into.
   */
  give(at: number, order: number, merge: boolean): number {
    return merge ? this.merge(at, order) : this.insert(at, order);
  }

  /** Start of the free block of a row. */
  start(row: number): number {
    return this.rows.data[row * ROW];
  }

  /** Order of the free block of a row. */
  order(row: number): number {
    return this.rows.data[row * ROW + ORDER];
  }

  /** Order of the free block that begins at `at`; -1 if what begins there is in use. */
  freeOrder(at: number): number {
    const block = this.blocks.data[at];
    return block < 0 ? this.rows.data[-block * ROW + ORDER] : -1;
  }

  /** Takes the free block that begins at `at` out of its list: it is in use until it is held by a slot, or given back. */
  isolate(at: number): void {
    this.remove(-this.blocks.data[at]);
    this.blocks.data[at] = ISOLATED;
  }

  /** An isolated block, or part of one, begins at `at`; `slot` lies there, if that is not 0. */
  hold(at: number, slot: Slot): void {
    if (at >= this.blocks.data.length) this.blocks.grow(at + 1);
    this.blocks.data[at] = slot === 0 ? ISOLATED : slot;
  }

  /** Frees the upper parts of the block in use at `at`, which is of order `from`, until it is of order `to`. */
  trim(at: number, from: number, to: number): void {
    this.split(at, from, to);
  }

  /** The slot of the block in use that holds unit `at`: what is nearest below, where a block can begin. */
  slotAt(at: number): Slot {
    const blocks = this.blocks.data;
    let start = at;
    while (start >= blocks.length || blocks[start] === 0) start &= start - 1;
    return blocks[start];
  }

  /** The lists, each from the block on that is to be taken first, in bytes of `unit` each. */
  show(show: InternalsSink, unit: number): void {
    const rows = this.rows.data;
    const [side, link] = this.lifo ? [1, AFTER] : [0, BEFORE];
    for (let order = 0; order < ORDERS; order++) {
      let row = this.state.data[2 * order + side];
      if (row === 0) continue;
      const length = unit * 2 ** order;
      show.list(`${length}`);
      for (; row !== 0; row = rows[row * ROW + link]) show.entry(rows[row * ROW] * unit, length);
    }
  }

  /**
   * Throws if blocks do not tile the heap, two free buddies are apart, a list is broken, or a block is not what the
   * space holds there. Returns free units.
   */
  validate(space: Space, unit: number): number {
    const blocks = this.blocks.data;
    const listed = new Set<number>();
    this.show({ list: () => {}, entry: (start) => listed.add(start / unit) }, unit);
    let free = 0;
    for (let at = 0; at < this.end; ) {
      const start = at * unit;
      const block = blocks[at];
      if (block === 0 || block === undefined) throw new SpaceError(`no block begins at ${start}`);
      const length = block < 0 ? 2 ** this.order(-block) : space.length(block) / unit;
      const held = space.at(start);
      if (at % length !== 0 || at + length > this.end)
        throw new SpaceError(`a block of ${length * unit} bytes cannot begin at ${start}`);
      if (blocks.subarray(at + 1, at + length).some((inside) => inside !== 0))
        throw new SpaceError(`a block begins inside the one at ${start}`);
      if (block < 0) {
        free += length;
        if (!listed.delete(at)) throw new SpaceError(`the free block at ${start} is in no list`);
        const buddy = blocks[at ^ length];
        if (buddy < 0 && 2 ** this.order(-buddy) === length)
          throw new SpaceError(`the block at ${start} and its buddy are both free`);
        if (held >= 0 || space.end(held) < start + length * unit)
          throw new SpaceError(`the free block at ${start} is no hole`);
      } else if (held !== block || space.start(held) !== start)
        throw new SpaceError(`the block at ${start} is not in slot ${block}`);
      at += length;
    }
    if (listed.size > 0) throw new SpaceError(`${listed.size} more blocks are in the lists than are free`);
    for (let order = 0; order < ORDERS; order++)
      if ((this.state.data[2 * order] !== 0) !== ((this.free & (1 << order)) !== 0))
        throw new SpaceError(`the mask ${this.free} does not say whether order ${order} has a block`);
    return free;
  }

  /** Step R4, until the block at `at` is of order `to`: the upper halves are free. */
  private split(at: number, order: number, to: number): void {
    for (let half = order - 1; half >= to; half--) this.insert(at + (1 << half), half);
  }

  private merge(from: number, of: number): number {
    const blocks = this.blocks.data;
    let at = from;
    let order = of;
    for (; order < ORDERS - 1; order++) {
      const buddy = at ^ (1 << order);
      if (buddy >= blocks.length) break;
      const row = -blocks[buddy];
      if (row <= 0 || this.rows.data[row * ROW + ORDER] !== order) break;
      this.remove(row);
      blocks[at | (1 << order)] = 0;
      at &= ~(1 << order);
    }
    return this.insert(at, order);
  }

  /** Puts a free block into the list of its order, first. Returns its row. */
  private insert(at: number, order: number): number {
    if (at >= this.blocks.data.length) this.blocks.grow(at + 1);
    const state = this.state.data;
    let row = state[VACANT];
    if (row === 0) {
      row = ++state[ROWS];
      this.rows.grow((row + 1) * ROW);
    } else state[VACANT] = this.rows.data[row * ROW + AFTER];
    const rows = this.rows.data;
    const after = state[2 * order + 1];
    this.blocks.data[at] = -row;
    rows[row * ROW] = at;
    rows[row * ROW + ORDER] = order;
    rows[row * ROW + BEFORE] = 0;
    rows[row * ROW + AFTER] = after;
    if (after === 0) {
      state[2 * order] = row;
      state[MASK] |= 1 << order;
    } else rows[after * ROW + BEFORE] = row;
    state[2 * order + 1] = row;
    return row;
  }

  /** Takes a free block out of its list; its row is vacant. */
  private remove(row: number): void {
    const state = this.state.data;
    const rows = this.rows.data;
    const order = rows[row * ROW + ORDER];
    const before = rows[row * ROW + BEFORE];
    const after = rows[row * ROW + AFTER];
    if (before === 0) state[2 * order + 1] = after;
    else rows[before * ROW + AFTER] = after;
    if (after === 0) state[2 * order] = before;
    else rows[after * ROW + BEFORE] = before;
    if (before === 0 && after === 0) state[MASK] &= ~(1 << order);
    rows[row * ROW + AFTER] = state[VACANT];
    state[VACANT] = row;
  }
}
