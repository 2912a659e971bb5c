/**
 * Handles: the program knows an object by its handle, a word of a table that holds its address, so an object moves at
 * the price of its copy and one write. Blocks are placed first fit; what is freed is a hole at once.
 *
 *   block = header, with its length and its handle | payload
 *
 * When no hole is long enough, blocks slide down, in order, from the heap's low end, until what lies free below the
 * next one is long enough (CompactMem of Inside Macintosh); what the program asks for slides all. Pinned objects are
 * the locked ones: they stay, with holes below them. With `step` the sliding is incremental as well: each request
 * brings so many words of work along, and what is too long for one step waits until enough is saved up.
 *
 *   handle-table    the table, and where it lies
 *   gradual-slide   the sliding
 *
 * Words touched: 1 a block passed, its header (scannedWords); 2 a word copied, and 1 a block moved, its entry in the
 * table, the one reference that is rewritten (updatedReferences). A step reads 1 word a hole that it looks at, besides.
 * Where the trace has references, a compaction marks first, and gives back what is dead, at 1 word a block passed.
 */
import { Cause, definePolicy, type InternalsSink, REFUSED, type Request } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import { Cost } from "../space/cost.ts";
import { type Address, type Slot, type Space, State } from "../space/space.ts";
import { Alignments } from "./alignments.ts";
import { eachBlock } from "./each-block.ts";
import { FirstFitHoles } from "./first-fit-holes.ts";
import { FreeingCollector } from "./freeing-collector.ts";
import { GradualSlide } from "./gradual-slide.ts";
import { HandleTable } from "./handle-table.ts";
import { mark } from "./marking.ts";
import { RoomTrigger } from "./room-trigger.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  step: {
    type: "integer",
    default: 0,
    min: 0,
    max: 1 << 20,
    about:
      "words of sliding that each request brings along; 0: only when no hole is long enough, all at once",
  },
  handles: {
    type: "integer",
    default: 64,
    min: 1,
    max: 1024,
    about: "handles by which the table grows in an arena; in a heap that grows it grows by pages of its own",
  },
} as const;

const REASONS = {
  placed: "the first hole that holds {0} bytes: [{1}, {2})",
  compacted: "no hole held {0} bytes; blocks slid down until one did: [{1}, {2})",
  grown: "no hole holds {0} bytes: the heap grows for [{1}, {2})",
  refused: "none of {0} holes holds {1} bytes, and sliding makes none that does",
  table: "all handles are in use, and the table has no room for more",
  stays: "the block of {0} bytes is long enough and stays",
  stretched: "the block grows to {0} bytes into the hole behind it",
  freed: "[{0}, {1}) is free, and so is its handle",
  died: "[{0}, {1}) is garbage until the next collection",
};

const EVERYTHING = Number.POSITIVE_INFINITY;

class Handles extends FreeingCollector<keyof typeof REASONS> {
  private readonly shape: BlockShape;
  private readonly trigger: RoomTrigger;
  private readonly holes: FirstFitHoles;
  private readonly table: HandleTable;
  private readonly alignments: Alignments;
  private readonly slide: GradualSlide;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    const shape = new BlockShape(options.header, options.alignment);
    super(space, shape.header, REASONS);
    this.shape = shape;
    this.trigger = new RoomTrigger(space);
    this.shape.begin(space);
    this.holes = new FirstFitHoles(space, this.shape);
    this.table = new HandleTable(space, options.handles);
    this.alignments = new Alignments(space.columns);
    this.slide = new GradualSlide(space, this.shape, this.holes.list, this.alignments, options.step);
  }

  allocate(bytes: number, align: number, { slot }: Request): Address {
    this.slide.advance();
    if (!this.table.ready() && this.trigger.due(this.table.step)) this.compact(Cause.exhausted, EVERYTHING);
    if (!this.table.ready()) {
      this.said.set("table");
      return REFUSED;
    }
    const start = this.put(this.shape.length(bytes), align, slot);
    if (start === REFUSED) return REFUSED;
    this.table.take(slot);
    return start + this.shape.header;
  }

  /** SetHandleSize: in place if there is room behind the block; else it moves, and keeps its handle. */
  reallocate(address: Address, bytes: number, { slot, previous }: Request): Address {
    const { space } = this;
    this.recent.note(previous);
    const length = this.shape.length(bytes);
    const more = length - space.length(previous);
    this.said.set("stays", space.length(previous));
    if (more <= 0) return address;
    const next = space.next(previous);
    if (next < 0 && space.length(next) >= more) {
      space.resize(previous, space.start(previous), length);
      this.trigger.allocated(more);
      this.said.set("stretched", length);
      return address;
    }
    const start = this.put(length, 0, slot);
    if (start === REFUSED) return REFUSED;
    this.table.pass(previous, slot);
    space.give(previous);
    this.trigger.freed();
    return start + this.shape.header;
  }

  collect(cause: Cause): void {
    this.compact(cause, EVERYTHING);
  }

  need(bytes: number): number {
    return this.shape.length(bytes);
  }

  internals(show: InternalsSink): void {
    const { list } = this.holes;
    show.list("free blocks");
    for (let hole = list.first; hole !== 0; hole = list.next(hole))
      show.entry(this.space.start(hole), this.space.length(hole));
  }

  validate(): void {
    this.holes.validate();
    this.table.validate();
    this.alignments.validate(this.space, this.shape);
  }

  /** Where the block goes, or REFUSED. */
  private put(length: number, align: number, slot: Slot): Address {
    const { space, holes } = this;
    let why: keyof typeof REASONS = "placed";
    let hole = holes.find(length, align);
    if (hole === 0 && this.trigger.due(length)) {
      why = "compacted";
      this.compact(Cause.exhausted, length + (align > this.shape.alignment ? align : 0));
      hole = holes.find(length, align);
    }
    if (hole === 0) {
      why = "grown";
      hole = holes.grow();
    }
    if (hole === 0) {
      this.said.set("refused", space.holes, length);
      return REFUSED;
    }
    const start = holes.start(hole);
    space.take(hole, start - space.start(hole), length, slot);
    this.alignments.set(slot, align);
    this.recent.note(slot);
    this.trigger.allocated(length);
    this.said.set(why, length, start, start + length);
    return start;
  }

  protected release(slot: Slot): void {
    this.table.drop(slot);
    this.space.give(slot);
    this.trigger.freed();
  }

  private compact(cause: Cause, wanted: number): void {
    const { space } = this;
    space.beginCollection(cause);
    if (space.graph.on) {
      mark(space);
      this.sweep();
    }
    this.slide.until(wanted);
    this.trigger.collected();
    space.endCollection();
  }

  private sweep(): void {
    const { space } = this;
    let passed = 0;
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      passed++;
      if (space.state(slot) === State.garbage) this.release(slot);
    });
    space.count(Cost.scannedWords, passed);
    space.count(Cost.touchedWords, passed);
  }
}

export const handles = definePolicy<typeof OPTIONS>({
  name: "handles",
  family: "collectors",
  summary:
    "Places first fit; slides blocks down when no hole will do, at one write to a table for each that moves.",
  source:
    "Apple, Inside Macintosh: Memory, Addison-Wesley 1992, chapters 1 and 2 (relocatable blocks, CompactMem, " +
    "SetHandleSize); Wanninger, McMichen, Campanoni and Dinda, Getting a Handle on Unmanaged Memory (Alaska), ASPLOS 2024",
  departs:
    "The Memory Manager places next fit, and moves a block out of the way of one that cannot move; master pointers lie among " +
    "the blocks there, and in a table of their own in Alaska, as here: in an arena it grows down from the top. Nothing is purged. Alaska " +
    "moves only what no thread has translated at the moment, which are the pinned objects here. With references, what roots reach " +
    "lives, and handles are given back by a mark and sweep that neither system has.",
  facts: {
    author: "Apple, 1984; Wanninger and others, 2024",
    ships: "Mac OS up to 9; Palm OS; 16-bit Windows",
    header: "8 bytes, an option; and a handle of 8 bytes in the table",
    alignment: "8 bytes, an option",
    order: "one list by address; takes the low end of the first hole that will do",
    coalescing: "at once; and by sliding, in steps or when no hole will do",
    bound:
      "M, with header, handle and rounding, where nothing is locked: what lives is moved together (by its algorithm)",
    steps: "holes that first fit looks at, again after a compaction",
  },
  collecting: {
    passes: "1: moves, with a write to the table for each; where there are references, a sweep before",
    extra: "none: the handle table is always there",
    order: "sliding",
  },
  kind: "collector",
  guarantees: ({ step }) => ({
    finds: step > 0 ? "when asked" : "all",
    keepsPins: true,
    keepsOrder: true,
    compacts: true,
  }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new Handles(space, options),
});
