/**
 * First fit over all blocks of the heap, used and free, from the lowest free one: the heap of the lwIP network stack.
 * O(blocks) to allocate, O(1) to free but for finding the next free block again.
 *
 *   size   = max(bytes up to a multiple of 4, 12)
 *   block  = [start, start + length), payload = start + header, length = header + size and what cannot be split off
 *   header = two indices and a flag, up to a multiple of 4: 8 in heaps of up to 64000 bytes, 12 in larger ones
 *   split  = the rest is a free block if it holds a header and 12 bytes
 *
 * Blocks are linked in order of address, so neighbours merge at once. The end marker lies behind the arena.
 */
import type { Options } from "../options/options.ts";
import type { Node } from "../space/block-map.ts";
import { Cost } from "../space/cost.ts";
import { type Address, type Space, SpaceError } from "../space/space.ts";
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
import { MergedRanges } from "./parts/merged-ranges.ts";

const OPTIONS = {
  bits: {
    type: "choice",
    default: "32",
    choices: ["32"],
    about: "word size of the machine; blocks are linked by indices and are the same on any",
  },
} as const;

const REASONS = {
  split:
    "the first of {0} blocks from the lowest free one on that is free and holds {1} bytes: its low end, [{2}, {3})",
  whole:
    "the first of {0} blocks from the lowest free one on that is free and holds {1} bytes: [{2}, {3}), whole",
  refused: "none of {0} blocks from the lowest free one on is free and holds {1} bytes; the longest has {2}",
  zero: "0 bytes are refused",
  freed: "[{0}, {1}) is free, in the free block [{2}, {3})",
};

const ALIGNMENT = 4;
const SMALLEST = 12;
/** Up to here indices have 16 bits. */
const SMALL_HEAP = 64000;

class LwipMem implements Allocator {
  private readonly space: Space;
  private readonly header: number;
  private readonly ranges: MergedRanges;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, _options: Options<typeof OPTIONS>) {
    this.space = space;
    this.header = space.limit > SMALL_HEAP ? 12 : 8;
    this.ranges = new MergedRanges(space, "address");
    this.why = new LastReason(REASONS);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const space = this.space;
    if (bytes === 0) {
      this.why.set("zero");
      return REFUSED;
    }
    const length = this.need(bytes, align);
    // A block that starts later than this cannot hold as much: the search ends there.
    const highest = space.limit - (length - this.header);
    let looked = 0;
    let node: Node = this.ranges.list.first;
    if (node !== 0)
      for (; node !== space.heap && space.start(node) < highest; node = space.next(node)) {
        looked++;
        if (node < 0 && space.length(node) >= length) break;
      }
    space.count(Cost.searchSteps, looked);
    if (node >= 0 || space.length(node) < length) {
      this.why.set("refused", looked, length, space.largestHole);
      return REFUSED;
    }
    const start = space.start(node);
    const room = space.length(node);
    const taken = room - length >= this.header + SMALLEST ? length : room;
    space.take(node, 0, taken, request.slot);
    this.why.set(taken < room ? "split" : "whole", looked, length, start, start + taken);
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
    const size = bytes + Math.max(align - ALIGNMENT, 0);
    return this.header + Math.max(roundUp(size, ALIGNMENT), SMALLEST);
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
    show.list("free blocks (by address)");
    for (let range = list.first; range !== 0; range = list.next(range))
      show.entry(map.start(range), map.length(range), ...(range === list.first ? ["lowest"] : []));
  }

  validate(): void {
    const { list, map } = this.ranges;
    this.ranges.validate();
    for (let range = list.first; range !== 0; range = list.next(range))
      if (map.length(range) < Math.min(this.header + SMALLEST, map.limit))
        throw new SpaceError(`the free block at ${map.start(range)} has only ${map.length(range)} bytes`);
  }
}

export const lwipMem = definePolicy<typeof OPTIONS>({
  name: "lwip-mem",
  family: "sequential fits",
  summary: "lwIP's own heap: first fit over all blocks by address, from the lowest free one.",
  source:
    "lwIP 2, src/core/mem.c: mem_malloc, mem_free, plug_holes; mem.h: mem_size_t; opt.h: MEM_SIZE, MEM_ALIGNMENT",
  departs:
    "lwIP can only shrink a block (mem_trim) and has no memalign: realloc is allocate, copy, free, as a program does it; " +
    "memalign asks for as many bytes more as the alignment takes. Overflow checks (MEM_OVERFLOW_CHECK) are off.",
  facts: {
    author: "Adam Dunkels, 2001; Simon Goldschmidt",
    ships: "lwIP, unless it is built with MEM_LIBC_MALLOC or MEM_USE_POOLS",
    header: "8 bytes in heaps of up to 64,000 bytes, else 12: two indices and a flag",
    alignment: "4 bytes (MEM_ALIGNMENT)",
    order:
      "all blocks by address, used and free, from the lowest free one on; takes the low end of the " +
      "first that will do",
    coalescing: "at once, with both neighbours (plug_holes)",
    bound: "M(1 + ceil(log2 n)), first fit by address (Robson 1977); steps: as many as there are blocks",
    steps:
      "blocks, used and free, that a malloc visits from the lowest free one on; not those passed to find " +
      "the next lowest",
  },
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => ALIGNMENT,
  reasons: REASONS,
  create: (space, options) => new LwipMem(space, options),
});
