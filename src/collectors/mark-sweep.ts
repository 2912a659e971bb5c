/**
 * Mark-sweep: the first free range that is large enough; when there is none, mark, and make holes of the garbage.
 * Nothing moves: the control for the collectors that do.
 *
 * Words touched, after marking (The Garbage Collection Handbook, section 2.1, Algorithm 2.3):
 *
 *   sweep   1 an object or free range passed, its header, which is scanned; and 2 an object freed, its length and its link
 *
 * The mark is in the header: nothing is needed beside the objects.
 */
import {
  Cause,
  type Collector,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
} from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import { LastReason } from "../allocators/parts/last-reason.ts";
import { MergedRanges } from "../allocators/parts/merged-ranges.ts";
import { RecentBlock } from "../allocators/parts/recent-block.ts";
import { Wanted } from "../allocators/parts/wanted.ts";
import type { Options } from "../options/options.ts";
import { Cost } from "../space/cost.ts";
import { type Address, Counter, type Hole, type Space, State } from "../space/space.ts";
import { eachBlock } from "./each-block.ts";
import { mark } from "./marking.ts";
import { reallocate } from "./reallocate.ts";
import { Trigger } from "./trigger.ts";

const OPTIONS = SHAPE_OPTIONS;

const REASONS = {
  placed: "the first of {0} free ranges looked at that holds {1} bytes: [{2}, {3})",
  collected: "no free range held {1} bytes; after a collection the first of {0} looked at does: [{2}, {3})",
  grown: "no free range holds {1} bytes: the heap grows for [{2}, {3})",
  refused: "none of {0} free ranges holds {1} bytes, even after a collection; the longest has {2}",
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until the next collection",
};

class MarkSweep implements Collector {
  readonly #space: Space;
  readonly #shape: BlockShape;
  readonly #trigger: Trigger;
  readonly #ranges: MergedRanges;
  /** Filled anew for each request. */
  readonly #wanted: Wanted;
  /** Bytes of a smallest block: what is left of a range stays in the block if it is less. */
  readonly #smallest: number;
  readonly #recent: RecentBlock;
  readonly #reason: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.#space = space;
    this.#shape = new BlockShape(options.header, options.alignment);
    this.#trigger = new Trigger(space);
    this.#recent = new RecentBlock(space);
    this.#reason = new LastReason(REASONS);
    this.#shape.begin(space);
    this.#ranges = new MergedRanges(space, "address");
    this.#smallest = this.#shape.length(0);
    this.#wanted = new Wanted(space, this.#shape.header, this.#smallest);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const space = this.#space;
    const wanted = this.#wanted;
    wanted.set(this.#shape.length(bytes), align > this.#shape.alignment ? align : 0);
    let why: keyof typeof REASONS = "placed";
    let hole = this.#firstFit();
    if (hole === 0 && this.#trigger.due(wanted.length)) {
      this.collect(Cause.exhausted);
      why = "collected";
      hole = this.#firstFit();
    }
    space.count(Cost.searchSteps, wanted.looked);
    if (hole === 0) {
      why = "grown";
      hole = space.grows ? this.#grow() : 0;
    }
    if (hole === 0) {
      this.#reason.set("refused", wanted.looked, wanted.length, space.largestHole);
      return REFUSED;
    }
    const lead = wanted.lead(space.start(hole));
    const room = space.length(hole) - lead;
    const length = room - wanted.length < this.#smallest ? room : wanted.length;
    const start = space.start(hole) + lead;
    space.take(hole, lead, length, request.slot);
    this.#trigger.allocated(length);
    this.#reason.set(why, wanted.looked, wanted.length, start, start + length);
    return start + this.#shape.header;
  }

  free(_address: Address, request: Request): void {
    this.#space.die(request.previous);
    this.#reason.set("died", this.#space.start(request.previous), this.#space.end(request.previous));
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    this.#recent.note(request.previous);
    this.#reason.set("stays", this.#space.length(request.previous));
    return reallocate(this, this.#space, address, bytes, request, () => false);
  }

  collect(cause: Cause): void {
    const space = this.#space;
    space.beginCollection(cause);
    mark(space);
    const others = space.holes + space.counter(Counter.liveBlocks);
    let freed = 0;
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      if (space.state(slot) !== State.garbage) return;
      space.give(slot);
      freed++;
    });
    space.count(Cost.scannedWords, others + freed);
    space.count(Cost.touchedWords, others + 3 * freed);
    this.#trigger.collected();
    space.endCollection();
  }

  need(bytes: number): number {
    return this.#shape.length(bytes);
  }

  blockStart(address: Address): Address {
    return address - this.#shape.header;
  }

  blockLength(address: Address): number {
    return this.#space.length(this.#recent.at(this.blockStart(address)));
  }

  reason(): Reason {
    return this.#reason.get();
  }

  internals(show: InternalsSink): void {
    const { list } = this.#ranges;
    show.list("free list");
    for (let hole = list.first; hole !== 0; hole = list.next(hole))
      show.entry(this.#space.start(hole), this.#space.length(hole));
  }

  validate(): void {
    this.#ranges.validate();
  }

  #firstFit(): Hole {
    const { list } = this.#ranges;
    let hole = list.first;
    while (hole !== 0 && !this.#wanted.fits(hole)) hole = list.next(hole);
    return hole;
  }

  /** Extends the heap by what is missing at its end, where a hole counts. Returns the hole there, or 0. */
  #grow(): Hole {
    const space = this.#space;
    const end = space.segmentEnd(space.heap);
    const last = space.previous(space.heap);
    const start = last < 0 ? space.start(last) : end;
    return space.extend(start + this.#wanted.lead(start) + this.#wanted.length - end);
  }
}

export const markSweep = definePolicy<typeof OPTIONS>({
  name: "mark-sweep",
  family: "collectors",
  summary: "First fit; when nothing fits, what is dead becomes free where it lies.",
  source:
    "McCarthy, Recursive Functions of Symbolic Expressions and Their Computation by Machine, Part I, Communications of " +
    "the ACM 3(4), 1960, section 4.c; Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, chapter 2",
  departs:
    "In a trace without references the dead are known, so a collection that cannot make room is not begun; reading objects to " +
    "look for references is counted. The mark is in the header. memalign leaves the gap before the block free.",
  facts: {
    author: "John McCarthy, 1960",
    ships: "Lua; MicroPython; Ruby and Go, with size classes",
    header: "8 bytes, an option; 0 where lengths are kept elsewhere",
    alignment: "8 bytes, an option",
    order: "one list by address; takes the low end of the first free range that will do",
    coalescing: "at once, as the sweep makes garbage free; nothing moves",
    bound:
      "M(1 + ceil(log2 n)), first fit by address (Robson 1977): marking tells what lives, and does not " +
      "move it",
    steps: "free ranges that first fit looks at, again after a collection",
  },
  collecting: { passes: "1: sweep", extra: "none", order: "in place" },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: true, compacts: false }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new MarkSweep(space, options),
});
