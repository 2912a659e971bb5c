/**
 * A heap that is filled from its low end and compacted by sliding: new objects at the frontier; when it meets the end,
 * mark, and slide what lives down over what does not, in order. Afterwards all that is free is one hole.
 *
 *   frontier = end of the last block = start of the last hole
 *
 * How the real algorithms come to that differs, and with it what it costs: each policy of this kind charges its own.
 */
import { Cause, type Collector, REFUSED, type Reason, type Request } from "../allocators/contract.ts";
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import { LastReason } from "../allocators/parts/last-reason.ts";
import { RecentBlock } from "../allocators/parts/recent-block.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, Counter, type Slot, type Space } from "../space/space.ts";
import { Alignments } from "./alignments.ts";
import { liveWords } from "./marking.ts";
import { reallocate } from "./reallocate.ts";
import { Trigger } from "./trigger.ts";

export const SLIDING_REASONS = {
  placed: "at the frontier: [{0}, {1})",
  collected: "the frontier met the end; a collection moved it down to {0}, and the block is [{0}, {1})",
  grown: "too early to collect, or too little dead: the heap grows to {1} for the block [{0}, {1})",
  refused: "{0} bytes do not fit above the frontier at {1}, even after a collection",
  stays: "the block of {0} bytes is long enough and stays",
  stretched: "the last block grows to {0} bytes where it is",
  died: "[{0}, {1}) is garbage until the next collection",
};

/** What a collection found and did, for the policy to count its words. */
export interface Slid {
  /** Blocks below the frontier, dead or alive, and those that live. */
  readonly passed: number;
  readonly live: number;
  /** Bytes below the frontier when it began. */
  readonly covered: number;
  /** Words of live blocks, and of those that moved. */
  readonly liveWords: number;
  readonly movedWords: number;
  /** References of live objects and roots whose target moved. */
  readonly updated: number;
}

/** Counts what the algorithm at hand scans and touches after marking, and the extra bytes that it needs. */
export type Charge = (space: Space, slid: Slid) => void;

export class Sliding implements Collector {
  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly charge: Charge;
  private readonly trigger: Trigger;
  private readonly alignments: Alignments;
  private readonly recent: RecentBlock;
  private readonly last: LastReason<keyof typeof SLIDING_REASONS>;
  /** By slot: 1 if the last collection moved it. Made anew when there are more slots. */
  private moved: Uint8Array;

  constructor(space: Space, shape: BlockShape, charge: Charge) {
    this.space = space;
    this.shape = shape;
    this.charge = charge;
    this.trigger = new Trigger(space);
    this.alignments = new Alignments(space.columns);
    this.recent = new RecentBlock(space);
    this.last = new LastReason(SLIDING_REASONS);
    this.moved = space.columns.array(Uint8Array, 0);
    shape.begin(space);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const { space, shape } = this;
    const length = shape.length(bytes);
    let why: keyof typeof SLIDING_REASONS = "placed";
    let start = shape.start(this.frontier, align);
    if (start + length > space.segmentEnd(space.heap) && this.trigger.due(length)) {
      this.collect(Cause.exhausted);
      start = shape.start(this.frontier, align);
      why = "collected";
    }
    const missing = start + length - space.segmentEnd(space.heap);
    if (missing > 0) {
      why = "grown";
      if (!space.grows || space.extend(missing) === 0) {
        this.last.set("refused", length, this.frontier);
        return REFUSED;
      }
    }
    const hole = space.previous(space.heap);
    space.take(hole, start - space.start(hole), length, request.slot);
    this.alignments.set(request.slot, align);
    this.trigger.allocated(length);
    this.last.set(why, start, start + length);
    return start + shape.header;
  }

  free(_address: Address, request: Request): void {
    this.space.die(request.previous);
    this.last.set("died", this.space.start(request.previous), this.space.end(request.previous));
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    this.recent.note(request.previous);
    this.last.set("stays", this.space.length(request.previous));
    return reallocate(this, this.space, address, bytes, request, this.stretch);
  }

  /** Each block goes as far down as it can, above the one before; a pinned one stays, with a gap below it. */
  collect(cause: Cause): void {
    const { space, shape, alignments } = this;
    const { graph } = space;
    space.beginCollection(cause);
    if (graph.on) graph.mark();
    if (this.moved.length < space.slotLimit) this.moved = space.columns.array(Uint8Array, space.slotLimit);
    else this.moved.fill(0);
    const { moved, frontier: covered } = this;
    const before = space.cost(Cost.movedBytes);
    const pins = graph.on && graph.pins().length > 0;
    const place = (slot: Slot, lowest: Address) =>
      pins && graph.isPinned(slot) ? space.start(slot) : shape.start(lowest, alignments.of(slot));
    const passed = space.slide(space.heap, pins || alignments.any ? place : undefined, moved);
    const words = liveWords(space);
    space.count(Cost.markedWords, words);
    space.count(Cost.touchedWords, words);
    const updated = graph.on ? graph.references(moved) : 0;
    space.count(Cost.updatedReferences, updated);
    this.charge(space, {
      passed,
      covered,
      live: space.counter(Counter.liveBlocks),
      liveWords: words,
      movedWords: Math.ceil((space.cost(Cost.movedBytes) - before) / WORD),
      updated,
    });
    this.trigger.collected();
    space.endCollection();
  }

  need(bytes: number): number {
    return this.shape.length(bytes);
  }

  blockStart(address: Address): Address {
    return address - this.shape.header;
  }

  blockLength(address: Address): number {
    return this.space.length(this.recent.at(this.blockStart(address)));
  }

  reason(): Reason {
    return this.last.get();
  }

  validate(): void {
    this.alignments.validate(this.space, this.shape);
  }

  /** The last block grows where it is. */
  private readonly stretch = (slot: Slot, more: number): boolean => {
    const { space } = this;
    const end = space.end(slot);
    if (end !== this.frontier || end + more > space.segmentEnd(space.heap)) return false;
    space.resize(slot, space.start(slot), space.length(slot) + more);
    this.trigger.allocated(more);
    this.last.set("stretched", space.length(slot));
    return true;
  };

  private get frontier(): Address {
    const { space } = this;
    const last = space.previous(space.heap);
    return last < 0 ? space.start(last) : space.segmentEnd(space.heap);
  }
}
