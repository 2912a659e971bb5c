/**
 * Half-fit with powers of two: O1Heap, for hard real time. O(1) to allocate and to free, and a bound on how much
 * memory any sequence of requests can need (Robson 1971, by the power-of-two sizes).
 *
 *   fragment = 2^k bytes, the least power of two >= bytes + header; header = 4w, smallest fragment 8w, w = 4 or 8
 *   bin(f)   = floor(log2(length / 8w)): free fragments are of any multiple of 8w, the last freed first in their bin
 *   taken    = head of the lowest bin that has any, from ceil(log2(fragment / 8w)) on: its low end, so it always fits
 *
 * The instance with its bins lies at the arena's start; what the rest has over a multiple of 8w is unused.
 */
import type { Options } from "../options/options.ts";
import type { HoleIndex, Node } from "../space/block-map.ts";
import type { Column } from "../space/columns.ts";
import { Cost } from "../space/cost.ts";
import { type Address, Control, type Space, SpaceError } from "../space/space.ts";
import {
  type Allocator,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
  reallocateByCopy,
  roundUp,
} from "./contract.ts";
import { LastReason } from "./parts/last-reason.ts";

const OPTIONS = {
  bits: {
    type: "choice",
    default: "32",
    choices: ["32", "64"],
    about: "word size of the machine, which sets header, alignment and the smallest fragment",
  },
} as const;

const REASONS = {
  split: "the fragment freed last in bin {0}, the lowest from {1} on that has any: its low end, [{2}, {3})",
  whole: "the fragment freed last in bin {0}, the lowest from {1} on that has any: [{2}, {3}), whole",
  refused: "no bin from {0} on has a fragment for {1} bytes; the longest has {2}",
  large: "{0} bytes are more than the {1} that the arena could ever hold",
  zero: "0 bytes are refused",
  freed: "[{0}, {1}) is free, in the fragment [{2}, {3}), now first in its bin",
};

/** 2^31 granules make at most so many bins. */
const BINS = 31;

/** Exact for whole numbers below 2^32. */
const floorLog2 = (n: number) => 31 - Math.clz32(n);

class O1Heap implements Allocator, HoleIndex {
  private readonly space: Space;
  /** Alignment, and bytes before each payload. */
  private readonly header: number;
  private readonly smallest: number;
  /** Bytes managed. */
  private readonly capacity: number;
  /** links[2 * r] and links[2 * r + 1]: the fragments before and after fragment -r in its bin; 0 for none. */
  private readonly links: Column<Int32Array>;
  /** First fragment of each bin; then the bit mask of bins that have any. */
  private readonly bins: Column<Int32Array>;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    const word = options.bits === "32" ? 4 : 8;
    this.space = space;
    this.header = 4 * word;
    this.smallest = 8 * word;
    this.links = space.columns.int32(128);
    this.bins = space.columns.int32(BINS + 1);
    this.why = new LastReason(REASONS);
    // A head for each bit of a word, the mask of bins in use, four sizes and a count of 64 bits.
    const instance = roundUp(8 * word * word + 5 * word + 8, this.header);
    const table = Math.min(instance, space.limit);
    this.capacity = Math.floor((space.limit - table) / this.smallest) * this.smallest;
    if (table > 0) space.reserve(0, table, Control.table);
    const unused = space.limit - table - this.capacity;
    if (unused > 0) space.reserve(space.limit - unused, unused, Control.unused);
    space.follow(this);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const space = this.space;
    const length = this.need(bytes, align);
    if (bytes === 0 || length > this.capacity) {
      if (bytes === 0) this.why.set("zero");
      else this.why.set("large", length, this.capacity);
      return REFUSED;
    }
    const least = floorLog2(length / this.smallest);
    const suitable = this.bins.data[BINS] & (-1 << least);
    if (suitable === 0) {
      this.why.set("refused", least, length, space.largestHole);
      return REFUSED;
    }
    const bin = floorLog2(suitable & -suitable);
    const fragment = this.bins.data[bin];
    const start = space.start(fragment);
    space.count(Cost.searchSteps, 1);
    this.why.set(space.length(fragment) > length ? "split" : "whole", bin, least, start, start + length);
    space.take(fragment, 0, length, request.slot);
    return roundUp(start + this.header, Math.max(align, this.header));
  }

  free(_address: Address, request: Request): void {
    const space = this.space;
    const start = space.start(request.previous);
    const end = space.end(request.previous);
    const fragment = space.give(request.previous);
    this.why.set("freed", start, end, space.start(fragment), space.end(fragment));
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    return reallocateByCopy(this, address, bytes, request);
  }

  need(bytes: number, align: number): number {
    const least = Math.max(bytes, 1) + Math.max(align - this.header, 0) + this.header;
    return 2 ** (32 - Math.clz32(least - 1));
  }

  blockStart(address: Address): Address {
    return this.space.start(this.space.at(address));
  }

  blockLength(address: Address): number {
    return this.space.length(this.space.at(address));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    const bins = this.bins.data;
    const links = this.links.data;
    for (let bin = 0; bin < BINS; bin++) {
      if (bins[bin] === 0) continue;
      show.list(`bin ${bin}, from ${this.smallest * 2 ** bin}`);
      for (let fragment = bins[bin]; fragment !== 0; fragment = links[-2 * fragment + 1])
        show.entry(this.space.start(fragment), this.space.length(fragment));
    }
  }

  validate(): void {
    const space = this.space;
    const bins = this.bins.data;
    const links = this.links.data;
    let count = 0;
    for (let bin = 0; bin < BINS; bin++) {
      if ((bins[bin] !== 0) !== ((bins[BINS] & (1 << bin)) !== 0))
        throw new SpaceError(`the mask is wrong about bin ${bin}`);
      let before = 0;
      for (let fragment = bins[bin]; fragment !== 0; before = fragment, fragment = links[-2 * fragment + 1]) {
        const start = space.start(fragment);
        const length = space.length(fragment);
        if (space.at(start) !== fragment) throw new SpaceError(`bin ${bin} holds ${start}, which is no hole`);
        if (links[-2 * fragment] !== before)
          throw new SpaceError(`bin ${bin} is not linked back at ${start}`);
        if (length % this.smallest !== 0 || this.binOf(length) !== bin)
          throw new SpaceError(`bin ${bin} holds a fragment of ${length} bytes at ${start}`);
        if (++count > space.holes) throw new SpaceError(`bin ${bin} does not end`);
      }
    }
    if (count !== space.holes)
      throw new SpaceError(`${count} fragments are in bins, ${space.holes} holes in the space`);
  }

  // The space tells of its holes: what came free, was merged or was split goes first into its bin.

  appear(fragment: Node): void {
    this.put(fragment, this.binOf(this.space.length(fragment)));
  }

  vanish(fragment: Node): void {
    this.drop(fragment, this.binOf(this.space.length(fragment)));
  }

  change(fragment: Node, _oldStart: Address, oldLength: number): void {
    this.drop(fragment, this.binOf(oldLength));
    this.put(fragment, this.binOf(this.space.length(fragment)));
  }

  private binOf(length: number): number {
    return floorLog2(length / this.smallest);
  }

  private put(fragment: Node, bin: number): void {
    const row = -2 * fragment;
    if (row + 1 >= this.links.data.length) this.links.grow(row + 2);
    const links = this.links.data;
    const bins = this.bins.data;
    const after = bins[bin];
    links[row] = 0;
    links[row + 1] = after;
    if (after !== 0) links[-2 * after] = fragment;
    bins[bin] = fragment;
    bins[BINS] |= 1 << bin;
  }

  private drop(fragment: Node, bin: number): void {
    const links = this.links.data;
    const bins = this.bins.data;
    const before = links[-2 * fragment];
    const after = links[-2 * fragment + 1];
    if (after !== 0) links[-2 * after] = before;
    if (before !== 0) links[-2 * before + 1] = after;
    else {
      bins[bin] = after;
      if (after === 0) bins[BINS] &= ~(1 << bin);
    }
  }
}

export const o1heap = definePolicy<typeof OPTIONS>({
  name: "o1heap",
  family: "segregated fits",
  summary: "O1Heap: powers of two from the first bin that surely fits; constant time and a bounded heap.",
  source:
    "Kirienko, O1Heap 2.2, o1heap.c: o1heapInit, o1heapAllocate, o1heapFree; Ogasawara, An Algorithm with Constant " +
    "Execution Time for Dynamic Storage Allocation, RTCSA 1995 (half-fit); Robson, JACM 18(3), 1971",
  departs:
    "O1Heap 2.2 has neither realloc nor memalign: realloc is allocate, copy, free, as a program does it; memalign asks for " +
    "as many bytes more as the alignment takes.",
  facts: {
    author: "Pavel Kirienko, 2020; half-fit by Takeshi Ogasawara, 1995",
    ships: "OpenCyphal nodes; PX4's Cyphal driver",
    header: "4w = 16 or 32 bytes; and the rest of a power of two",
    alignment: "4w = 16 or 32 bytes",
    order:
      "a bin for each power of two, last freed first; takes the head of the first bin whose every " +
      "fragment will do",
    coalescing: "at once, with both neighbours",
    bound:
      "2M(1 + ceil(log2 n)), half-fit; O1Heap's manual sizes the arena by a closer formula, after " +
      "Robson 1971 and 1977",
    steps: "one fragment for each request that is placed: no other is looked at",
  },
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => 16,
  reasons: REASONS,
  create: (space, options) => new O1Heap(space, options),
});
