/**
 * Partial compaction: first fit, and a collection may move no more than 1/c of what was allocated since the last one. It
 * spends that on the regions with the fewest live bytes: what begins in one is moved out, into holes of regions that stay.
 *
 *   quota  = bytes allocated since the last collection / c; what is not spent is lost
 *   region = blocks that begin in [i * region, (i + 1) * region); one with a pinned object is left alone
 *
 * Regions are taken in the order of their live bytes as the sweep left them, equal ones from the highest down, until one
 * has more than is left of the quota. Nothing else counts: neither how long the room is that emptying it would make, nor
 * what the neighbours are like. Its blocks, by address, go to the lowest hole, above or below, that begins in another
 * region, neither empty nor taken. So a region may be left half emptied: at the first block that no such hole holds, the
 * rest of it stays; and blocks that other regions moved into it before its turn came stay as well.
 *
 * Words touched, after marking: 1 an object passed by the sweep, which sums up the regions (scannedWords); 2 a word copied,
 * 1 a block moved for the forwarding address that it leaves behind; where something moved, the live words once more, where
 * references to it are sought (scannedWords), and 1 each that is rewritten. Extra: forwarding words, and 2 words a region.
 */
import { Cause, definePolicy, REFUSED, type Request } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import type { Column } from "../space/columns.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, type Slot, type Space, State } from "../space/space.ts";
import { FirstFitHoles } from "./first-fit-holes.ts";
import { liveWords, mark } from "./marking.ts";
import { MovedReferences } from "./moved-references.ts";
import { ShapedCollector } from "./shaped-collector.ts";
import { SparseRegions } from "./sparse-regions.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  c: {
    type: "integer",
    default: 8,
    min: 1,
    max: 1 << 20,
    about: "a collection moves at most 1/c of the bytes allocated since the last one",
  },
  region: {
    type: "integer",
    default: 16384,
    min: 64,
    max: 1 << 24,
    unit: "bytes",
    powerOfTwo: true,
    about: "bytes of a region: what begins in one is moved out of it together, as far as holes go",
  },
} as const;

const REASONS = {
  placed: "the first hole that holds {0} bytes: [{1}, {2})",
  collected: "no hole held {0} bytes; after a collection the first that does: [{1}, {2})",
  grown: "no hole holds {0} bytes: the heap grows for [{1}, {2})",
  refused: "none of {0} holes holds {1} bytes, even after a collection; the longest has {2}",
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until the next collection",
};

class PartialCompact extends ShapedCollector<keyof typeof REASONS> {
  private readonly c: number;
  private readonly holes: FirstFitHoles;
  private readonly regions: SparseRegions;
  private readonly moved: MovedReferences;
  /** [bytes of blocks allocated since the last collection]. */
  private readonly allocated: Column<Float64Array>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    super(space, new BlockShape(options.header, options.alignment), REASONS);
    this.c = options.c;
    this.holes = new FirstFitHoles(space, this.shape);
    this.regions = new SparseRegions(space, options.region);
    this.moved = new MovedReferences(space);
    this.allocated = space.columns.float64(1);
  }

  allocate(bytes: number, align: number, { slot }: Request): Address {
    const { space, holes } = this;
    const length = this.shape.length(bytes);
    let why: keyof typeof REASONS = "placed";
    let hole = holes.find(length, align);
    if (hole === 0 && this.trigger.due(length)) {
      why = "collected";
      this.collect(Cause.exhausted);
      hole = holes.find(length, align);
    }
    if (hole === 0) {
      why = "grown";
      hole = holes.grow();
    }
    if (hole === 0) {
      this.said.set("refused", space.holes, length, space.largestHole);
      return REFUSED;
    }
    const start = holes.start(hole);
    space.take(hole, start - space.start(hole), length, slot);
    this.alignments.set(slot, align);
    this.recent.note(slot);
    this.trigger.allocated(length);
    this.allocated.data[0] += length;
    this.said.set(why, length, start, start + length);
    return start + this.shape.header;
  }

  collect(cause: Cause): void {
    const { space, allocated } = this;
    space.beginCollection(cause);
    mark(space);
    this.sweep();
    this.regions.sum();
    const quota = Math.floor(allocated.data[0] / this.c);
    const moves = space.cost(Cost.moves);
    const bytes = space.cost(Cost.movedBytes);
    this.moved.begin();
    this.evacuate(quota);
    this.count(space.cost(Cost.moves) - moves, space.cost(Cost.movedBytes) - bytes);
    allocated.data[0] = 0;
    this.trigger.collected();
    space.endCollection();
  }

  override validate(): void {
    this.holes.validate();
    super.validate();
  }

  private sweep(): void {
    const { space } = this;
    let passed = 0;
    for (let node = space.next(space.heap); node !== space.heap; ) {
      let next = space.next(node);
      if (next < 0) next = space.next(next);
      if (node > 0) passed++;
      if (node > 0 && space.state(node) === State.garbage) space.give(node);
      node = next;
    }
    space.count(Cost.scannedWords, passed);
    space.count(Cost.touchedWords, passed);
  }

  /** Moves blocks out of the regions with the least that lives, `quota` bytes in all. */
  private evacuate(quota: number): void {
    const { regions } = this;
    let left = quota;
    for (let region = regions.next(left); region >= 0; region = regions.next(left)) {
      const blocks = regions.blocks(region);
      for (let i = 0; i < blocks.length; i++) {
        const length = this.space.length(blocks[i]);
        if (!this.lower(blocks[i], region)) break;
        left -= length;
      }
    }
  }

  /** Moves a block into the lowest hole of a region that stays; whether there was one. */
  private lower(slot: Slot, from: number): boolean {
    const { space, holes, regions } = this;
    const length = space.length(slot);
    let hole = holes.find(length, this.alignments.of(slot));
    while (hole !== 0 && !regions.stays(holes.start(hole), from)) hole = holes.after(hole);
    if (hole === 0) return false;
    const to = holes.start(hole);
    space.move(slot, to);
    regions.arrived(to, length);
    this.moved.note(slot);
    return true;
  }

  private count(moves: number, bytes: number): void {
    const { space } = this;
    const references = moves > 0 ? this.moved.count() : 0;
    const read = moves > 0 ? liveWords(space) : 0;
    space.needExtra(moves * WORD + this.regions.count * 2 * WORD);
    space.count(Cost.scannedWords, read);
    space.count(Cost.updatedReferences, references);
    space.count(Cost.touchedWords, moves + 2 * Math.ceil(bytes / WORD) + read + references);
  }
}

export const partialCompact = definePolicy<typeof OPTIONS>({
  name: "partial-compact",
  family: "collectors",
  summary:
    "First fit; a collection moves at most 1/c of what was allocated since the last, out of the regions with the least alive.",
  source:
    "Bendersky and Petrank, Space Overhead Bounds for Dynamic Memory Management with Partial Compaction, POPL 2011, pp. 475-486 " +
    "(and ACM TOPLAS 34(3), article 13, 2012); Cohen and Petrank, Limitations of Partial Compaction: Towards Practical Bounds, " +
    "PLDI 2013 (and ACM TOPLAS 39(1), article 2, 2017)",
  departs:
    "The papers bound what any manager can do that moves 1/c of the allocation, and are held to in that only: the manager is a rule of " +
    "thumb, and no one's proof. Regions are chosen by their live bytes alone, and one may be left half emptied: when no hole of the others " +
    "is left for its next block, or where blocks came into it before its turn. The quota counts from collection to collection. In a trace " +
    "without references the dead are known, so a collection that cannot make room is not begun.",
  facts: {
    author:
      "the limit of 1/c: Anna Bendersky and Erez Petrank, 2011; the choice of regions is this model's own",
    ships: "none that is known",
    header: "8 bytes, an option; 0 where lengths are kept elsewhere",
    alignment: "8 bytes, an option",
    order: "one list by address; takes the low end of the first hole that will do",
    coalescing: "at once, as the sweep makes garbage free; and by moving blocks out of regions",
    bound:
      "none known for this one; (c + 1)M is enough for one that slides everything after each c M bytes allocated: 1/c of " +
      "them is M, and no more than that lives",
    steps: "holes that first fit looks at, again after a collection, and for what moves",
  },
  collecting: {
    passes: "1: sweep; 2 if anything moves: sweep, references",
    extra: "a word an object moved, and 2 words a region",
    order: "in place; moved ones by region, least alive first",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new PartialCompact(space, options),
});
