/**
 * Immix: a mark-region collector. The heap is in blocks of 32 KiB, here called areas, of lines of 256 bytes. New
 * objects go by bump allocation into runs of free lines, those of recyclable areas first; medium objects, longer than
 * a line, that do not fit into the run at hand go to an overflow area, which was wholly free. Marking marks objects
 * and their lines, and what has no mark is free, by lines. Objects over 8 KiB lie apart and are not moved.
 *
 *   conservative marking   an object of at most a line marks the line in which it begins; as it may reach into the
 *                          next, the first line behind a marked one is not used
 *   evacuation             while tracing, from the areas with the most runs (from two on), as long as there is room: into
 *                          recyclable areas, free ones, and the headroom, 2% of the areas, which nothing else may use.
 *                          When the program asks for a collection, when recyclable areas were left unused, and when a
 *                          collection without it made no room
 *
 * Words touched (Blackburn and McKinley, section 3; marking as in marking.ts):
 *
 *   marking      and 1 a live object: the mark of its line
 *   evacuation   1 an object moved, its forwarding address; 2 a word moved; 1 a reference rewritten
 *   sweep        the marks of all lines, a byte each; 1 a large object
 */
import { Cause, definePolicy, type InternalsSink, REFUSED, type Request } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, Counter, type Slot, type Space, SpaceError, State } from "../space/space.ts";
import { eachBlock } from "./each-block.ts";
import { AREA, Areas, Kind, LINE } from "./immix/areas.ts";
import { Evacuation } from "./immix/evacuation.ts";
import { RunAllocator } from "./immix/run-allocator.ts";
import { LargeObjects } from "./large-objects.ts";
import { mark } from "./marking.ts";
import { Moved } from "./moved.ts";
import { ShapedCollector } from "./shaped-collector.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  headroom: {
    type: "integer",
    default: 2,
    min: 0,
    max: 50,
    about: "percent of the areas that only evacuation may use; 0: nothing is evacuated into areas set aside",
  },
} as const;

const REASONS = {
  placed: "in a run of free lines: [{0}, {1})",
  collected: "no run of free lines was left; after a collection the block is [{0}, {1})",
  grown: "the heap grows by an area for the block [{0}, {1})",
  large: "over 8 KiB, so among the large objects: [{0}, {1})",
  refused: "no run of free lines holds {0} bytes, with {1} of {2} areas free",
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until the next collection",
};

const LARGE = 8 * 1024;

class Immix extends ShapedCollector<keyof typeof REASONS> {
  private readonly headroomPercent: number;
  private readonly areas: Areas;
  private readonly room: RunAllocator;
  private readonly evacuation: Evacuation;
  private readonly large: LargeObjects;
  private readonly moved: Moved;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    super(space, new BlockShape(options.header, options.alignment), REASONS);
    this.headroomPercent = options.headroom;
    this.areas = new Areas(space.columns);
    this.room = new RunAllocator(space, this.shape, this.areas);
    this.moved = new Moved(space);
    this.evacuation = new Evacuation(space, this.shape, this.areas, this.alignments, this.moved);
    this.large = new LargeObjects(space, this.shape, AREA);
    if (!space.grows) this.areas.reach(space.limit);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const { space, areas } = this;
    const { slot } = request;
    const length = this.shape.length(bytes);
    const large = length > LARGE || align > LINE;
    let why: keyof typeof REASONS = large ? "large" : "placed";
    // A heap that grows has room for large objects at any time, and must collect all the same.
    let start = large && space.grows ? REFUSED : this.put(length, align, slot, large);
    if (start < 0 && this.trigger.due(length)) {
      const evacuated = areas.someLeft;
      this.collect(Cause.exhausted);
      why = "collected";
      start = this.put(length, align, slot, large);
      if (start < 0 && !evacuated && !space.grows && space.holeBytes >= length) {
        this.run(Cause.exhausted, true);
        start = this.put(length, align, slot, large);
      }
    }
    if (start < 0 && space.grows && !large) why = "grown";
    if (start < 0) start = large ? this.put(length, align, slot, true) : this.putAtLast(length, align, slot);
    if (start < 0) {
      this.said.set("refused", length, areas.free, areas.count);
      return REFUSED;
    }
    this.alignments.set(slot, align);
    this.trigger.allocated(length);
    this.said.set(why, start, start + length);
    return start + this.shape.header;
  }

  collect(cause: Cause): void {
    this.run(cause, cause === Cause.asked || this.areas.someLeft);
  }

  internals(show: InternalsSink): void {
    const { areas } = this;
    const list = (name: string, kind: number): void => {
      show.list(name);
      for (let area = 0; area < areas.count; area++)
        if (areas.kind(area) === kind)
          show.entry(area * AREA, areas.endOf(area) - area * AREA, `${areas.runsOf(area)} runs`);
    };
    list("recyclable", Kind.recyclable);
    list("free", Kind.free);
  }

  override validate(): void {
    const { space, areas } = this;
    super.validate();
    eachBlock(space, this.end, (slot) => {
      const area = Math.floor(space.start(slot) / AREA);
      if (areas.kind(area) === Kind.free || space.end(slot) > areas.endOf(area))
        throw new SpaceError(`[${space.start(slot)}, ${space.end(slot)}) is not in area ${area} alone`);
    });
  }

  /** Where the areas end. */
  private get end(): Address {
    return this.large.floor;
  }

  /** Areas that the program may not use. At least one where there are four. */
  private get headroom(): number {
    const { space, headroomPercent } = this;
    const count = space.grows ? this.areas.count : Math.ceil(space.limit / AREA);
    return count < 4 ? 0 : Math.ceil((count * headroomPercent) / 100);
  }

  /** The block's start, or REFUSED. */
  private put(length: number, align: number, slot: Slot, large: boolean): Address {
    if (large) return this.putLarge(length, align, slot);
    const start = this.room.find(length, align, this.headroom);
    if (start >= 0) this.room.take(start, length, slot);
    return start;
  }

  private putLarge(length: number, align: number, slot: Slot): Address {
    const { areas, large } = this;
    const { top } = areas;
    const below = areas.free - Math.ceil((areas.end - top) / AREA);
    const start = large.place(length, align, slot, top + Math.max(this.headroom - below, 0) * AREA);
    if (!this.space.grows) areas.reach(large.floor);
    return start;
  }

  /** A heap that grows does, by areas; in an arena what is left is used, wherever it lies. */
  private putAtLast(length: number, align: number, slot: Slot): Address {
    const { space, areas, room } = this;
    if (!space.grows) {
      const start = room.findAnywhere(length, align);
      if (start >= 0) room.take(start, length, slot);
      return start;
    }
    for (;;) {
      const end = (areas.count + 1) * AREA;
      if (space.extend(end - space.segmentEnd(space.heap)) === 0) return REFUSED;
      areas.reach(end);
      const start = this.put(length, align, slot, false);
      if (start >= 0) return start;
    }
  }

  private run(cause: Cause, evacuates: boolean): void {
    const { space, areas } = this;
    space.beginCollection(cause);
    mark(space);
    space.count(Cost.touchedWords, space.counter(Counter.liveBlocks));
    this.room.reset();
    if (evacuates && areas.choose(this.headroom) > 0) this.evacuate();
    areas.unmark();
    eachBlock(space, this.end, (slot) => {
      if (space.state(slot) === State.garbage) space.give(slot);
      else areas.mark(space.start(slot), space.end(slot));
    });
    const largeOnes = this.large.sweep();
    if (!space.grows) areas.reach(this.large.floor);
    areas.sweep();
    const lines = Math.ceil(this.end / LINE);
    const swept = Math.ceil(lines / WORD) + largeOnes;
    space.count(Cost.scannedWords, swept);
    space.count(Cost.touchedWords, swept);
    space.needExtra(lines + this.headroom * AREA);
    this.trigger.collected();
    space.endCollection();
  }

  private evacuate(): void {
    const { space, moved } = this;
    const moves = space.cost(Cost.moves);
    const bytes = space.cost(Cost.movedBytes);
    moved.begin();
    this.evacuation.run(this.end);
    moved.countReferences();
    const words = Math.ceil((space.cost(Cost.movedBytes) - bytes) / WORD);
    space.count(Cost.touchedWords, space.cost(Cost.moves) - moves + 2 * words);
  }
}

export const immix = definePolicy<typeof OPTIONS>({
  name: "immix",
  family: "collectors",
  summary: "Bump allocation into runs of free lines; evacuates the most fragmented areas while it marks.",
  source:
    "Blackburn and McKinley, Immix: A Mark-Region Garbage Collector with Space Efficiency, Fast Collection, and Mutator " +
    "Performance, PLDI 2008, pp. 22-32, section 3; the headroom is MMTk's (mmtk-core, DEFRAG_HEADROOM_PERCENT), 2.5% in the paper",
  departs:
    "One allocating thread. Objects are traced breadth-first, in a trace without references by address; what a collection finds dead there is known, so one " +
    "that cannot make room is not begun. Objects aligned beyond a line count as large. Large objects lie at an arena's upper end, first fit from above, or in " +
    "mapped segments of whole pages. Before it refuses, small objects may go to the overflow area and medium ones into any run, as arenas of few areas need it;" +
    " a last area may be short. An arena of fewer than four areas has no headroom. Cyclic counting of marks is left out: all line marks are cleared.",
  facts: {
    author: "Stephen M. Blackburn and Kathryn S. McKinley, 2008",
    ships: "MMTk and Jikes RVM; after its design: Rubinius, Scala Native, Inko",
    header: "8 bytes, an option; a byte a line beside the heap",
    alignment: "8 bytes, an option",
    order: "up through the runs of free lines, recyclable areas before free ones",
    coalescing: "by lines, at each collection; evacuation makes whole areas free",
    bound: "none known: one small object holds a line or two, one pinned object in each area all areas",
    steps: "none; its cost is in touchedWords",
  },
  collecting: {
    passes: "1: sweep, by the marks of lines; evacuates while it marks",
    extra: "a byte a line, and the headroom, 2% of the areas",
    order: "in place; evacuated ones breadth-first",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new Immix(space, options),
});
