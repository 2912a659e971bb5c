/**
 * The ranges of a free list in a binary heap: the longest on top, of equal ones the list's first.
 * O(log ranges) a change, where a search along the list looks at all of them.
 */
import type { Node } from "../../space/block-map.ts";
import type { Column, Columns } from "../../space/columns.ts";
import type { FreeList, ListIndex } from "./free-list.ts";

export class LongestFirst implements ListIndex {
  readonly #list: FreeList;
  /** heap[1 .. list.size]: no range is before heap[i >> 1] of its own i. */
  readonly #heap: Column<Int32Array>;
  /** By row: heap[places[-range]] = range. */
  readonly #places: Column<Int32Array>;

  constructor(list: FreeList, columns: Columns) {
    this.#list = list;
    this.#heap = columns.int32(64);
    this.#places = columns.int32(64);
    list.follow(this);
  }

  /** 0 if the list is empty. */
  get longest(): Node {
    return this.#list.size === 0 ? 0 : this.#heap.data[1];
  }

  inserted(range: Node): void {
    const { size } = this.#list;
    this.#heap.grow(size + 1);
    this.#places.grow(1 - range);
    this.#rise(size, range);
  }

  removed(range: Node): void {
    const moved = this.#heap.data[this.#list.size + 1];
    if (moved !== range) this.#settle(this.#places.data[-range], moved);
  }

  changed(range: Node): void {
    this.#settle(this.#places.data[-range], range);
  }

  /** Puts `range` at `i`, or above or below it, where it belongs. */
  #settle(i: number, range: Node): void {
    if (i > 1 && this.#before(range, this.#heap.data[i >> 1])) this.#rise(i, range);
    else this.#sink(i, range);
  }

  #rise(i: number, range: Node): void {
    const heap = this.#heap.data;
    for (; i > 1 && this.#before(range, heap[i >> 1]); i >>= 1) this.#put(i, heap[i >> 1]);
    this.#put(i, range);
  }

  #sink(i: number, range: Node): void {
    const heap = this.#heap.data;
    const { size } = this.#list;
    for (let child = 2 * i; child <= size; i = child, child = 2 * i) {
      if (child < size && this.#before(heap[child + 1], heap[child])) child++;
      if (!this.#before(heap[child], range)) break;
      this.#put(i, heap[child]);
    }
    this.#put(i, range);
  }

  #put(i: number, range: Node): void {
    this.#heap.data[i] = range;
    this.#places.data[-range] = i;
  }

  #before(one: Node, other: Node): boolean {
    const { map } = this.#list;
    const more = map.length(one) - map.length(other);
    return more > 0 || (more === 0 && this.#list.precedes(one, other));
  }
}
