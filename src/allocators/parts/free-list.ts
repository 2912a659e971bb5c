/**
 * The free ranges of a heap in a doubly linked list, by address, or by when they came free.
 *
 * A list in order of address is what favours the heap's low end, and so leaves large ranges at the high one
 * (Wilson, Johnstone, Neely and Boles 1995, section 3.4). Insertion and removal are O(1), but for the walk from a
 * new range to its nearest free neighbour where the order is that of addresses.
 */
import type { Node } from "../../space/block-map.ts";
import type { Column, Columns } from "../../space/columns.ts";
import { type Address, SpaceError } from "../../space/space.ts";

/**
 * A heap in address order: the space is one, and so is a table of chunks that are not merged. Handles of free
 * ranges are negative, those of blocks positive; at either end lies an edge, a node without length.
 */
export interface AddressMap {
  start(node: Node): Address;
  /** Bytes; 0 at the edge. */
  length(node: Node): number;
  previous(node: Node): Node;
  next(node: Node): Node;
}

export type Order = "address" | "lifo" | "fifo";

/** An index of the list's ranges, for a placement rule that would otherwise pass over all of them. */
export interface ListIndex {
  inserted(range: Node): void;
  /** The range can still be read. */
  removed(range: Node): void;
  /** Its length is another now. */
  changed(range: Node): void;
}

const ROVER = 0;
const SIZE = 1;
const INSERTED = 2;

export class FreeList {
  readonly map: AddressMap;
  readonly order: Order;
  /**
   * links[2 * r] and links[2 * r + 1]: the ranges before and after range -r. Row 0 closes the ring: before it is
   * the list's last range, after it the first.
   */
  readonly #links: Column<Int32Array>;
  /** By row: which insertion of all it was that put the range where it is. */
  readonly #stamps: Column<Float64Array>;
  /** [the roving pointer: where next fit begins, 0 for the first range; ranges in the list; insertions so far]. */
  readonly #state: Column<Float64Array>;
  #index: ListIndex | undefined;

  constructor(columns: Columns, map: AddressMap, order: Order) {
    this.map = map;
    this.order = order;
    this.#links = columns.int32(128);
    this.#stamps = columns.float64(64);
    this.#state = columns.float64(3);
  }

  /** Tells `index` of every range there is, and of each change from now on. One to a list. */
  follow(index: ListIndex): void {
    this.#index = index;
    for (let range = this.first; range !== 0; range = this.next(range)) index.inserted(range);
  }

  /** Ranges in the list. */
  get size(): number {
    return this.#state.data[SIZE];
  }

  get first(): Node {
    return this.#links.data[1];
  }

  get last(): Node {
    return this.#links.data[0];
  }

  /** 0 behind the last one. */
  next(range: Node): Node {
    return this.#links.data[(-range << 1) | 1];
  }

  previous(range: Node): Node {
    return this.#links.data[-range << 1];
  }

  /** Whether `one` comes before `other`, both in the list. O(1). */
  precedes(one: Node, other: Node): boolean {
    if (this.order === "address") return this.map.start(one) < this.map.start(other);
    const stamps = this.#stamps.data;
    return this.order === "fifo" ? stamps[-one] < stamps[-other] : stamps[-one] > stamps[-other];
  }

  /**
   * Where the roving pointer stands. It is a place in the list: if the range there shrinks, it stays; if the range
   * leaves the list (taken whole, merged into another, put elsewhere), it goes on to the next one; behind the last
   * one it begins again at the first.
   */
  get rover(): Node {
    return this.#state.data[ROVER] || this.first;
  }

  set rover(range: Node) {
    this.#state.data[ROVER] = range;
  }

  /** A range came free. */
  insert(range: Node): void {
    if (-range >= this.#stamps.data.length) {
      this.#stamps.grow(1 - range);
      this.#links.grow(2 * this.#stamps.data.length);
    }
    const state = this.#state.data;
    state[SIZE]++;
    this.#stamps.data[-range] = ++state[INSERTED];
    const before = this.order === "lifo" ? 0 : this.order === "fifo" ? this.last : this.#below(range);
    const after = this.next(before);
    this.#join(before, range);
    this.#join(range, after);
    this.#index?.inserted(range);
  }

  remove(range: Node): void {
    const after = this.next(range);
    this.#join(this.previous(range), after);
    const state = this.#state.data;
    state[SIZE]--;
    if (state[ROVER] === range) state[ROVER] = after;
    this.#index?.removed(range);
  }

  /** A range of the list has another length now, and its place still. */
  resized(range: Node): void {
    this.#index?.changed(range);
  }

  /** A range of the list grew by memory that came free: it came free anew as a whole. */
  grown(range: Node): void {
    if (this.order === "address") this.resized(range);
    else {
      this.remove(range);
      this.insert(range);
    }
  }

  /** Throws if the links do not match, or the order is not what it is said to be. */
  validate(): void {
    const state = this.#state.data;
    let size = 0;
    let roved = state[ROVER] === 0;
    let before: Node = 0;
    for (let range = this.first; range !== 0; before = range, range = this.next(range)) {
      const start = this.map.start(range);
      if (this.previous(range) !== before)
        throw new SpaceError(`the free list is not linked back at ${start}`);
      if (before !== 0 && !this.precedes(before, range))
        throw new SpaceError(`the free list (${this.order}) has ${start} after ${this.map.start(before)}`);
      if (state[ROVER] === range) roved = true;
      size++;
    }
    if (size !== this.size) throw new SpaceError(`the free list counts ${this.size} ranges and has ${size}`);
    if (this.last !== before) throw new SpaceError("the free list does not end with its last range");
    if (!roved) throw new SpaceError("the roving pointer stands at a range that is not free");
  }

  /** The nearest free range below, 0 if there is none: walks the heap down and up until either way meets one. */
  #below(range: Node): Node {
    const { map } = this;
    let down = map.previous(range);
    let up = map.next(range);
    for (;;) {
      if (down < 0) return down;
      if (up < 0) return this.previous(up);
      if (map.length(down) === 0) return 0;
      if (map.length(up) === 0) return this.last;
      down = map.previous(down);
      up = map.next(up);
    }
  }

  #join(before: Node, after: Node): void {
    const links = this.#links.data;
    links[(-before << 1) | 1] = after;
    links[-after << 1] = before;
  }
}
