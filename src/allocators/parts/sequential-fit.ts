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
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Options } from "../../options/options.ts";
import type { Node } from "../../space/block-map.ts";
import type { Columns } from "../../space/columns.ts";
import { Cost } from "../../space/cost.ts";
import type { Address, Space } from "../../space/space.ts";
import {
  type Allocator,
  definePolicy,
  type Facts,
  type InternalsSink,
  type Policy,
  REFUSED,
  type Reason,
  type Request,
  reallocateByCopy,
} from "../contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "./block-shape.ts";
import type { FreeList } from "./free-list.ts";
import type { FreeRanges } from "./free-ranges.ts";
import { LastReason } from "./last-reason.ts";
import { MergedRanges } from "./merged-ranges.ts";
import { UnmergedRanges } from "./unmerged-ranges.ts";
import { Wanted } from "./wanted.ts";

/** A rule finds the range of its list that a request goes into; 0 if none holds what is wanted. */
export type Placement = (list: FreeList, columns: Columns) => (wanted: Wanted) => Node;

const OPTIONS = {
  ...SHAPE_OPTIONS,
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
    about:
      "smallest rest that is split off, never less than a smallest block; a smaller one stays in the block",
  },
  coalesce: {
    type: "choice",
    default: "immediate",
    choices: ["immediate", "deferred"],
    about: "merge free neighbours at each free, or all of them when nothing fits",
  },
} as const;

/** `placed` is each policy's own; it follows after `coalesced` too. */
const REASONS = {
  placed: "",
  coalesced: "nothing held {1} bytes until all free neighbours were merged; then ",
  grown: "none of {0} free ranges holds {1} bytes: the heap grows for [{2}, {3})",
  refused: "none of {0} free ranges holds {1} bytes; the longest hole has {2}",
  resized: "the block at {0} stays: {1} bytes become {2}, of which {3} are needed",
  freed: "[{0}, {1}) is free, in the range [{2}, {3})",
};

class SequentialFit implements Allocator {
  private readonly space: Space;
  private readonly shape: BlockShape;
  /** Smallest rest that becomes a free range of its own. */
  private readonly split: number;
  private readonly ranges: FreeRanges;
  private readonly rule: (wanted: Wanted) => Node;
  /** Filled anew for each request. */
  private readonly wanted: Wanted;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>, placement: Placement) {
    this.space = space;
    this.shape = new BlockShape(options.header, options.alignment);
    this.split = Math.max(options.split, this.shape.length(0));
    this.shape.begin(space);
    const Ranges = options.coalesce === "immediate" ? MergedRanges : UnmergedRanges;
    this.ranges = new Ranges(space, options.order);
    this.rule = placement(this.ranges.list, space.columns);
    this.wanted = new Wanted(this.ranges.map, this.shape.header, this.shape.length(0));
    this.why = new LastReason(REASONS);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const wanted = this.wanted;
    const { map } = this.ranges;
    wanted.set(this.need(bytes), align > this.shape.alignment ? align : 0);
    let why: keyof typeof REASONS = "placed";
    let range = this.rule(wanted);
    if (range === 0 && this.ranges.coalesce()) {
      why = "coalesced";
      range = this.rule(wanted);
    }
    this.space.count(Cost.searchSteps, wanted.looked);
    if (range === 0) {
      why = "grown";
      range = this.grow();
    }
    if (range === 0) {
      this.why.set("refused", wanted.looked, wanted.length, this.space.largestHole);
      return REFUSED;
    }
    const lead = wanted.lead(map.start(range));
    const start = map.start(range) + lead;
    const length = this.withRest(wanted.length, map.length(range) - lead);
    this.ranges.take(range, lead, length, request.slot);
    this.why.set(why, wanted.looked, wanted.length, start, start + length);
    return start + this.shape.header;
  }

  free(address: Address, request: Request): void {
    const block = this.ranges.blockAt(address - this.shape.header, request.previous);
    const { map } = this.ranges;
    const start = map.start(block);
    const end = start + map.length(block);
    const range = this.ranges.give(block);
    this.why.set("freed", start, end, map.start(range), map.start(range) + map.length(range));
  }

  /** In place if the block, with the one free range behind it, is long enough. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const block = this.ranges.blockAt(address - this.shape.header, request.previous);
    const { map } = this.ranges;
    const start = map.start(block);
    const before = map.length(block);
    const next = map.next(block);
    const needed = this.need(bytes);
    const room = needed > before && next < 0 ? before + map.length(next) : before;
    if (needed > room) return reallocateByCopy(this, address, bytes, request);
    const length = this.withRest(needed, room);
    if (length !== before) this.ranges.resize(block, length);
    this.ranges.note?.(block);
    this.why.set("resized", start, before, length, needed);
    return address;
  }

  bind(registers: Registers): void {
    registers.set(OF_POLICY, this.shape.header);
    registers.set(OF_POLICY + 1, this.shape.alignment);
    registers.set(OF_POLICY + 2, Math.ceil(this.split / this.space.granule));
    this.ranges.bind?.(registers);
  }

  /** A request of 0 bytes gets a smallest block, as one of 1 does. */
  need(bytes: number): number {
    return this.shape.length(bytes);
  }

  blockStart(address: Address): Address {
    return address - this.shape.header;
  }

  blockLength(address: Address): number {
    return this.ranges.map.length(this.ranges.blockAt(address - this.shape.header));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    const { list, map } = this.ranges;
    show.list(`free list (${list.order})`);
    for (let range = list.first; range !== 0; range = list.next(range))
      show.entry(map.start(range), map.length(range));
  }

  validate(): void {
    this.ranges.validate();
  }

  /** What a block takes of `room` bytes if it needs `length`: all, if the rest is not worth splitting off. */
  private withRest(length: number, room: number): number {
    return room - length < this.split ? room : length;
  }

  /** Extends the heap by what is missing at its end, where a free range counts. Returns the range there, or 0. */
  private grow(): Node {
    const { map } = this.ranges;
    const end = this.space.segmentEnd(this.space.heap);
    const last = this.ranges.last();
    const start = last < 0 ? map.start(last) : end;
    return this.ranges.extend(start + this.wanted.lead(start) + this.wanted.length - end);
  }
}

/** A policy of the family: its name, its words and its placement rule. */
export function defineSequentialFit(fit: {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** Those that are not the family's. */
  readonly facts: Pick<Facts, "author" | "ships" | "order" | "bound">;
  /** What it took, for `Reason`: {0} ranges were looked at for {1} bytes, [{2}, {3}) is the block. */
  readonly placed: string;
  readonly placement: Placement;
  /** By what name the kernel does it, on a list by address of ranges that are merged at once. */
  readonly kernel?: string;
}): Policy {
  return definePolicy<typeof OPTIONS>({
    name: fit.name,
    family: "sequential fits",
    summary: fit.summary,
    source: fit.source,
    departs:
      "Blocks take the low end of a range; Knuth's Algorithm A takes the high end. The heap grows by exactly what is " +
      "missing, and never shrinks. memalign leaves the gap below the block free; where it is too small for a block, the " +
      "payload goes one alignment further up.",
    facts: {
      ...fit.facts,
      header: "8 bytes, an option; 0 where lengths are kept elsewhere",
      alignment: "8 bytes, an option",
      coalescing: "at once, with both neighbours; or deferred until nothing fits",
      steps:
        "entries of the list looked at to place requests, as the literature counts; neither the walk that inserts " +
        "a freed range by address nor the sweep of deferred coalescing",
    },
    kind: "allocator",
    coalesces: (options) => (options.coalesce === "immediate" ? "at once" : "deferred"),
    options: OPTIONS,
    granule: ({ header, alignment }) => new BlockShape(header, alignment).granule,
    kernel: ({ order, coalesce }) =>
      order === "address" && coalesce === "immediate" ? fit.kernel : undefined,
    reasons: { ...REASONS, placed: fit.placed, coalesced: REASONS.coalesced + fit.placed },
    create: (space, options) => new SequentialFit(space, options, fit.placement),
  });
}
