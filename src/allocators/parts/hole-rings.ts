/**
 * Several doubly linked lists of the space's holes, each a ring through its own head, as allocators link free
 * memory through itself. Every operation is O(1). 8 bytes a hole and a list.
 *
 * A link is a node: 0 .. rings - 1 are the heads, rings + r is the hole -r.
 *   links[2 * node] = the node before it,  links[2 * node + 1] = the node after it
 */
import type { Node } from "../../space/block-map.ts";
import type { Column, Columns } from "../../space/columns.ts";

export class HoleRings {
  readonly rings: number;
  private readonly links: Column<Int32Array>;

  constructor(columns: Columns, rings: number) {
    this.rings = rings;
    this.links = columns.int32(2 * rings + 128);
    for (let head = 0; head < rings; head++) this.join(head, head);
  }

  /** The ring's first hole; 0 when it is empty. */
  first(ring: number): Node {
    return this.hole(this.links.data[2 * ring + 1]);
  }

  /** The hole behind `hole` in its ring; 0 behind the last one. */
  next(hole: Node): Node {
    return this.hole(this.links.data[2 * (this.rings - hole) + 1]);
  }

  /** Whether `hole`'s neighbours in its ring know it. */
  isLinked(hole: Node): boolean {
    const links = this.links.data;
    const node = this.rings - hole;
    return links[2 * links[2 * node] + 1] === node && links[2 * links[2 * node + 1]] === node;
  }

  push(ring: number, hole: Node): void {
    this.links.grow(2 * (this.rings - hole) + 2);
    const node = this.rings - hole;
    this.join(node, this.links.data[2 * ring + 1]);
    this.join(ring, node);
  }

  append(ring: number, hole: Node): void {
    this.links.grow(2 * (this.rings - hole) + 2);
    const node = this.rings - hole;
    this.join(this.links.data[2 * ring], node);
    this.join(node, ring);
  }

  remove(hole: Node): void {
    const links = this.links.data;
    const node = this.rings - hole;
    this.join(links[2 * node], links[2 * node + 1]);
  }

  private hole(node: number): Node {
    return node < this.rings ? 0 : this.rings - node;
  }

  private join(before: number, after: number): void {
    const links = this.links.data;
    links[2 * before + 1] = after;
    links[2 * after] = before;
  }
}
