/**
 * Runs of pages by their first page, under a tree that finds the lowest free run that is long enough (Brent 1989,
 * "Efficient Implementation of the First-Fit Strategy for Dynamic Storage Allocation", ACM TOPLAS 11(3)), and counts
 * the runs in use below a page. O(log pages) each.
 *
 *   node i          = [longest free run that begins in its pages, runs in use that begin there]
 *   children of i   = 2 * i and 2 * i + 1; the root is node 1
 *   leaf of page p  = node size + p, where size is a power of two
 *
 * 16 bytes a page, up to twice as many after the tree has grown: it doubles, so that growth is amortised O(1).
 */
import type { Column, Columns } from "../../space/columns.ts";

const SIZE = 16;

export class RunTree {
  private readonly nodes: Column<Int32Array>;
  /** [leaves]. */
  private readonly state: Column<Int32Array>;

  constructor(columns: Columns) {
    this.nodes = columns.int32(4 * SIZE);
    this.state = columns.int32(1, SIZE);
  }

  /** What begins at `page`: a free run of so many pages, or one in use, or neither. */
  set(page: number, free: number, used: 0 | 1): void {
    if (page >= this.state.data[0]) this.grow(page + 1);
    const nodes = this.nodes.data;
    let i = this.state.data[0] + page;
    nodes[2 * i] = free;
    nodes[2 * i + 1] = used;
    for (i >>= 1; i > 0; i >>= 1) this.sum(nodes, i);
  }

  /** The lowest page, `from` or above, at which a free run of `count` pages or more begins; -1 if there is none. */
  firstFree(count: number, from = 0): number {
    const nodes = this.nodes.data;
    const size = this.state.data[0];
    if (from >= size) return -1;
    // Up and to the right, to the first subtree that has one; then down to its lowest.
    let i = from === 0 ? 1 : size + from;
    while (nodes[2 * i] < count) {
      while ((i & 1) === 1) i >>= 1;
      if (i === 0) return -1;
      i++;
    }
    while (i < size) {
      i *= 2;
      if (nodes[2 * i] < count) i++;
    }
    return i - size;
  }

  /** Runs in use that begin below `page`. */
  usedBelow(page: number): number {
    const nodes = this.nodes.data;
    const size = this.state.data[0];
    if (page >= size) return nodes[3];
    let used = 0;
    for (let i = size + page; i > 1; i >>= 1) if ((i & 1) === 1) used += nodes[2 * i - 1];
    return used;
  }

  /** Throws if a node is not what its children say. `leaf` tells what `set` was last told of a page. */
  validate(leaf: (page: number) => readonly [free: number, used: number]): void {
    const nodes = this.nodes.data;
    const size = this.state.data[0];
    for (let page = 0; page < size; page++) {
      const [free, used] = leaf(page);
      if (nodes[2 * (size + page)] !== free || nodes[2 * (size + page) + 1] !== used)
        throw new Error(`the tree does not know the run at page ${page}`);
    }
    for (let i = size - 1; i > 0; i--) {
      const [free, used] = [nodes[2 * i], nodes[2 * i + 1]];
      this.sum(nodes, i);
      if (nodes[2 * i] !== free || nodes[2 * i + 1] !== used)
        throw new Error(`node ${i} of the tree of runs is not the sum of its children`);
    }
  }

  /** Node `i` from its children, which are neighbours. */
  private sum(nodes: Int32Array, i: number): void {
    const [left, right] = [nodes[4 * i], nodes[4 * i + 2]];
    nodes[2 * i] = left > right ? left : right;
    nodes[2 * i + 1] = nodes[4 * i + 1] + nodes[4 * i + 3];
  }

  /** Room for so many pages: the leaves move up, and all above them is summed again. */
  private grow(pages: number): void {
    const old = this.state.data[0];
    let size = old;
    while (size < pages) size *= 2;
    this.nodes.grow(4 * size);
    const nodes = this.nodes.data;
    nodes.copyWithin(2 * size, 2 * old, 4 * old);
    nodes.fill(0, 2 * (size + old), 4 * size);
    for (let i = size - 1; i > 0; i--) this.sum(nodes, i);
    this.state.data[0] = size;
  }
}
