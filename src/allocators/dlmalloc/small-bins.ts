/**
 * The small bins: 32 lists of free chunks of one size each, the last freed first, and a bit for each list that
 * is not empty. Everything is O(1).
 *
 *   bin = size / 8, for sizes below 256;  bit `bin` of the map = the bin holds a chunk
 */
import type { Node } from "../../space/block-map.ts";
import type { Column } from "../../space/columns.ts";
import { type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";
import { HoleRings } from "../parts/hole-rings.ts";

const BINS = 32;
const WIDTH_SHIFT = 3;

export class SmallBins {
  private readonly space: Space;
  private readonly lists: HoleRings;
  /** [the map]. */
  private readonly map: Column<Int32Array>;

  constructor(space: Space) {
    this.space = space;
    this.lists = new HoleRings(space.columns, BINS);
    this.map = space.columns.int32(1);
  }

  holds(size: number): boolean {
    return size < BINS << WIDTH_SHIFT;
  }

  /** The newest chunk of `size`, or else of 8 bytes more, which cannot be split off; 0 if both bins are empty. */
  exact(size: number): Node {
    const bin = size >> WIDTH_SHIFT;
    const above = this.map.data[0] >>> bin;
    return (above & 3) === 0 ? 0 : this.lists.first(bin + (~above & 1));
  }

  /** The newest chunk of the least size above `size` that has any; 0 if there is none. */
  larger(size: number): Node {
    const bin = size >> WIDTH_SHIFT;
    const above = bin >= BINS - 1 ? 0 : this.map.data[0] & (-1 << (bin + 1));
    return above === 0 ? 0 : this.lists.first(31 - Math.clz32(above & -above));
  }

  insert(chunk: Node): void {
    const bin = this.space.length(chunk) >> WIDTH_SHIFT;
    this.lists.push(bin, chunk);
    this.map.data[0] |= 1 << bin;
  }

  remove(chunk: Node): void {
    const bin = this.space.length(chunk) >> WIDTH_SHIFT;
    this.lists.remove(chunk);
    if (this.lists.first(bin) === 0) this.map.data[0] &= ~(1 << bin);
  }

  internals(show: InternalsSink): void {
    for (let bin = 0; bin < BINS; bin++) {
      let chunk = this.lists.first(bin);
      if (chunk !== 0) show.list(`small bin ${bin} (${bin << WIDTH_SHIFT} bytes)`);
      for (; chunk !== 0; chunk = this.lists.next(chunk))
        show.entry(this.space.start(chunk), this.space.length(chunk));
    }
  }

  /** Tells `seen` of every chunk. */
  validate(seen: (chunk: Node) => void): void {
    for (let bin = 0; bin < BINS; bin++) {
      let chunk = this.lists.first(bin);
      if ((chunk !== 0) !== (((this.map.data[0] >>> bin) & 1) === 1))
        throw new SpaceError(`the map of small bins is wrong about bin ${bin}`);
      for (; chunk !== 0; chunk = this.lists.next(chunk)) {
        seen(chunk);
        if (this.space.length(chunk) !== bin << WIDTH_SHIFT)
          throw new SpaceError(`small bin ${bin} holds a chunk of ${this.space.length(chunk)} bytes`);
        if (!this.lists.isLinked(chunk))
          throw new SpaceError(`the links of small bin ${bin} are broken at ${chunk}`);
      }
    }
  }
}
