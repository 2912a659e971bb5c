/** The collector behind `plan-compact` and `dotnet`: plan-compact.ts says what it does. */
import { Cause, type InternalsSink, REFUSED, type Request } from "../../allocators/contract.ts";
import { BlockShape } from "../../allocators/parts/block-shape.ts";
import type { Column } from "../../space/columns.ts";
import { Cost, WORD } from "../../space/cost.ts";
import { type Address, type Slot, type Space, SpaceError } from "../../space/space.ts";
import { Bump } from "../bump.ts";
import { eachBlock } from "../each-block.ts";
import { LargeObjects } from "../large-objects.ts";
import { liveWords, mark } from "../marking.ts";
import { Moved } from "../moved.ts";
import { ShapedCollector } from "../shaped-collector.ts";
import { GapList } from "./gap-list.ts";
import { Plan } from "./plan.ts";

export const REASONS = {
  placed: "in the allocation context: [{0}, {1})",
  gap: "in the first of {2} gaps looked at that holds it: [{0}, {1})",
  end: "at the end of the heap: [{0}, {1})",
  collected: "there was no room; after a collection the block is [{0}, {1})",
  grown: "the heap grows for the block [{0}, {1})",
  large: "among the large objects: [{0}, {1})",
  refused: "{0} bytes fit neither into a gap nor between the end of the small objects at {1} and {2}",
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until the next collection",
};

export interface Settings {
  readonly header: number;
  readonly alignment: number;
  readonly large: number;
  readonly fragmentation: number;
  readonly burden: number;
}

/** Bytes that an allocation context gets at once. */
const QUANTUM = 8 * 1024;
/** A brick of the table that finds plugs, and its entry; an entry of the queue of pinned plugs. */
const BRICK = 2048;
const BRICK_ENTRY = 2;
const PIN_ENTRY = 64;

export class PlanCompact extends ShapedCollector<keyof typeof REASONS> {
  private readonly settings: Settings;
  private readonly context: Bump;
  private readonly gaps: GapList;
  private readonly large: LargeObjects;
  /** [the end of the small objects, contexts included]. */
  private readonly state: Column<Float64Array>;
  private readonly moved: Moved;

  constructor(space: Space, settings: Settings) {
    super(space, new BlockShape(settings.header, settings.alignment), REASONS);
    this.settings = settings;
    this.context = new Bump(space, this.shape);
    this.gaps = new GapList(space, 2 * this.shape.length(WORD));
    this.large = new LargeObjects(space, this.shape, 1);
    this.state = space.columns.float64(1);
    this.moved = new Moved(space);
    this.state.data[0] = Math.min(this.shape.origin, space.limit);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const { space } = this;
    const { slot } = request;
    const length = this.shape.length(bytes);
    const large = length >= this.settings.large;
    let start = large && space.grows ? REFUSED : this.put(length, align, slot, large);
    if (start < 0 && this.trigger.due(length)) {
      const compacted = this.run(Cause.exhausted, false);
      start = this.put(length, align, slot, large);
      if (start < 0 && !compacted && !space.grows && space.holeBytes >= length) {
        this.run(Cause.exhausted, true);
        start = this.put(length, align, slot, large);
      }
      this.said.set("collected", start, start + length);
    }
    if (start < 0 && space.grows)
      start = large ? this.put(length, align, slot, true) : this.grow(length, align, slot);
    if (start < 0) {
      this.said.set("refused", length, this.end, this.large.floor);
      return REFUSED;
    }
    this.alignments.set(slot, align);
    this.trigger.allocated(length);
    return start + this.shape.header;
  }

  collect(cause: Cause): void {
    this.run(cause, false);
  }

  internals(show: InternalsSink): void {
    const { context, gaps } = this;
    show.list("allocation context");
    if (context.limit > context.at) show.entry(context.at, context.limit - context.at);
    show.list("gaps");
    for (let gap = gaps.next(0); gap !== 0; gap = gaps.next(gap))
      show.entry(gaps.start(gap), gaps.end(gap) - gaps.start(gap));
  }

  override validate(): void {
    const { space } = this;
    super.validate();
    eachBlock(space, this.large.floor, (slot) => {
      if (space.end(slot) > this.end)
        throw new SpaceError(`[${space.start(slot)}, ${space.end(slot)}) lies above ${this.end}`);
    });
  }

  private get end(): Address {
    return this.state.data[0];
  }

  /** The block's start, or REFUSED. */
  private put(length: number, align: number, slot: Slot, large: boolean): Address {
    if (large) {
      const start = this.large.place(length, align, slot, this.end);
      this.said.set("large", start, start + length);
      return start;
    }
    const { context } = this;
    let start = context.startOf(length, align);
    if (start >= 0) this.said.set("placed", start, start + length);
    else if (this.openGap(length, align) || this.openEnd(length, align, this.large.floor))
      start = context.startOf(length, align);
    if (start >= 0) context.take(start, length, slot);
    return start;
  }

  /** A context in the first gap that holds the block. Whether there is one. */
  private openGap(length: number, align: number): boolean {
    const { gaps, shape } = this;
    let looked = 0;
    for (let before = 0, gap = gaps.next(0); gap !== 0; before = gap, gap = gaps.next(gap)) {
      looked++;
      const low = gaps.start(gap);
      const start = shape.start(low, align);
      if (start + length > gaps.end(gap)) continue;
      const to = Math.max(start + length, Math.min(low + QUANTUM, gaps.end(gap)));
      this.context.open(low, gaps.take(before, gap, to));
      this.space.count(Cost.searchSteps, looked);
      this.said.set("gap", start, start + length, looked);
      return true;
    }
    this.space.count(Cost.searchSteps, looked);
    return false;
  }

  /** A context at the end of the small objects, which must stay below `floor`; the one at hand goes on if it ends there. */
  private openEnd(length: number, align: number, floor: Address): boolean {
    const { context } = this;
    const goesOn = context.limit === this.end && context.at > 0;
    const low = goesOn ? context.at : this.end;
    const start = this.shape.start(low, align);
    if (start + length > floor) return false;
    const limit = Math.max(start + length, Math.min(low + QUANTUM, floor));
    if (goesOn) context.stretch(limit);
    else context.open(low, limit);
    this.state.data[0] = limit;
    this.said.set("end", start, start + length);
    return true;
  }

  private grow(length: number, align: number, slot: Slot): Address {
    const { space, context } = this;
    const low = context.limit === this.end && context.at > 0 ? context.at : this.end;
    const missing = this.shape.start(low, align) + length - space.segmentEnd(space.heap);
    if (missing > 0 && space.extend(missing) === 0) return REFUSED;
    const start = this.put(length, align, slot, false);
    this.said.set("grown", start, start + length);
    return start;
  }

  /** Returns whether it compacted. */
  private run(cause: Cause, forced: boolean): boolean {
    const { space, settings } = this;
    space.beginCollection(cause);
    mark(space);
    const plan = new Plan(space, this.shape, this.alignments, this.end);
    const largeOnes = this.large.sweep();
    const planned = plan.passed + largeOnes;
    space.count(Cost.scannedWords, planned);
    space.count(Cost.touchedWords, planned + 3 * plan.plugs);
    const exceeds = plan.fragmentation >= settings.fragmentation && plan.burden * 100 >= settings.burden;
    const compacts = plan.fragmentation > 0 && (forced || exceeds);
    if (compacts) this.compact(plan);
    this.context.close();
    const gaps = this.gaps.gather(this.lowerEnd());
    space.count(Cost.touchedWords, 2 * gaps);
    space.needExtra(Math.ceil(this.end / BRICK) * BRICK_ENTRY + plan.pinned * PIN_ENTRY);
    this.trigger.collected();
    space.endCollection();
    return compacts;
  }

  private compact(plan: Plan): void {
    const { space, moved } = this;
    const bytes = space.cost(Cost.movedBytes);
    moved.begin();
    plan.carryOut(moved);
    moved.countReferences();
    const words = Math.ceil((space.cost(Cost.movedBytes) - bytes) / WORD);
    space.count(Cost.scannedWords, liveWords(space));
    space.count(Cost.touchedWords, liveWords(space) + plan.plugs + 2 * words);
  }

  /** The end of the small objects is that of the last one from now on. */
  private lowerEnd(): Address {
    const { space } = this;
    let end = this.shape.origin;
    eachBlock(space, this.large.floor, (slot) => {
      end = space.end(slot);
    });
    end = Math.min(end, space.limit);
    this.state.data[0] = end;
    return end;
  }
}
