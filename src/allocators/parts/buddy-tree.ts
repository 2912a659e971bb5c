/**
 * The free lists and tags of a binary buddy heap (Knuth, TAOCP vol. 1, 3rd edition, section 2.5, pp. 442-444). Sizes
 * and addresses are bytes outside and units inside, 2^u bytes, the smallest block.
 *
 *   tag[unit]   = order + 1 where a block of 2^order units begins, with FREE where it is free; 0 inside blocks
 *   links[2 * unit], links[2 * unit + 1] = the free blocks before and after it in the list of its order, as
 *                 unit + 1; 0 is the list's own end
 *
 * 9 bytes a unit, up to the last at which a block began.
 */
import type { Column, Columns } from "../../space/columns.ts";
import { type Address, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";

/** Orders 0 .. 31: blocks of up to 2^31 units, or 2^32 bytes. */
const ORDERS = 32;
const FREE = 0x80;
const ORDER = 0x7f;

export class BuddyTree {
  readonly #unit: number;
  readonly #lifo: boolean;
  readonly #tags: Column<Uint8Array>;
  readonly #links: Column<Int32Array>;
  /** ends[2 * order], ends[2 * order + 1]: last and first free block of the order, as unit + 1; 0 for none. */
  readonly #ends: Column<Int32Array>;

  /** `unit` is a power of two. Blocks are taken from the end of a list to which they were put last, or the other. */
  constructor(columns: Columns, unit: number, lifo: boolean) {
    this.#unit = unit;
    this.#lifo = lifo;
    this.#tags = columns.uint8(64);
    this.#links = columns.int32(128);
    this.#ends = columns.int32(2 * ORDERS);
  }

  /** Makes [start, end), which follows what there is, free: cut into the largest aligned blocks, each then merged. */
  add(start: Address, end: Address): void {
    const units = end / this.#unit;
    for (let at = start / this.#unit; at < units; ) {
      const aligned = at === 0 ? ORDERS - 1 : 31 - Math.clz32(at & -at);
      const order = Math.min(aligned, 31 - Math.clz32(units - at));
      this.#merge(at, order);
      at += 2 ** order;
    }
  }

  /** Bytes of the smallest free block that holds `length` bytes, a power of two; 0 if there is none. */
  lowestFree(length: number): number {
    const ends = this.#ends.data;
    for (let order = this.#order(length); order < ORDERS; order++)
      if (ends[2 * order] !== 0) return this.#unit * 2 ** order;
    return 0;
  }

  /** Lists that Algorithm R looks at before it finds a block of `found` bytes, or finds none. */
  listsFrom(length: number, found: number): number {
    const ends = this.#ends.data;
    let top = ORDERS - 1;
    while (top > 0 && ends[2 * top] === 0) top--;
    const last = found === 0 ? top : this.#order(found);
    return Math.max(last - this.#order(length) + 1, 1);
  }

  /** Algorithm R: takes a block of `length` bytes, for which `lowestFree` found one. */
  take(length: number): Address {
    const wanted = this.#order(length);
    const order = this.#order(this.lowestFree(length));
    const at = this.#ends.data[2 * order + (this.#lifo ? 1 : 0)] - 1;
    this.#remove(at, order);
    this.#split(at, order, wanted);
    return at * this.#unit;
  }

  /** Algorithm S: frees the block that starts at `start`. Returns the start of what it was merged into. */
  give(start: Address): Address {
    const at = start / this.#unit;
    return this.#merge(at, (this.#tags.data[at] & ORDER) - 1) * this.#unit;
  }

  /** Frees all but the first `length` bytes, a power of two, of the block at `start`. */
  trim(start: Address, length: number): void {
    const at = start / this.#unit;
    this.#split(at, (this.#tags.data[at] & ORDER) - 1, this.#order(length));
  }

  /** Start of the block in use that holds `address`: the nearest tag below at which a block can begin. */
  start(address: Address): Address {
    const tags = this.#tags.data;
    let at = Math.floor(address / this.#unit);
    while (at >= tags.length || tags[at] === 0) at &= at - 1;
    return at * this.#unit;
  }

  /** Bytes of the block that starts at `start`. */
  length(start: Address): number {
    return this.#unit * 2 ** ((this.#tags.data[start / this.#unit] & ORDER) - 1);
  }

  show(show: InternalsSink): void {
    const side = this.#lifo ? 1 : 0;
    for (let order = 0; order < ORDERS; order++) {
      let link = this.#ends.data[2 * order + side];
      if (link === 0) continue;
      const length = this.#unit * 2 ** order;
      show.list(`${length}`);
      for (; link !== 0; link = this.#links.data[2 * (link - 1) + side])
        show.entry((link - 1) * this.#unit, length);
    }
  }

  /** Throws if blocks do not tile [0, end), two free buddies are apart or a list is broken. Returns free bytes. */
  validate(space: Space, end: Address): number {
    const tags = this.#tags.data;
    const units = end / this.#unit;
    let listed = 0;
    let free = 0;
    for (let at = 0; at < units; ) {
      const start = at * this.#unit;
      const order = (tags[at] & ORDER) - 1;
      const length = 2 ** order;
      if (order < 0 || at % length !== 0 || at + length > units)
        throw new SpaceError(`no block begins at ${start}`);
      if ((tags[at] & FREE) !== 0) {
        free += length;
        listed++;
        if (tags[at ^ length] === tags[at])
          throw new SpaceError(`the block at ${start} and its buddy are both free`);
        const hole = space.at(start);
        if (hole >= 0 || space.end(hole) < start + length * this.#unit)
          throw new SpaceError(`the free block at ${start} is no hole`);
      }
      at += length;
    }
    const seen: InternalsSink = { list: () => {}, entry: () => listed-- };
    this.show(seen);
    if (listed !== 0) throw new SpaceError(`${listed} more blocks are free than are in the lists`);
    return free * this.#unit;
  }

  #order(length: number): number {
    return Math.max(31 - Math.clz32((length - 1) / this.#unit) + 1, 0);
  }

  /** Step R4, until the block at `at` is of order `to`: the upper halves are free. */
  #split(at: number, order: number, to: number): void {
    while (order > to) {
      order--;
      this.#insert(at + 2 ** order, order);
    }
    this.#tags.data[at] = to + 1;
  }

  #merge(at: number, order: number): number {
    const tags = this.#tags.data;
    for (; order < ORDERS - 1; order++) {
      const buddy = at ^ (1 << order);
      if (buddy >= tags.length || tags[buddy] !== (FREE | (order + 1))) break;
      this.#remove(buddy, order);
      tags[at] = 0;
      tags[buddy] = 0;
      at &= ~(1 << order);
    }
    this.#insert(at, order);
    return at;
  }

  /** Puts a block into the list of its order, first. */
  #insert(at: number, order: number): void {
    if (at >= this.#tags.data.length) {
      this.#tags.grow(at + 1);
      this.#links.grow(2 * this.#tags.data.length);
    }
    const ends = this.#ends.data;
    const links = this.#links.data;
    const after = ends[2 * order + 1];
    this.#tags.data[at] = FREE | (order + 1);
    links[2 * at] = 0;
    links[2 * at + 1] = after;
    if (after === 0) ends[2 * order] = at + 1;
    else links[2 * (after - 1)] = at + 1;
    ends[2 * order + 1] = at + 1;
  }

  #remove(at: number, order: number): void {
    const ends = this.#ends.data;
    const links = this.#links.data;
    const before = links[2 * at];
    const after = links[2 * at + 1];
    if (before === 0) ends[2 * order + 1] = after;
    else links[2 * (before - 1) + 1] = after;
    if (after === 0) ends[2 * order] = before;
    else links[2 * (after - 1)] = before;
  }
}
