/**
 * The largest hole, exact at every event: holes in lists by size class under a cached maximum.
 *
 * A class is exact up to 31 granules and then one of 32 steps a power of two (the two-level scheme of TLSF,
 * Masmano et al., ECRTS 2004, section 3). When the largest hole goes, only the highest class that has any is
 * walked, and only until a hole of the old maximum turns up. O(1) an operation but for that walk.
 */
import type { Column, Columns } from "./columns.ts";

const STEPS = 32;
/** 32 exact classes, then 32 for each of the powers 2^5 .. 2^30. */
const CLASSES = STEPS + 26 * STEPS;

/** Length in granules (1 .. 2^31 - 1) to class; classes ascend with length. */
export function sizeClass(length: number): number {
  if (length < STEPS) return length;
  const power = 31 - Math.clz32(length);
  return (power - 4) * STEPS + ((length >>> (power - 5)) & (STEPS - 1));
}

const TOP = 0;
const LARGEST = 1;

export class HoleSizes {
  /** links[2 * h] and links[2 * h + 1]: the hole before and after hole h in its class; 0 ends a list. */
  readonly #links: Column<Int32Array>;
  /** First hole of each class. */
  readonly #heads: Column<Int32Array>;
  /** Holes in each class. */
  readonly #counts: Column<Int32Array>;
  /**
   * [highest class that may have a hole, length of the largest hole]. While the length must be looked up it is
   * kept as ~limit, where no hole is longer than limit.
   */
  readonly #cache: Column<Int32Array>;

  constructor(columns: Columns) {
    this.#links = columns.int32(256);
    this.#heads = columns.int32(CLASSES);
    this.#counts = columns.int32(CLASSES);
    this.#cache = columns.int32(2);
  }

  insert(hole: number, length: number): void {
    const index = sizeClass(length);
    const heads = this.#heads.data;
    if (2 * hole + 1 >= this.#links.data.length) this.#links.grow(2 * hole + 2);
    const links = this.#links.data;
    const next = heads[index];
    links[2 * hole] = 0;
    links[2 * hole + 1] = next;
    links[2 * next] = hole;
    heads[index] = hole;
    this.#counts.data[index]++;
    const cache = this.#cache.data;
    if (index > cache[TOP]) cache[TOP] = index;
    const largest = cache[LARGEST];
    if (largest >= 0 ? length > largest : length >= ~largest) cache[LARGEST] = length;
  }

  remove(hole: number, length: number): void {
    const index = sizeClass(length);
    const links = this.#links.data;
    const before = links[2 * hole];
    const after = links[2 * hole + 1];
    if (before === 0) this.#heads.data[index] = after;
    else links[2 * before + 1] = after;
    links[2 * after] = before;
    this.#counts.data[index]--;
    if (length === this.#cache.data[LARGEST]) this.#forget(length, index);
  }

  /** The same hole was `from` granules long and is `to` now: often of the same class, whose list stays as it is. */
  change(hole: number, from: number, to: number): void {
    if (sizeClass(from) !== sizeClass(to)) {
      this.remove(hole, from);
      this.insert(hole, to);
      return;
    }
    const cache = this.#cache.data;
    const largest = cache[LARGEST];
    if (from === largest && to < from) cache[LARGEST] = ~from;
    else if (largest >= 0 ? to > largest : to >= ~largest) cache[LARGEST] = to;
  }

  /** Length of the largest hole in granules, 0 where there is none. `lengths[stride * h + 1]` is hole h's length. */
  largest(lengths: Int32Array, stride: number): number {
    const cache = this.#cache.data;
    if (cache[LARGEST] >= 0) return cache[LARGEST];
    const links = this.#links.data;
    let top = cache[TOP];
    while (top > 0 && this.#counts.data[top] === 0) top--;
    let most = 0;
    const limit = ~cache[LARGEST];
    for (let hole = this.#heads.data[top]; hole !== 0 && most !== limit; hole = links[2 * hole + 1]) {
      const length = lengths[stride * hole + 1];
      if (length > most) most = length;
    }
    cache[TOP] = top;
    cache[LARGEST] = most;
    return most;
  }

  /** Holes whose length in granules is of class `index`, 0 .. CLASSES - 1. */
  count(index: number): number {
    return this.#counts.data[index];
  }

  /** Walks every list. Throws what is wrong; returns how many holes there are. `lengthOf` is in granules. */
  validate(lengthOf: (hole: number) => number): number {
    const links = this.#links.data;
    let holes = 0;
    for (let index = 0; index < CLASSES; index++) {
      let count = 0;
      let before = 0;
      for (let hole = this.#heads.data[index]; hole !== 0; before = hole, hole = links[2 * hole + 1]) {
        const length = lengthOf(hole);
        if (sizeClass(length) !== index)
          throw new Error(`hole ${-hole} of ${length} granules is in class ${index}`);
        if (links[2 * hole] !== before) throw new Error(`hole ${-hole} of class ${index} is not linked back`);
        if (++count > this.#counts.data[index]) break;
      }
      if (count !== this.#counts.data[index])
        throw new Error(
          `class ${index} counts ${this.#counts.data[index]} holes, its list has ${count} or more`,
        );
      holes += count;
    }
    return holes;
  }

  /** A largest hole went: what is left is no longer than it, which ends the next walk early. */
  #forget(length: number, index: number): void {
    const exact = index < STEPS && this.#counts.data[index] > 0;
    if (!exact) this.#cache.data[LARGEST] = ~length;
  }
}
