/**
 * Ranges of a free list by length, of equally long ones the list's first: a treap (Seidel and Aragon, "Randomized Search
 * Trees", Algorithmica 16, 1996, 464-497), with a hash of the range's row for a random priority. O(log ranges)
 * expected.
 *
 *   left subtree < range < right subtree, by (length, place); no range has a lower priority than one below it
 */
import type { Registers } from "../../kernel/kernel.ts";
import { HOLE_ROWS, OF_POLICY } from "../../kernel/registers.ts";
import type { Node } from "../../space/block-map.ts";
import type { Column, Columns } from "../../space/columns.ts";
import { SpaceError } from "../../space/space.ts";
import { type FreeList, LENGTH, PLACE } from "./free-list.ts";

/** A hash that mixes as the end of MurmurHash3 does, so that no order of rows makes a deep tree. */
function priority(range: Node): number {
  const hash = Math.imul(range, 0x9e3779b1);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
}

export class LengthTree {
  private readonly list: FreeList;
  /** links[2r] and links[2r + 1]: roots of the subtrees left and right of range -r. links[0] is the tree's root. */
  private readonly links: Column<Int32Array>;

  constructor(list: FreeList, columns: Columns) {
    this.list = list;
    this.links = columns.int32(128);
  }

  bind(registers: Registers): void {
    const { data } = this.links;
    registers.set(HOLE_ROWS, Math.min(registers.get(HOLE_ROWS), data.length >> 1));
    registers.point(OF_POLICY + 9, data);
  }

  clear(): void {
    this.links.data[0] = 0;
  }

  /** Once for each range, before it is inserted. */
  makeRoom(range: Node): void {
    if (1 - 2 * range >= this.links.data.length) this.links.grow(2 - 2 * range);
  }

  insert(range: Node): void {
    const links = this.links.data;
    let at = 0;
    let node = links[0];
    for (; node !== 0 && priority(node) > priority(range); node = links[at])
      at = this.less(node, range) ? 1 - 2 * node : -2 * node;
    links[at] = range;
    // What was there is split into what comes before the range, and after it.
    let left = -2 * range;
    let right = 1 - 2 * range;
    while (node !== 0)
      if (this.less(node, range)) {
        links[left] = node;
        left = 1 - 2 * node;
        node = links[left];
      } else {
        links[right] = node;
        right = -2 * node;
        node = links[right];
      }
    links[left] = 0;
    links[right] = 0;
  }

  /** The range was inserted with this length and place, whatever its row says now. */
  remove(range: Node, length: number, place: number): void {
    const links = this.links.data;
    const rows = this.list.rows.data;
    let at = 0;
    for (let node = links[0]; node !== range; node = links[at]) {
      const row = -node << 2;
      const more = rows[row | LENGTH] - length;
      at = more < 0 || (more === 0 && rows[row | PLACE] < place) ? 1 - 2 * node : -2 * node;
    }
    let left = links[-2 * range];
    let right = links[1 - 2 * range];
    while (left !== 0 && right !== 0)
      if (priority(left) > priority(right)) {
        links[at] = left;
        at = 1 - 2 * left;
        left = links[at];
      } else {
        links[at] = right;
        at = -2 * right;
        right = links[at];
      }
    links[at] = left !== 0 ? left : right;
  }

  /** The first range from (length, place) on, 0 if there is none. */
  first(length: number, place: number): Node {
    const links = this.links.data;
    const rows = this.list.rows.data;
    let found: Node = 0;
    for (let node = links[0]; node !== 0; ) {
      const row = -node << 2;
      const more = rows[row | LENGTH] - length;
      if (more < 0 || (more === 0 && rows[row | PLACE] < place)) node = links[1 - 2 * node];
      else {
        found = node;
        node = links[-2 * node];
      }
    }
    return found;
  }

  /** Throws unless it is in order; returns how many ranges it holds. */
  validate(node: Node = this.links.data[0]): number {
    if (node === 0) return 0;
    const links = this.links.data;
    const left = links[-2 * node];
    const right = links[1 - 2 * node];
    if ((left !== 0 && !this.less(left, node)) || (right !== 0 && !this.less(node, right)))
      throw new SpaceError(`range ${node} is out of order in the tree of lengths`);
    if ([left, right].some((below) => below !== 0 && priority(below) > priority(node)))
      throw new SpaceError(`range ${node} is below one of lower priority in the tree of lengths`);
    return this.validate(left) + 1 + this.validate(right);
  }

  private less(one: Node, other: Node): boolean {
    const rows = this.list.rows.data;
    const less = rows[(-one << 2) | LENGTH] - rows[(-other << 2) | LENGTH];
    return less < 0 || (less === 0 && rows[(-one << 2) | PLACE] < rows[(-other << 2) | PLACE]);
  }
}
