/**
 * Best fit along a list ordered by size, split but never merged: FreeRTOS heap_2, for programs that free what they
 * ask for again in the same sizes. O(free blocks) to allocate and to free.
 *
 *   block = [start, start + length), payload = start + header; see parts/freertos.ts
 *   list  = free blocks by length, equal ones newest first; the arena without its last 8 bytes is the first entry
 *   split = what is left over is a free block of its own if it is longer than two headers
 */
import type { Options } from "../options/options.ts";
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
import { ALIGNMENT, BITS, DEPARTS, headerOf, lengthOf } from "./parts/freertos.ts";
import { LastReason } from "./parts/last-reason.ts";

const OPTIONS = { bits: BITS } as const;

const REASONS = {
  split:
    "the smallest free block that holds {1} bytes, {0} looked at: [{2}, {3}), and the rest is put back by its size",
  whole: "the smallest free block that holds {1} bytes, {0} looked at: [{2}, {3}), whole",
  refused: "none of {0} free blocks holds {1} bytes; they are never merged",
  short: "{0} bytes are more than the {1} that are free: no search",
  zero: "0 bytes are refused",
  freed: "[{0}, {1}) goes into the list by its size, behind {2} smaller blocks",
};

/** A free block: start and length in granules, next row of the list, 0 at its end. Row 0 is the list's head. */
const STRIDE = 3;
const LENGTH = 1;
const NEXT = 2;

const VACANT = 0;
const ROWS = 1;
const FREE = 2;

class Heap2 implements Allocator {
  private readonly space: Space;
  private readonly header: number;
  private readonly blocks: Column<Int32Array>;
  /** [first vacant row, chained by NEXT; rows ever used; free granules]. */
  private readonly state: Column<Int32Array>;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.header = headerOf(options.bits);
    this.blocks = space.columns.int32(64 * STRIDE);
    this.state = space.columns.int32(3);
    this.why = new LastReason(REASONS);
    const end = Math.max(space.limit - ALIGNMENT, 0);
    if (space.limit > 0) space.reserve(end, space.limit - end, Control.unused);
    if (end > 0) this.insert(0, end / ALIGNMENT);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const state = this.state.data;
    const length = this.need(bytes, align);
    if (bytes === 0 || length > state[FREE] * ALIGNMENT) {
      if (bytes === 0) this.why.set("zero");
      else this.why.set("short", length, state[FREE] * ALIGNMENT);
      return REFUSED;
    }
    const blocks = this.blocks.data;
    const wanted = length / ALIGNMENT;
    let looked = 1;
    let before = 0;
    let row = blocks[NEXT];
    while (row !== 0 && blocks[row * STRIDE + LENGTH] < wanted) {
      looked++;
      before = row;
      row = blocks[row * STRIDE + NEXT];
    }
    if (row === 0) {
      this.space.count(Cost.searchSteps, looked);
      this.why.set("refused", looked - 1, length);
      return REFUSED;
    }
    const start = blocks[row * STRIDE];
    const room = blocks[row * STRIDE + LENGTH];
    this.remove(before, row);
    const split = room - wanted > (2 * this.header) / ALIGNMENT;
    const taken = split ? wanted : room;
    if (split) looked += 1 + this.insert(start + wanted, room - wanted);
    this.space.count(Cost.searchSteps, looked);
    this.space.claim(request.slot, start * ALIGNMENT, taken * ALIGNMENT);
    this.why.set(split ? "split" : "whole", looked, length, start * ALIGNMENT, (start + taken) * ALIGNMENT);
    return roundUp(start * ALIGNMENT + this.header, Math.max(align, ALIGNMENT));
  }

  free(_address: Address, request: Request): void {
    const space = this.space;
    const start = space.start(request.previous);
    const length = space.length(request.previous);
    space.give(request.previous);
    const smaller = this.insert(start / ALIGNMENT, length / ALIGNMENT);
    this.why.set("freed", start, start + length, smaller);
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    return reallocateByCopy(this, address, bytes, request);
  }

  need(bytes: number, align: number): number {
    return lengthOf(this.header, Math.max(bytes, 1), align);
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
    const blocks = this.blocks.data;
    show.list("free list (by size)");
    for (let row = blocks[NEXT]; row !== 0; row = blocks[row * STRIDE + NEXT])
      show.entry(blocks[row * STRIDE] * ALIGNMENT, blocks[row * STRIDE + LENGTH] * ALIGNMENT);
  }

  validate(): void {
    const space = this.space;
    const blocks = this.blocks.data;
    const ends = new Map<number, number>();
    let free = 0;
    let least = 0;
    for (let row = blocks[NEXT]; row !== 0; row = blocks[row * STRIDE + NEXT]) {
      const start = blocks[row * STRIDE] * ALIGNMENT;
      const length = blocks[row * STRIDE + LENGTH] * ALIGNMENT;
      if (length < least)
        throw new SpaceError(`the free list has ${length} bytes at ${start} behind ${least}`);
      const hole = space.at(start);
      if (hole >= 0 || start + length > space.end(hole))
        throw new SpaceError(`the free list holds [${start}, ${start + length}), which is not free`);
      if (ends.has(start)) throw new SpaceError(`the free list holds ${start} twice`);
      ends.set(start, start + length);
      least = length;
      free += length;
    }
    for (const [start, end] of ends)
      for (let inside = start + ALIGNMENT; inside < end; inside += ALIGNMENT)
        if (ends.has(inside)) throw new SpaceError(`the free block at ${start} overlaps that at ${inside}`);
    if (free !== space.holeBytes || free !== this.state.data[FREE] * ALIGNMENT)
      throw new SpaceError(`${free} bytes are in the free list, ${space.holeBytes} in the holes`);
  }

  /** Puts a block before the first that is no shorter. Returns how many are shorter. */
  private insert(start: number, length: number): number {
    const state = this.state.data;
    let row = state[VACANT];
    if (row === 0) {
      row = ++state[ROWS];
      this.blocks.grow((row + 1) * STRIDE);
    } else state[VACANT] = this.blocks.data[row * STRIDE + NEXT];
    const blocks = this.blocks.data;
    let shorter = 0;
    let before = 0;
    for (let next = blocks[NEXT]; next !== 0 && blocks[next * STRIDE + LENGTH] < length; shorter++) {
      before = next;
      next = blocks[next * STRIDE + NEXT];
    }
    blocks[row * STRIDE] = start;
    blocks[row * STRIDE + LENGTH] = length;
    blocks[row * STRIDE + NEXT] = blocks[before * STRIDE + NEXT];
    blocks[before * STRIDE + NEXT] = row;
    state[FREE] += length;
    return shorter;
  }

  private remove(before: number, row: number): void {
    const blocks = this.blocks.data;
    const state = this.state.data;
    state[FREE] -= blocks[row * STRIDE + LENGTH];
    blocks[before * STRIDE + NEXT] = blocks[row * STRIDE + NEXT];
    blocks[row * STRIDE + NEXT] = state[VACANT];
    state[VACANT] = row;
  }
}

export const freertosHeap2 = definePolicy<typeof OPTIONS>({
  name: "freertos-heap2",
  family: "sequential fits",
  summary: "FreeRTOS heap_2: best fit from a list by size; splits blocks and never merges them.",
  source:
    "FreeRTOS-Kernel V11, portable/MemMang/heap_2.c: pvPortMalloc, vPortFree, prvInsertBlockIntoFreeList",
  departs: DEPARTS,
  facts: {
    author: "Richard Barry, FreeRTOS",
    ships: "FreeRTOS, kept for old programs; heap_4 is recommended instead",
    header: "2w = 8 or 16 bytes: link and length",
    alignment: "8 bytes (portBYTE_ALIGNMENT)",
    order:
      "one list by size, equal ones last freed first; takes the first that will do, which is the shortest",
    coalescing: "never: what is split stays split",
    bound: "none known",
    steps:
      "list entries that a malloc compares with its size, the end marker included, and those it passes " +
      "to put a rest back by its size; not those passed by a free",
  },
  kind: "allocator",
  coalesces: () => "never",
  growable: false,
  options: OPTIONS,
  granule: () => ALIGNMENT,
  reasons: REASONS,
  create: (space, options) => new Heap2(space, options),
});
