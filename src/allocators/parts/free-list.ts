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

export class FreeList {
  readonly map: AddressMap;
  readonly order: Order;
  /**
   * links[2 * r] and links[2 * r + 1]: the ranges before and after range -r. Row 0 closes the ring: before it is
   * the list's last range, after it the first.
   */
  readonly #links: Column<Int32Array>;
  /** [the roving pointer: the range at which next fit begins; 0 for the list's first]. */
  readonly #rover: Column<Int32Array>;

  constructor(columns: Columns, map: AddressMap, order: Order) {
    this.map = map;
    this.order = order;
    this.#links = columns.int32(128);
    this.#rover = columns.int32(1);
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

  /**
   * Where the roving pointer stands. It is a place in the list: if the range there shrinks, it stays; if the range
   * leaves the list (taken whole, merged into another, put elsewhere), it goes on to the next one; behind the last
   * one it begins again at the first.
   */
  get rover(): Node {
    return this.#rover.data[0] || this.first;
  }

  set rover(range: Node) {
    this.#rover.data[0] = range;
  }

  /** A range came free. */
  insert(range: Node): void {
    if (-range * 2 >= this.#links.data.length) this.#links.grow(-range * 2 + 2);
    const before = this.order === "lifo" ? 0 : this.order === "fifo" ? this.last : this.#below(range);
    const after = this.next(before);
    this.#join(before, range);
    this.#join(range, after);
  }

  remove(range: Node): void {
    const after = this.next(range);
    this.#join(this.previous(range), after);
    if (this.#rover.data[0] === range) this.#rover.data[0] = after;
  }

  /** Memory that came free was merged into a range of the list, which counts as freed now. */
  grown(range: Node): void {
    if (this.order === "address") return;
    this.remove(range);
    this.insert(range);
  }

  /** Throws if links do not match or ascending addresses do not ascend. Returns how many ranges there are. */
  validate(): number {
    let count = 0;
    let roved = this.#rover.data[0] === 0;
    let before: Node = 0;
    for (let range = this.first; range !== 0; before = range, range = this.next(range)) {
      const start = this.map.start(range);
      if (this.previous(range) !== before) throw new SpaceError(`the free list is not linked back at ${start}`);
      if (this.order === "address" && before !== 0 && this.map.start(before) >= start)
        throw new SpaceError(`the free list has ${start} after ${this.map.start(before)}`);
      if (this.#rover.data[0] === range) roved = true;
      count++;
    }
    if (this.last !== before) throw new SpaceError("the free list does not end with its last range");
    if (!roved) throw new SpaceError("the roving pointer stands at a range that is not free");
    return count;
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
