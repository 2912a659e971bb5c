/**
 * First fit along one list in order of address, merged at once on both sides: FreeRTOS heap_4 on one region, heap_5 on
 * several. O(free blocks) to allocate and to free.
 *
 *   block  = [start, start + length), payload = start + header; the low part of the free block it is taken from
 *   split  = what is left over stays free if it is longer than two headers, else it belongs to the block
 *   region = free at first but for an end marker of one header, which is an entry of the list with no bytes in it
 */
import type { Node } from "../../space/block-map.ts";
import { Cost } from "../../space/cost.ts";
import { type Address, Control, type Space } from "../../space/space.ts";
import {
  type Allocator,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
  reallocateByCopy,
  roundUp,
} from "../contract.ts";
import { ALIGNMENT, lengthOf } from "./freertos.ts";
import { LastReason } from "./last-reason.ts";
import { MergedRanges } from "./merged-ranges.ts";

export const REASONS = {
  split: "the first of {0} list entries looked at that holds {1} bytes: its low end, [{2}, {3})",
  whole:
    "the first of {0} list entries looked at that holds {1} bytes: [{2}, {3}), whole, as the rest is no block",
  refused: "none of {0} list entries holds {1} bytes; the longest has {2}",
  short: "{0} bytes are more than the {1} that are free: no search",
  zero: "0 bytes are refused",
  freed: "[{0}, {1}) is free, in the free block [{2}, {3})",
};

export interface Region {
  readonly start: Address;
  readonly end: Address;
}

export class FreeRtosFirstFit implements Allocator {
  private readonly space: Space;
  private readonly header: number;
  /** Added to a request before it is rounded up. */
  private readonly extra: number;
  private readonly ends: readonly Address[];
  private readonly ranges: MergedRanges;
  private readonly why: LastReason<keyof typeof REASONS>;

  /** `regions` ascend and do not touch; what lies between them is no part of the heap. */
  constructor(space: Space, regions: readonly Region[], header: number, extra = 0) {
    this.space = space;
    this.header = header;
    this.extra = extra;
    this.why = new LastReason(REASONS);
    const reserve = (start: Address, end: Address, kind: Control) => {
      if (end > start) space.reserve(start, end - start, kind);
    };
    let behind = 0;
    const ends: Address[] = [];
    for (const region of regions) {
      const start = roundUp(region.start, ALIGNMENT);
      const end = Math.floor(region.end / ALIGNMENT) * ALIGNMENT;
      const marker = Math.max(end - header, start);
      reserve(behind, start, Control.unused);
      reserve(marker, end, Control.header);
      ends.push(marker);
      behind = Math.max(end, start);
    }
    reserve(behind, space.limit, Control.unused);
    this.ends = ends;
    this.ranges = new MergedRanges(space, "address");
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const space = this.space;
    const { list } = this.ranges;
    const length = this.need(bytes, align);
    if (bytes === 0 || length > space.holeBytes) {
      if (bytes === 0) this.why.set("zero");
      else this.why.set("short", length, space.holeBytes);
      return REFUSED;
    }
    let range = list.first;
    let looked = 0;
    for (; range !== 0; range = list.next(range)) {
      looked++;
      if (space.length(range) >= length) break;
    }
    looked += this.markersBefore(range);
    space.count(Cost.searchSteps, looked);
    if (range === 0) {
      this.why.set("refused", looked, length, space.largestHole);
      return REFUSED;
    }
    const start = space.start(range);
    const room = space.length(range);
    const split = room - length > 2 * this.header;
    const taken = split ? length : room;
    space.take(range, 0, taken, request.slot);
    this.why.set(split ? "split" : "whole", looked, length, start, start + taken);
    return roundUp(start + this.header, Math.max(align, ALIGNMENT));
  }

  free(_address: Address, request: Request): void {
    const space = this.space;
    const start = space.start(request.previous);
    const end = space.end(request.previous);
    const range = space.give(request.previous);
    this.why.set("freed", start, end, space.start(range), space.end(range));
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    return reallocateByCopy(this, address, bytes, request);
  }

  need(bytes: number, align: number): number {
    return lengthOf(this.header, Math.max(bytes, 1) + this.extra, align);
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
    const { list, map } = this.ranges;
    show.list("free list (by address)");
    let region = 0;
    const markers = (upTo: number) => {
      for (; region < upTo; region++) show.entry(this.ends[region], this.header, "end of a region");
    };
    for (let range = list.first; range !== 0; range = list.next(range)) {
      markers(this.markersBefore(range));
      show.entry(map.start(range), map.length(range));
    }
    markers(this.ends.length);
  }

  validate(): void {
    this.ranges.validate();
  }

  /** End markers that lie before a free block in the list; all of them for 0. */
  private markersBefore(range: Node): number {
    const ends = this.ends;
    if (range === 0) return ends.length;
    const start = this.space.start(range);
    let count = 0;
    while (count < ends.length && ends[count] <= start) count++;
    return count;
  }
}
