/**
 * What lives in each region of a heap, and which region is to be emptied next: the one with the least, but some. Whether
 * it is emptied to the end is the caller's matter; it is taken from then on, and no block is moved to begin there.
 */
import { type Address, type Space, State } from "../space/space.ts";

const TAKEN = 1;
const PINNED = 2;

export class SparseRegions {
  private readonly space: Space;
  private readonly bytes: number;
  /** Regions of the heap. None of this outlives a collection. */
  count: number;
  /** By region: bytes of live blocks that begin there. */
  private live: Float64Array;
  /** By region: TAKEN, or PINNED if a block in it must not move. */
  private closed: Uint8Array;
  /** Live blocks by address, and by region the first of them. */
  private slots: Int32Array;
  private firsts: Int32Array;
  /** Regions by live bytes as they were summed up, least first, and how many of them have been looked at. */
  private order: Int32Array;
  private looked: number;

  constructor(space: Space, bytes: number) {
    this.space = space;
    this.bytes = bytes;
    this.count = 0;
    this.live = new Float64Array(0);
    this.closed = new Uint8Array(0);
    this.slots = new Int32Array(0);
    this.firsts = new Int32Array(0);
    this.order = new Int32Array(0);
    this.looked = 0;
  }

  /** Sums the heap up: all garbage has been given back. */
  sum(): void {
    const { space, bytes } = this;
    const { graph } = space;
    this.count = Math.ceil(space.segmentEnd(space.heap) / bytes);
    this.live = new Float64Array(this.count);
    this.closed = new Uint8Array(this.count);
    this.firsts = new Int32Array(this.count + 1);
    this.slots = new Int32Array(space.slotLimit);
    this.looked = 0;
    let blocks = 0;
    let region = -1;
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node)) {
      if (node < 0 || space.state(node) !== State.live) continue;
      const at = Math.floor(space.start(node) / bytes);
      while (region < at) this.firsts[++region] = blocks;
      this.slots[blocks++] = node;
      this.live[at] += space.length(node);
      if (graph.on && graph.isPinned(node)) this.closed[at] = PINNED;
    }
    while (region < this.count) this.firsts[++region] = blocks;
    const { live, count } = this;
    this.order = Int32Array.from({ length: count }, (_, i) => count - 1 - i).sort(
      (a, b) => live[a] - live[b] || b - a,
    );
  }

  /** The next region that has something, from now on taken; -1 if that is more than `most` bytes, or there is none. */
  next(most: number): number {
    while (this.looked < this.count) {
      const region = this.order[this.looked++];
      if (this.live[region] === 0 || this.closed[region] !== 0) continue;
      if (this.live[region] > most) return -1;
      this.closed[region] = TAKEN;
      return region;
    }
    return -1;
  }

  /** The live blocks that began in a region when it was summed up. */
  blocks(region: number): Int32Array<ArrayBufferLike> {
    return this.slots.subarray(this.firsts[region], this.firsts[region + 1]);
  }

  /** Whether a block may go to `address` out of region `from`: to another one that is neither empty nor taken. */
  stays(address: Address, from: number): boolean {
    const region = Math.floor(address / this.bytes);
    return region !== from && this.live[region] > 0 && this.closed[region] !== TAKEN;
  }

  arrived(address: Address, length: number): void {
    this.live[Math.floor(address / this.bytes)] += length;
  }
}
