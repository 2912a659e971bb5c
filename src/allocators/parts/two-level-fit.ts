/**
 * TLSF as C libraries write it: good fit from two-level segregated lists, boundary tags, merging at every free. All
 * operations are O(1), whatever is live (Masmano, Ripoll, Crespo and Real, ECRTS 2004).
 *
 *   word    = 4 or 8 bytes, the granule
 *   block   = [start, start + length), payload = start + word
 *   length  = word + max(bytes rounded up to a word, 3 words), plus a rest of less than 4 words
 *   control = [0, C): bitmaps and list heads; the pool is [C, H - word), a sentinel's header the last word
 *
 * The list searched first is the one all of whose blocks are long enough, so that a shorter block that would do may
 * be passed over: a good fit may refuse although a free range is long enough. `need` is what would do.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import { OptionError } from "../../options/options.ts";
import type { Node } from "../../space/block-map.ts";
import { Cost } from "../../space/cost.ts";
import { type Address, Control, type Slot, type Space } from "../../space/space.ts";
import {
  type Allocator,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
  reallocateByCopy,
  roundUp,
} from "../contract.ts";
import { LastReason } from "./last-reason.ts";
import { RecentBlock } from "./recent-block.ts";
import { TwoLevelBins } from "./two-level-bins.ts";

/** What the variants differ in. */
export interface TwoLevelShape {
  /** For messages: `policy tlsf`. */
  readonly owner: string;
  /** Bytes of the control structure at the heap's start. */
  readonly control: number;
  /** Second-level lists of each level: 2 to this power. */
  readonly stepsLog2: number;
  /** A payload rounded to words must be shorter than this, in bytes; so must the pool. */
  readonly largest: number;
  /** malloc keeps what the search rounded the request up to. */
  readonly keepsRounding: boolean;
}

export const TWO_LEVEL_REASONS = {
  placed:
    "a block of {0} bytes: the first of the nearest list that surely holds it, {1} bytes at {2}, gives {3}",
  none: "no list whose blocks all hold {0} bytes has one; the longest hole has {1}",
  zero: "a request of 0 bytes is refused",
  huge: "{0} bytes are more than the lists are made for",
  kept: "the block at {0} stays: {1} bytes become {2}, of which {3} are needed",
  grown:
    "the block at {0} grows into the free block behind it: {1} bytes become {2}, of which {3} are needed",
  freed: "[{0}, {1}) is free, in the free block [{2}, {3})",
};

/** In words: a smallest payload, and what a rest must have to be split off, header included. */
const SMALLEST = 3;
const SPLIT = 4;

export class TwoLevelFit implements Allocator {
  private readonly space: Space;
  private readonly shape: TwoLevelShape;
  private readonly word: number;
  private readonly wordLog2: number;
  private readonly bins: TwoLevelBins;
  private readonly recent: RecentBlock;
  private readonly why: LastReason<keyof typeof TWO_LEVEL_REASONS>;

  constructor(space: Space, shape: TwoLevelShape) {
    this.space = space;
    this.shape = shape;
    this.word = space.granule;
    this.wordLog2 = 31 - Math.clz32(space.granule);
    const pool = space.limit - shape.control - this.word;
    if (pool - this.word >= shape.largest)
      throw new OptionError(`${shape.owner}: a pool of ${pool} bytes; it must be under ${shape.largest}`);
    if (pool >= SPLIT * this.word) {
      space.reserve(0, shape.control, Control.table);
      space.reserve(space.limit - this.word, this.word, Control.header);
    } else if (space.limit > 0) space.reserve(0, space.limit, Control.unused);
    const longest = Math.max(pool, 0) / this.word;
    this.bins = new TwoLevelBins(space, shape.stepsLog2, longest);
    this.recent = new RecentBlock(space);
    this.why = new LastReason(TWO_LEVEL_REASONS);
    space.follow(this.bins);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const words = this.words(bytes);
    if (words === 0) return this.refuse(bytes);
    return align === 0 ? this.placePlain(words, request.slot) : this.placeAligned(words, align, request.slot);
  }

  free(address: Address, request: Request): void {
    const space = this.space;
    const start = address - this.word;
    const end = space.end(request.previous);
    const hole = space.give(request.previous);
    this.why.set("freed", start, end, space.start(hole), space.end(hole));
  }

  /** In place if the block, with a free one behind it, is long enough; what is too much is split off and merged. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const space = this.space;
    const slot = request.previous;
    const words = this.words(bytes);
    if (words === 0) return this.refuse(bytes);
    const needed = (words + 1) * this.word;
    const before = space.length(slot);
    let room = before;
    if (needed > before) {
      space.count(Cost.searchSteps, 1);
      const next = space.next(slot);
      if (next < 0) room += space.length(next);
      if (needed > room) return reallocateByCopy(this, address, bytes, request);
    }
    const length = this.withRest(needed, room);
    if (length !== before) space.resize(slot, address - this.word, length);
    this.recent.note(slot);
    this.why.set(needed > before ? "grown" : "kept", address - this.word, before, length, needed);
    return address;
  }

  bind(registers: Registers): void {
    this.bins.bind(registers);
    this.recent.bind(registers, OF_POLICY + 4);
    registers.set(OF_POLICY + 5, Math.ceil(this.shape.largest / this.word) - 1);
    registers.set(OF_POLICY + 6, this.shape.keepsRounding ? 1 : 0);
  }

  need(bytes: number): number {
    return this.word + Math.max(roundUp(bytes, this.word), SMALLEST * this.word);
  }

  blockStart(address: Address): Address {
    return address - this.word;
  }

  blockLength(address: Address): number {
    return this.space.length(this.recent.at(address - this.word));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    this.bins.show(show);
  }

  validate(): void {
    this.bins.validate();
  }

  /** Words of payload for a request; 0 if it is for nothing or for too much. */
  private words(bytes: number): number {
    if (bytes === 0) return 0;
    const words = (bytes + this.word - 1) >>> this.wordLog2;
    return words * this.word < this.shape.largest ? Math.max(words, SMALLEST) : 0;
  }

  private placePlain(words: number, slot: Slot): Address {
    const searched = this.bins.roundUp(words);
    const hole = this.find(searched);
    if (hole === 0) return REFUSED;
    return this.take(hole, 0, this.shape.keepsRounding ? searched : words, slot);
  }

  /** Searches for so much more that the payload can be moved up; the gap below it becomes a free block. */
  private placeAligned(words: number, align: number, slot: Slot): Address {
    const word = this.word;
    if (align <= word) {
      const hole = this.find(this.bins.roundUp(words));
      return hole === 0 ? REFUSED : this.take(hole, 0, words, slot);
    }
    const smallestGap = SPLIT * word;
    const room = roundUp(words * word + align + smallestGap, align);
    if (room >= this.shape.largest) return this.refuse(room);
    const hole = this.find(this.bins.roundUp(room / word));
    if (hole === 0) return REFUSED;
    const payload = this.space.start(hole) + word;
    let gap = roundUp(payload, align) - payload;
    if (gap > 0 && gap < smallestGap)
      gap = roundUp(payload + gap + Math.max(smallestGap - gap, align), align) - payload;
    return this.take(hole, gap, words, slot);
  }

  /** The head of the first list that surely has `words`, 0 if there is none. */
  private find(words: number): Node {
    const hole = this.bins.find(words);
    if (hole === 0) this.why.set("none", (words + 1) * this.word, this.space.largestHole);
    else this.space.count(Cost.searchSteps, 1);
    return hole;
  }

  private take(hole: Node, gap: number, words: number, slot: Slot): Address {
    const space = this.space;
    const room = space.length(hole);
    const start = space.start(hole) + gap;
    const needed = (words + 1) * this.word;
    const length = this.withRest(needed, room - gap);
    space.take(hole, gap, length, slot);
    this.recent.note(slot);
    this.why.set("placed", needed, room, start - gap, length);
    return start + this.word;
  }

  /** What a block takes of `room` bytes if it needs `length`: all, if the rest is too short to be a block. */
  private withRest(length: number, room: number): number {
    return room - length < SPLIT * this.word ? room : length;
  }

  private refuse(bytes: number): Address {
    this.why.set(bytes === 0 ? "zero" : "huge", bytes);
    return REFUSED;
  }
}
