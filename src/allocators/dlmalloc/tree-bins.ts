/**
 * The tree bins: 32 bitwise tries for free chunks of 256 bytes and more. Insertion, removal and best fit are O(bits
 * of a size), however many chunks there are.
 *
 *   bin    = 2 * k + half, 2^(k + 8) <= size < 2^(k + 9), half = whether size is in the upper half of that range;
 *            the last bin also takes everything from 2^24 on
 *   trie   = below a node at depth d, the child on side 0 or 1 holds the sizes whose d-th bit below the bin's own
 *            is 0 or 1. Nodes are not sorted against their children: a node is whatever came first to its place.
 *   equals = chunks of a size that a node has hang on that node in a ring. The node itself is the oldest, and is
 *            taken first; behind it, going by `older`, the others follow as they came
 *
 * Chunks are the space's holes; row r of the table is the hole -r.
 */
import type { Node } from "../../space/block-map.ts";
import type { Column } from "../../space/columns.ts";
import { type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";

const BINS = 32;
/** Sizes of bin 0 begin at 2^8. */
const SHIFT = 8;

/** A row: its two children, its parent, the ring's neighbours, its bin. Links are rows; 0 is none. */
const STRIDE = 6;
const PARENT = 2;
const NEWER = 3;
const OLDER = 4;
const BIN = 5;

/** `parent` of a bin's root; of a chunk that only hangs on a node's ring it is 0. */
const ROOT = -1;

export class TreeBins {
  /** Nodes that searches looked at since it was last set to 0. Within an event only. */
  looked = 0;
  private readonly space: Space;
  private readonly bits: number;
  private readonly table: Column<Int32Array>;
  /** The root of each bin; 0 where it is empty. */
  private readonly roots: Column<Int32Array>;
  /** [a bit for each bin that is not empty]. */
  private readonly map: Column<Int32Array>;

  constructor(space: Space, bits: number) {
    this.space = space;
    this.bits = bits;
    this.table = space.columns.int32(64 * STRIDE);
    this.roots = space.columns.int32(BINS);
    this.map = space.columns.int32(1);
  }

  /** The smallest chunk of all, for a request below every size here; 0 if there is none. */
  smallest(): Node {
    const map = this.map.data[0];
    if (map === 0) return 0;
    return this.best(0, this.roots.data[lowest(map)], 0);
  }

  /** The smallest chunk of at least `size` bytes; of equals the oldest. 0 if there is none. */
  bestFit(size: number): Node {
    const table = this.table.data;
    const bin = binOf(size);
    let best = 0;
    let left = Number.POSITIVE_INFINITY;
    // The subtree on side 1 that the path left last: all in it are larger, by less than anything left before.
    let larger = 0;
    let node = this.roots.data[bin];
    for (let bit = this.firstBit(bin); node !== 0; bit /= 2) {
      const over = this.size(node) - size;
      this.looked++;
      if (over >= 0 && over < left) {
        best = node;
        left = over;
        if (over === 0) return this.best(best, node, size);
      }
      const one = table[node * STRIDE + 1];
      node = table[node * STRIDE + ((size / bit) & 1)];
      if (one !== 0 && one !== node) larger = one;
    }
    node = larger;
    if (node === 0 && best === 0) {
      const above = bin === BINS - 1 ? 0 : this.map.data[0] & (-1 << (bin + 1));
      if (above !== 0) node = this.roots.data[lowest(above)];
    }
    return this.best(best, node, size);
  }

  insert(chunk: Node): void {
    const row = -chunk;
    const size = this.space.length(chunk);
    const bin = binOf(size);
    this.table.grow((row + 1) * STRIDE);
    const table = this.table.data;
    const at = row * STRIDE;
    table[at] = 0;
    table[at + 1] = 0;
    table[at + NEWER] = row;
    table[at + OLDER] = row;
    table[at + BIN] = bin;
    let node = this.roots.data[bin];
    if (node === 0) {
      table[at + PARENT] = ROOT;
      this.roots.data[bin] = row;
      this.map.data[0] |= 1 << bin;
      return;
    }
    for (let bit = this.firstBit(bin); this.size(node) !== size; bit /= 2) {
      const link = node * STRIDE + ((size / bit) & 1);
      if (table[link] === 0) {
        table[link] = row;
        table[at + PARENT] = node;
        return;
      }
      node = table[link];
    }
    const newest = table[node * STRIDE + NEWER];
    table[node * STRIDE + NEWER] = row;
    table[newest * STRIDE + OLDER] = row;
    table[at + NEWER] = newest;
    table[at + OLDER] = node;
    table[at + PARENT] = 0;
  }

  /** A node's place goes to the next of its ring, or else to a leaf below it: rightmost first. */
  remove(chunk: Node): void {
    const table = this.table.data;
    const row = -chunk;
    const at = row * STRIDE;
    let heir = table[at + OLDER];
    if (heir !== row) {
      const newer = table[at + NEWER];
      table[newer * STRIDE + OLDER] = heir;
      table[heir * STRIDE + NEWER] = newer;
    } else heir = this.pluckLeaf(row);
    const parent = table[at + PARENT];
    if (parent === 0) return;
    const bin = table[at + BIN];
    if (parent === ROOT) {
      this.roots.data[bin] = heir;
      if (heir === 0) this.map.data[0] &= ~(1 << bin);
    } else table[parent * STRIDE + (table[parent * STRIDE] === row ? 0 : 1)] = heir;
    if (heir === 0) return;
    table[heir * STRIDE + PARENT] = parent;
    for (let side = 0; side < 2; side++) {
      const child = table[at + side];
      table[heir * STRIDE + side] = child;
      if (child !== 0) table[child * STRIDE + PARENT] = heir;
    }
  }

  /** Depth first, side 0 first; `depth n`, and `equal` for those that hang on the node before them. */
  internals(show: InternalsSink): void {
    for (let bin = 0; bin < BINS; bin++) {
      if (this.roots.data[bin] === 0) continue;
      show.list(`tree bin ${bin} (from ${(2 + (bin & 1)) * 2 ** ((bin >> 1) + SHIFT - 1)} bytes)`);
      this.walk(this.roots.data[bin], 0, (row, depth, equal) =>
        show.entry(this.space.start(-row), this.size(row), equal ? "equal" : `depth ${depth}`),
      );
    }
  }

  /** Tells `seen` of every chunk. */
  validate(seen: (chunk: Node) => void): void {
    const table = this.table.data;
    const fail = (message: string): never => {
      throw new SpaceError(message);
    };
    for (let bin = 0; bin < BINS; bin++) {
      const root = this.roots.data[bin];
      if ((root !== 0) !== (((this.map.data[0] >>> bin) & 1) === 1))
        fail(`the map of tree bins is wrong about bin ${bin}`);
      if (root !== 0 && table[root * STRIDE + PARENT] !== ROOT)
        fail(`the root of tree bin ${bin} has a parent`);
      this.walk(root, 0, (row, depth, equal) => {
        const at = row * STRIDE;
        const size = this.size(row);
        seen(-row);
        if (table[at + BIN] !== bin || binOf(size) !== bin)
          fail(`tree bin ${bin} holds a chunk of ${size} bytes`);
        if (table[table[at + NEWER] * STRIDE + OLDER] !== row)
          fail(`the ring of ${size} bytes is broken at row ${row}`);
        if (equal) {
          if (table[at + PARENT] !== 0) fail(`row ${row} hangs on a ring and has a parent`);
          if (this.size(table[at + OLDER]) !== size)
            fail(`a ring of ${size} bytes holds ${this.size(table[at + OLDER])}`);
          return;
        }
        // Every size below a node agrees with the path that leads to it.
        let up = row;
        for (let bit = this.firstBit(bin) / 2 ** (depth - 1); up !== root; bit *= 2) {
          const parent = table[up * STRIDE + PARENT];
          if (table[parent * STRIDE + ((size / bit) & 1)] !== up)
            fail(`${size} bytes are on the wrong side of tree bin ${bin}`);
          up = parent;
        }
      });
    }
  }

  /** The least over `size` of `best` and the path from `node` that keeps to side 0 wherever there is one. */
  private best(best: number, node: number, size: number): Node {
    const table = this.table.data;
    let left = best === 0 ? Number.POSITIVE_INFINITY : this.size(best) - size;
    while (node !== 0) {
      const over = this.size(node) - size;
      this.looked++;
      if (over >= 0 && over < left) {
        best = node;
        left = over;
      }
      node = table[node * STRIDE] || table[node * STRIDE + 1];
    }
    return best === 0 ? 0 : -best;
  }

  /** Takes the leaf below `row` that is found by side 1 first out of its place; 0 if `row` is itself a leaf. */
  private pluckLeaf(row: number): number {
    const table = this.table.data;
    let link = 0;
    let leaf = row;
    for (;;) {
      const at = leaf * STRIDE;
      const side = table[at + 1] !== 0 ? 1 : 0;
      if (table[at + side] === 0) break;
      link = at + side;
      leaf = table[link];
    }
    if (leaf === row) return 0;
    table[link] = 0;
    return leaf;
  }

  /** The power of two that the first side in `bin` is chosen by. */
  private firstBit(bin: number): number {
    return bin === BINS - 1 ? 2 ** (this.bits - 1) : 2 ** ((bin >> 1) + SHIFT - 2);
  }

  private size(row: number): number {
    return this.space.length(-row);
  }

  private walk(
    row: number,
    depth: number,
    visit: (row: number, depth: number, equal: boolean) => void,
  ): void {
    if (row === 0) return;
    const table = this.table.data;
    visit(row, depth, false);
    for (let equal = table[row * STRIDE + OLDER]; equal !== row; equal = table[equal * STRIDE + OLDER])
      visit(equal, depth, true);
    this.walk(table[row * STRIDE], depth + 1, visit);
    this.walk(table[row * STRIDE + 1], depth + 1, visit);
  }
}

function binOf(size: number): number {
  const units = Math.floor(size / 2 ** SHIFT);
  if (units > 0xffff) return BINS - 1;
  const k = 31 - Math.clz32(units);
  return 2 * k + ((size >>> (k + SHIFT - 1)) & 1);
}

/** The lowest bit that is set. */
const lowest = (map: number) => 31 - Math.clz32(map & -map);
