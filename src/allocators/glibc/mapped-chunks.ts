/**
 * Chunks that are mapped by themselves: pages of their own, got by mmap, given back by munmap when they are freed,
 * and resized by mremap. A segment of the space each, which their block fills.
 *
 *   mapping = [start, start + length), pages; payload = start + 16, or further up for memalign
 *   size    = length - (payload - 2w - start): what the chunk's header says
 */
import type { Column } from "../../space/columns.ts";
import { type Address, PAGE, type Segment, type Slot, type Space } from "../../space/space.ts";
import { REFUSED, roundUp } from "../contract.ts";
import type { Heaps } from "./heaps.ts";
import { type Layout, UNIT } from "./layout.ts";
import type { Thresholds } from "./thresholds.ts";

/** M_MMAP_MAX: mapped chunks at a time. */
const MOST = 65536;

const COUNT = 0;
const BYTES = 1;

export class MappedChunks {
  private readonly space: Space;
  private readonly layout: Layout;
  private readonly thresholds: Thresholds;
  /** They lie below these. */
  private readonly heaps: Heaps | undefined;
  /** [mapped chunks, bytes of their mappings]. */
  private readonly state: Column<Float64Array>;

  constructor(space: Space, layout: Layout, thresholds: Thresholds, heaps?: Heaps) {
    this.space = space;
    this.layout = layout;
    this.thresholds = thresholds;
    this.heaps = heaps;
    this.state = space.columns.float64(2);
  }

  /** What mallinfo calls `hblks` and `hblkhd`. */
  get count(): number {
    return this.state.data[COUNT];
  }
  get bytes(): number {
    return this.state.data[BYTES];
  }

  /** Whether the payload at `address` is of a mapped chunk. */
  has(address: Address): boolean {
    return address >= this.space.limit && (this.heaps === undefined || address < this.heaps.floor);
  }

  /** Whether a chunk of `units`, which no free chunk and not top holds, is to be mapped. */
  wants(units: number): boolean {
    return units * UNIT >= this.thresholds.mmap && this.count < MOST;
  }

  /** Maps a chunk of `units` for `slot`. Returns the payload's address, or REFUSED. */
  map(units: number, slot: Slot): Address {
    const space = this.space;
    const length = this.layout.mapping(units);
    const segment = this.mapping(length);
    if (segment === 0) return REFUSED;
    space.take(space.next(segment), 0, length, slot);
    this.state.data[COUNT]++;
    this.state.data[BYTES] += length;
    return space.start(slot) + UNIT;
  }

  /** The mapped chunk of `slot` with its payload at `address` is freed by the program: the thresholds learn of it. */
  free(slot: Slot, address: Address): void {
    this.thresholds.learn(this.size(slot, address));
    this.unmap(slot);
  }

  unmap(slot: Slot): void {
    const space = this.space;
    const segment = space.next(slot);
    this.state.data[COUNT]--;
    this.state.data[BYTES] -= space.length(slot);
    space.give(slot);
    space.unmap(segment);
  }

  /** Bytes of the chunk. */
  size(slot: Slot, address: Address): number {
    return this.space.length(slot) - this.offset(slot, address);
  }

  /**
   * mremap: the mapping becomes as many pages as `units` need, in place or, with `fresh` as its slot, elsewhere.
   * Returns the payload's address, or REFUSED where there is no room.
   */
  remap(slot: Slot, address: Address, units: number, fresh: Slot): Address {
    const space = this.space;
    const start = space.start(slot);
    const before = space.length(slot);
    const length = roundUp(units * UNIT + this.offset(slot, address) + this.layout.word, PAGE);
    const segment = space.next(slot);
    if (length < before) {
      space.resize(slot, start, length);
      space.trim(before - length, segment);
    } else if (length > before) {
      const isClear = this.heaps === undefined || start + length <= this.heaps.floor;
      if (!isClear || space.extend(length - before, segment) === 0)
        return this.move(slot, address, length, fresh);
      space.resize(slot, start, length);
    }
    this.state.data[BYTES] += length - before;
    return address;
  }

  private move(slot: Slot, address: Address, length: number, fresh: Slot): Address {
    const space = this.space;
    const segment = this.mapping(length);
    if (segment === 0) return REFUSED;
    space.take(space.next(segment), 0, length, fresh);
    this.state.data[COUNT]++;
    this.state.data[BYTES] += length;
    const to = space.start(fresh) + address - space.start(slot);
    this.unmap(slot);
    return to;
  }

  /** A segment of so many bytes, or 0 where there is no room. */
  private mapping(bytes: number): Segment {
    const { space, heaps } = this;
    const segment = space.map(bytes);
    if (segment === 0 || heaps === undefined || space.segmentEnd(segment) <= heaps.floor) return segment;
    space.unmap(segment);
    return 0;
  }

  /** Bytes before the chunk in its mapping. */
  private offset(slot: Slot, address: Address): number {
    return address - 2 * this.layout.word - this.space.start(slot);
  }
}
