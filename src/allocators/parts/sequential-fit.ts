/**
 * Sequential fits: all free memory on one list, a request searched for along it (Knuth, TAOCP vol. 1, section 2.5;
 * Wilson, Johnstone, Neely and Boles, "Dynamic Storage Allocation: A Survey and Critical Review", 1995, section
 * 3.4). The four of them differ in one function, their placement rule.
 *
 *   block  = [start, start + length), start = payload - header, length a multiple of the alignment
 *   length = header + max(bytes, 1), rounded up to the alignment, plus a rest too small to be split off
 *
 * A block takes the low end of its range. The heap's first bytes are set aside so that payloads are aligned.
 */
import type { Options } from "../../options/options.ts";
import type { Node } from "../../space/block-map.ts";
import type { Column } from "../../space/columns.ts";
import { Cost } from "../../space/cost.ts";
import { type Address, Control, type Space } from "../../space/space.ts";
import {
  type Allocator,
  definePolicy,
  type InternalsSink,
  type Policy,
  type Reason,
  REFUSED,
  type Request,
  reallocateByCopy,
  roundUp,
} from "../contract.ts";
import type { FreeList } from "./free-list.ts";
import type { FreeRanges } from "./free-ranges.ts";
import { MergedRanges } from "./merged-ranges.ts";
import { UnmergedRanges } from "./unmerged-ranges.ts";
import { Wanted } from "./wanted.ts";

/** Looks along the list for a range that holds what is wanted; 0 if none does. */
export type Placement = (list: FreeList, wanted: Wanted) => Node;

export const FIT_OPTIONS = {
  header: {
    type: "integer",
    default: 8,
    min: 0,
    max: 64,
    unit: "bytes",
    about: "bytes before each payload, rounded up to a multiple of 4",
  },
  alignment: {
    type: "integer",
    default: 8,
    min: 4,
    max: 4096,
    unit: "bytes",
    powerOfTwo: true,
    about: "payload addresses and block lengths are multiples of it",
  },
  order: {
    type: "choice",
    default: "address",
    choices: ["address", "lifo", "fifo"],
    about: "order of the free list: by address, last freed first, or first freed first",
  },
  split: {
    type: "integer",
    default: 16,
    min: 0,
    max: 1048576,
    unit: "bytes",
    about: "smallest rest that is split off; a smaller one stays in the block (never below a smallest block)",
  },
  coalesce: {
    type: "choice",
    default: "immediate",
    choices: ["immediate", "deferred"],
    about: "merge free neighbours at each free, or all at once when nothing fits",
  },
} as const;

type FitOptions = Options<typeof FIT_OPTIONS>;

/** Header bytes before every payload. */
const headerOf = (options: FitOptions) => roundUp(options.header, 4);

/** The largest that divides alignment and header: all that a block is made of. */
function granuleOf(options: FitOptions): number {
  return [16, 8].find((granule) => options.alignment % granule === 0 && headerOf(options) % granule === 0) ?? 4;
}

const REASONS = ["placed", "coalesced", "grown", "refused", "resized", "freed"] as const;

export class SequentialFit implements Allocator {
  readonly #space: Space;
  readonly #ranges: FreeRanges;
  readonly #place: Placement;
  readonly #header: number;
  readonly #alignment: number;
  /** Smallest rest that becomes a free range of its own. */
  readonly #split: number;
  /** Filled anew for each request. */
  readonly #wanted: Wanted;
  /** Why the last decision fell: [index of REASONS, its four values]. */
  readonly #why: Column<Float64Array>;

  constructor(space: Space, options: FitOptions, place: Placement) {
    this.#space = space;
    this.#place = place;
    this.#header = headerOf(options);
    this.#alignment = options.alignment;
    const smallest = this.need(0);
    this.#split = Math.max(options.split, smallest);
    this.#why = space.columns.float64(5);
    const unused = Math.min(roundUp(this.#header, this.#alignment) - this.#header, space.limit);
    if (unused > 0) {
      if (space.grows) space.extend(unused);
      space.reserve(0, unused, Control.unused);
    }
    const Ranges = options.coalesce === "immediate" ? MergedRanges : UnmergedRanges;
    this.#ranges = new Ranges(space, options.order);
    this.#wanted = new Wanted(this.#ranges.map, this.#header, smallest);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const wanted = this.#wanted;
    const { list, map } = this.#ranges;
    wanted.set(this.need(bytes), align > this.#alignment ? align : 0);
    let why: (typeof REASONS)[number] = "placed";
    let range = this.#place(list, wanted);
    if (range === 0 && this.#ranges.coalesce()) {
      why = "coalesced";
      range = this.#place(list, wanted);
    }
    this.#space.count(Cost.searchSteps, wanted.looked);
    if (range === 0) {
      why = "grown";
      range = this.#grow();
    }
    if (range === 0) {
      this.#because("refused", wanted.looked, wanted.length, this.#space.largestHole, 0);
      return REFUSED;
    }
    const lead = wanted.lead(map.start(range));
    const start = map.start(range) + lead;
    const length = this.#withRest(wanted.length, map.length(range) - lead);
    this.#ranges.take(range, lead, length, request.slot);
    this.#because(why, wanted.looked, wanted.length, start, start + length);
    return start + this.#header;
  }

  free(address: Address, request: Request): void {
    const block = this.#ranges.blockAt(address - this.#header, request.previous);
    const { map } = this.#ranges;
    const start = map.start(block);
    const end = start + map.length(block);
    const range = this.#ranges.give(block);
    this.#because("freed", start, end, map.start(range), map.start(range) + map.length(range));
  }

  /** In place if the block, with the free range behind it, is long enough. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const block = this.#ranges.blockAt(address - this.#header, request.previous);
    const { map } = this.#ranges;
    const start = map.start(block);
    const before = map.length(block);
    const next = map.next(block);
    const needed = this.need(bytes);
    const room = needed > before && next < 0 ? before + map.length(next) : before;
    if (needed > room) return reallocateByCopy(this, address, bytes, request);
    const length = this.#withRest(needed, room);
    if (length !== before) this.#ranges.resize(block, length);
    this.#because("resized", start, before, length, needed);
    return address;
  }

  /** A request of 0 bytes gets a smallest block, as one of 1 does. */
  need(bytes: number): number {
    return roundUp(this.#header + Math.max(bytes, 1), this.#alignment);
  }

  blockStart(address: Address): Address {
    return address - this.#header;
  }

  blockLength(address: Address): number {
    return this.#ranges.map.length(this.#ranges.blockAt(address - this.#header));
  }

  reason(): Reason {
    const [code, ...values] = this.#why.data;
    return { code: REASONS[code], values };
  }

  internals(show: InternalsSink): void {
    const { list, map } = this.#ranges;
    show.list(`free list (${list.order})`);
    for (let range = list.first; range !== 0; range = list.next(range)) show.entry(map.start(range), map.length(range));
  }

  validate(): void {
    this.#ranges.validate();
  }

  /** What a block takes of `room` bytes if it needs `length`: all, if the rest is not worth splitting off. */
  #withRest(length: number, room: number): number {
    return room - length < this.#split ? room : length;
  }

  /** Extends the heap by what is missing at its end, where a free range counts. Returns the range there, or 0. */
  #grow(): Node {
    const { map } = this.#ranges;
    const end = this.#space.segmentEnd(this.#space.heap);
    const last = this.#ranges.last();
    const start = last < 0 ? map.start(last) : end;
    return this.#ranges.extend(start + this.#wanted.lead(start) + this.#wanted.length - end);
  }

  #because(why: (typeof REASONS)[number], a: number, b: number, c: number, d: number): void {
    const data = this.#why.data;
    data[0] = REASONS.indexOf(why);
    data[1] = a;
    data[2] = b;
    data[3] = c;
    data[4] = d;
  }
}

/** A policy of the family: its name, its words and its placement rule. */
export function defineSequentialFit(fit: {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** What it took, for `Reason`: {0} ranges were looked at for {1} bytes, [{2}, {3}) is the block. */
  readonly placed: string;
  readonly place: Placement;
}): Policy {
  return definePolicy<typeof FIT_OPTIONS>({
    name: fit.name,
    family: "sequential fits",
    summary: fit.summary,
    source: fit.source,
    departs:
      "The list lies beside the heap, not in its free blocks, and finds the neighbours of a freed block at no cost: " +
      "searchSteps counts the entries looked at to place requests, not those passed to insert a freed range by address, " +
      "nor a coalescing sweep. Blocks take the low end of a range (Knuth's Algorithm A takes the high end). " +
      "memalign leaves the gap before the block free, and goes on by one alignment where the gap is too small for a block.",
    kind: "allocator",
    coalesces: (options) => (options.coalesce === "immediate" ? "at once" : "deferred"),
    options: FIT_OPTIONS,
    granule: granuleOf,
    reasons: {
      placed: fit.placed,
      coalesced: `nothing held {1} bytes until all free neighbours were merged; then ${fit.placed}`,
      grown: "none of {0} free ranges holds {1} bytes: the heap grows for [{2}, {3})",
      refused: "none of {0} free ranges holds {1} bytes; the longest has {2}",
      resized: "the block at {0} stays: {1} bytes become {2}, of which {3} are needed",
      freed: "[{0}, {1}) is free, in the range [{2}, {3})",
    },
    create: (space, options) => new SequentialFit(space, options, fit.place),
  });
}
