/**
 * First fit along a list of free chunks by address: the small malloc of newlib, the libc of most Arm firmware.
 * O(free chunks) to allocate and to free.
 *
 *   chunk   = [start, start + length), length = max(bytes up to a multiple of w, w) + 8; w = 4 or 8
 *   payload = the next multiple of 8 at or above start + w
 *   split   = the low end is taken and the rest stays free if it is a smallest chunk, 8 + w, or longer
 *   break   = end of what sbrk has given; for a chunk that no free one holds sbrk gives exactly as much
 *
 * memalign may leave a chunk of only a size and a link, 2w.
 *
 * The last free chunk is extended beyond the break only where sbrk has failed for a whole one, so free chunks are left
 * behind as the heap grows. In a fixed arena sbrk gives the arena, bit by bit: what lies above the break is free
 * memory, of which the list knows nothing.
 */
import type { Options } from "../options/options.ts";
import type { Node } from "../space/block-map.ts";
import type { Column } from "../space/columns.ts";
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
    choices: ["32", "64"],
    about: "word size of the machine, which sets header and rounding",
  },
} as const;

const REASONS = {
  split: "the first of {0} free chunks looked at that holds {1} bytes: its low end, [{2}, {3})",
  whole:
    "the first of {0} free chunks looked at that holds {1} bytes: [{2}, {3}), whole, as the rest is no chunk",
  grown: "none of {0} free chunks holds {1} bytes: sbrk gives [{2}, {3})",
  extended: "sbrk cannot give {1} bytes: the last of {0} free chunks is extended to [{2}, {3})",
  refused: "none of {0} free chunks holds {1} bytes, and sbrk has only {2} more",
  stays: "the chunk of {0} bytes stays: {1} bytes fit, and are more than half of what it holds",
  freed: "[{0}, {1}) is free, in the free chunk [{2}, {3})",
};

const ALIGNMENT = 8;

class NewlibNano implements Allocator {
  private readonly space: Space;
  private readonly word: number;
  private readonly smallest: number;
  /** Every hole by address; the last may lie above the break, in part or as a whole. */
  private readonly ranges: MergedRanges;
  /** [break]. */
  private readonly state: Column<Float64Array>;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.word = options.bits === "32" ? 4 : 8;
    this.smallest = ALIGNMENT + this.word;
    this.ranges = new MergedRanges(space, "address");
    this.state = space.columns.float64(1);
    this.why = new LastReason(REASONS);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const space = this.space;
    const { list } = this.ranges;
    const length = this.need(bytes, align);
    let looked = 0;
    let last: Node = 0;
    for (let range = list.first; range !== 0; range = list.next(range)) {
      const room = this.room(range);
      if (room <= 0) break;
      looked++;
      last = range;
      if (room < length) continue;
      const taken = room - length >= this.smallest ? length : room;
      space.count(Cost.searchSteps, looked);
      const start = space.start(range);
      this.why.set(taken === length ? "split" : "whole", looked, length, start, start + taken);
      return this.put(range, start, taken, bytes, align, request);
    }
    let start = this.state.data[0];
    let why: keyof typeof REASONS = "grown";
    if (!this.moreCore(length)) {
      space.count(Cost.searchSteps, looked); // the list is gone through once more, to its last chunk
      const tail = last !== 0 && space.start(last) + this.room(last) === start ? this.room(last) : 0;
      if (tail === 0 || !this.moreCore(length - tail)) {
        space.count(Cost.searchSteps, looked);
        this.why.set("refused", looked, length, space.limit - start);
        return REFUSED;
      }
      start -= tail;
      why = "extended";
    }
    space.count(Cost.searchSteps, looked);
    this.why.set(why, looked, length, start, start + length);
    return this.put(space.previous(space.heap), start, length, bytes, align, request);
  }

  free(_address: Address, request: Request): void {
    const space = this.space;
    const start = space.start(request.previous);
    const end = space.end(request.previous);
    const range = space.give(request.previous);
    const from = space.start(range);
    this.why.set("freed", start, end, from, from + this.room(range));
  }

  /** In place if the bytes fit and are more than half of what fits. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const usable = this.space.end(request.previous) - address;
    if (bytes <= usable && Math.floor(usable / 2) < bytes) {
      this.why.set("stays", this.space.length(request.previous), bytes);
      return address;
    }
    return reallocateByCopy(this, address, bytes, request);
  }

  need(bytes: number, align: number): number {
    return Math.max(roundUp(bytes, this.word), this.word) + Math.max(align, ALIGNMENT);
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
    for (let range = list.first; range !== 0 && this.room(range) > 0; range = list.next(range))
      show.entry(map.start(range), this.room(range));
  }

  validate(): void {
    const space = this.space;
    const end = this.state.data[0];
    this.ranges.validate();
    for (let range = this.ranges.list.first; range !== 0; range = this.ranges.list.next(range)) {
      const room = this.room(range);
      if (room > 0 && room < 2 * this.word)
        throw new SpaceError(`the free chunk at ${space.start(range)} has only ${room} bytes`);
    }
    const last = space.previous(space.heap);
    const above = last < 0 ? space.start(last) : space.segmentEnd(space.heap);
    if (end < above || end > space.segmentEnd(space.heap))
      throw new SpaceError(`the break is at ${end}, the last chunk ends at ${above}`);
  }

  /** Bytes of a hole that lie below the break: the free chunk's. */
  private room(range: Node): number {
    return Math.min(this.space.end(range), this.state.data[0]) - this.space.start(range);
  }

  /** sbrk: whether there was as much. */
  private moreCore(bytes: number): boolean {
    const space = this.space;
    const end = this.state.data[0] + bytes;
    if (space.grows ? space.extend(bytes) === 0 : end > space.limit) return false;
    this.state.data[0] = end;
    return true;
  }

  /**
   * Puts the block into the chunk [start, start + length) of a hole. memalign asks for a chunk that is longer by the
   * alignment less 8: of it, what lies before the block goes back if it is a chunk, and so does what lies behind.
   */
  private put(
    hole: Node,
    start: Address,
    length: number,
    bytes: number,
    align: number,
    request: Request,
  ): Address {
    const header = start + this.word;
    const address = roundUp(header, Math.max(align, ALIGNMENT));
    let from = start;
    let to = start + length;
    if (align > ALIGNMENT) {
      if (address - header >= this.smallest) from += address - header;
      const end = address + Math.max(roundUp(bytes, this.word), this.word);
      if (to > end + this.smallest) to = end;
    }
    this.space.take(hole, from - this.space.start(hole), to - from, request.slot);
    return address;
  }
}

export const newlibNano = definePolicy<typeof OPTIONS>({
  name: "newlib-nano",
  family: "sequential fits",
  summary: "newlib's nano malloc: first fit from a list by address, over sbrk, and nothing is given back.",
  source: "newlib, newlib/libc/stdlib/nano-mallocr.c: nano_malloc, nano_free, nano_realloc, nano_memalign",
  departs:
    "realloc to 0 bytes frees in newlib; here it moves to a smallest chunk. " +
    "The arena's start is aligned, so sbrk is never asked for a correction. memalign follows the source; no recording holds it.",
  facts: {
    author: "ARM Ltd., 2012",
    ships: "the GNU toolchain for Arm with nano.specs; picolibc",
    header: "8 bytes: the length's word and padding",
    alignment: "8 bytes",
    order: "one list by address; takes the low end of the first chunk that will do",
    coalescing: "at once, with both neighbours; nothing goes back to sbrk",
    bound:
      "M(1 + ceil(log2 n)), first fit by address (Robson 1977), but for what sbrk leaves behind; " +
      "steps: as many as there are free chunks",
    steps:
      "free chunks that a malloc looks at, again where sbrk failed and the last one is looked for; not " +
      "those passed by a free to find its place",
  },
  kind: "allocator",
  coalesces: () => "at once",
  options: OPTIONS,
  granule: ({ bits }) => (bits === "32" ? 4 : 8),
  reasons: REASONS,
  create: (space, options) => new NewlibNano(space, options),
});
