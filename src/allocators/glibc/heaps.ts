/**
 * Where arenas other than the main one lie: in heaps, got by mmap, each at the low end of a region of its own in which it
 * can grow. Of a region only the heap is memory; the rest is kept free of anything else, as glibc does by a mapping that
 * cannot be touched.
 *
 *   most     = 64 MiB (64 bits) or 1 MiB (32 bits): HEAP_MAX_SIZE, twice the largest mmap threshold there is
 *   region r = [end - (r + 1) * most, end - r * most), downwards from the end of what the space reaches; start % most = 0
 *   heap     = [start of its region, ...), a segment of the space
 *   floor    = start of the lowest region ever used: chunks that are mapped by themselves lie below
 *
 * A region whose heap is given back is used again first.
 */
import type { Column } from "../../space/columns.ts";
import type { Address, Segment, Space } from "../../space/space.ts";

/** Numbers of a region: the arena of its heap, the heap's number in that arena, and its segment, 0 for no heap. */
const STRIDE = 3;
const ARENA = 0;
const NUMBER = 1;
const SEGMENT = 2;

export class Heaps {
  /** Bytes of a region. */
  readonly most: number;
  private readonly space: Space;
  private readonly end: Address;
  private readonly regions: Column<Int32Array>;
  /** [regions ever used]. */
  private readonly used: Column<Int32Array>;

  constructor(space: Space, most: number) {
    this.space = space;
    this.most = most;
    this.end = Math.floor((2 * space.limit) / most) * most;
    this.regions = space.columns.int32(STRIDE);
    this.used = space.columns.int32(1);
  }

  get floor(): Address {
    return this.start(this.used.data[0] - 1);
  }

  /** The region that `address`, not below the floor, lies in. */
  region(address: Address): number {
    return Math.floor((this.end - 1 - address) / this.most);
  }

  start(region: number): Address {
    return this.end - (region + 1) * this.most;
  }

  arena(region: number): number {
    return this.regions.data[region * STRIDE + ARENA];
  }

  number(region: number): number {
    return this.regions.data[region * STRIDE + NUMBER];
  }

  segment(region: number): Segment {
    return this.regions.data[region * STRIDE + SEGMENT];
  }

  /** A heap of `bytes`, whole pages and at most a region, as number `number` of `arena`. Its region; -1: there is no room. */
  map(bytes: number, arena: number, number: number): number {
    const { space, used } = this;
    let region = 0;
    while (region < used.data[0] && this.segment(region) !== 0) region++;
    if (region === used.data[0]) {
      if (this.start(region) < this.mappedEnd()) return -1;
      used.data[0]++;
      this.regions.grow((region + 1) * STRIDE);
    }
    const segment = space.map(bytes, this.start(region));
    this.regions.data.set([arena, number, segment], region * STRIDE);
    return region;
  }

  /** The heap of the region, one hole, goes back. */
  unmap(region: number): void {
    this.space.unmap(this.segment(region));
    this.regions.data[region * STRIDE + SEGMENT] = 0;
  }

  /** Where the last segment below the floor ends, or the first one could begin. */
  private mappedEnd(): Address {
    let end = this.space.limit;
    for (const segment of this.space.segments())
      if (this.space.start(segment) < this.floor) end = Math.max(end, this.space.segmentEnd(segment));
    return end;
  }
}
