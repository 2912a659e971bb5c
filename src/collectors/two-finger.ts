/**
 * Two-finger compaction, by Edwards: all cells of a segment are of one size, and so any object fits where any other was.
 * One finger goes up to the next free cell, the other comes down to the next live object, which moves there; until they
 * meet. Where it was it leaves its new address, and a second pass rewrites the references that lead above the meeting.
 *
 *   ABxCxDExF   ->   ABFCED...     a free cell is filled from the far end: no order is kept
 *
 * Objects of other sizes have other segments; a request is rounded up to one of the sizes. New objects go up through the
 * free cells of their size; after a collection these are all at the end, but for those below a pinned object.
 *
 * Words touched after marking (Jones, Hosking and Moss, The Garbage Collection Handbook, section 3.1, Algorithm 3.1).
 * Those of the first column are scanned:
 *
 *   relocate           1 a cell, used or not         2 a word moved; 1 an object moved, its new address
 *   updateReferences   words of live blocks          2 a reference whose target moved: the address there, and itself
 *
 * Nothing is needed beside the objects, and no header: the segment knows the size.
 */
import { Cause, definePolicy, type InternalsSink, REFUSED, type Request } from "../allocators/contract.ts";
import { BlockShape, granuleFor } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, PAGE, type Space, State } from "../space/space.ts";
import { liveWords, mark } from "./marking.ts";
import { SHAPED_REASONS, ShapedCollector } from "./shaped-collector.ts";
import { CellSizes } from "./two-finger/cell-sizes.ts";
import { compactCells } from "./two-finger/compact-cells.ts";
import { SizeSegments } from "./two-finger/size-segments.ts";

const OPTIONS = {
  alignment: {
    type: "integer",
    default: 8,
    min: 4,
    max: PAGE,
    unit: "bytes",
    powerOfTwo: true,
    about: "cells are multiples of it",
  },
  steps: {
    type: "integer",
    default: 4,
    min: 1,
    max: 64,
    powerOfTwo: true,
    about: "sizes of cells to a doubling, beyond twice as many multiples of the alignment",
  },
} as const;

const REASONS = {
  placed: "the next free cell of {0} bytes: [{1}, {2})",
  collected: "no cell of {0} bytes was free; after a collection the next one is [{1}, {2})",
  grown: "no cell of {0} bytes is free: their segment grows for [{1}, {2})",
  refused: "no cell of {0} bytes is free, and their segment cannot grow",
  aligned: "{0} bytes cannot be aligned to {1}: cells are aligned to a page at most",
  ...SHAPED_REASONS,
};

class TwoFinger extends ShapedCollector<keyof typeof REASONS> {
  private readonly sizes: CellSizes;
  private readonly segments: SizeSegments;
  /** By slot: 1 if the last collection moved it. Made anew when there are more slots. */
  private moved: Uint8Array;

  constructor(space: Space, { alignment, steps }: Options<typeof OPTIONS>) {
    super(space, new BlockShape(0, alignment), REASONS);
    this.sizes = new CellSizes(alignment, steps);
    this.segments = new SizeSegments(space, this.sizes);
    this.moved = new Uint8Array(0);
  }

  allocate(bytes: number, align: number, { slot }: Request): Address {
    if (align > PAGE) {
      this.said.set("aligned", bytes, align);
      return REFUSED;
    }
    const { space, segments } = this;
    const size = this.need(bytes, align);
    let why: keyof typeof REASONS = "placed";
    let start = segments.take(size, slot);
    if (start < 0 && !space.grows && segments.grow(size)) {
      why = "grown";
      start = segments.take(size, slot);
    }
    if (start < 0 && this.trigger.due(size)) {
      why = "collected";
      this.collect(Cause.exhausted);
      start = segments.take(size, slot);
    }
    if (start < 0 && segments.grow(size)) {
      why = "grown";
      start = segments.take(size, slot);
    }
    if (start < 0) {
      this.said.set("refused", size);
      return REFUSED;
    }
    this.recent.note(slot);
    this.trigger.allocated(size);
    this.said.set(why, size, start, start + size);
    return start;
  }

  collect(cause: Cause): void {
    const { space, segments } = this;
    space.beginCollection(cause);
    mark(space);
    for (let slot = 1; slot < space.slotLimit; slot++)
      if (space.state(slot) === State.garbage) space.give(slot);
    const moves = space.cost(Cost.moves);
    const bytes = space.cost(Cost.movedBytes);
    if (this.moved.length < space.slotLimit) this.moved = new Uint8Array(2 * space.slotLimit);
    else this.moved.fill(0);
    let cells = 0;
    for (const size of segments.all()) {
      cells += compactCells(space, segments, size, this.moved);
      segments.trim(size);
    }
    const updated = space.graph.on ? space.graph.references(this.moved) : 0;
    const scanned = cells + liveWords(space);
    const words = Math.ceil((space.cost(Cost.movedBytes) - bytes) / WORD);
    space.count(Cost.updatedReferences, updated);
    space.count(Cost.scannedWords, scanned);
    space.count(Cost.touchedWords, scanned + space.cost(Cost.moves) - moves + 2 * words + 2 * updated);
    this.trigger.collected();
    space.endCollection();
  }

  override need(bytes: number, align = 0): number {
    const least = Math.max(bytes, 1);
    return this.sizes.size(align > 0 ? Math.ceil(least / align) * align : least);
  }

  place(address: Address): string {
    return this.segments.place(address);
  }

  internals(show: InternalsSink): void {
    const { space, segments } = this;
    for (const size of segments.all()) {
      show.list(`cells of ${size} bytes`);
      for (const segment of segments.of(size))
        for (let node = space.next(segment); node !== segment; node = space.next(node))
          if (node < 0) show.entry(space.start(node), space.length(node));
    }
  }

  override validate(): void {
    this.segments.validate();
  }
}

export const twoFinger = definePolicy<typeof OPTIONS>({
  name: "two-finger",
  family: "collectors",
  summary: "A segment for each size; moves objects from its far end into the free cells below (Edwards).",
  source:
    "Saunders, The LISP System for the Q-32 Computer, in: Berkeley and Bobrow (eds.), The Programming Language LISP: Its " +
    "Operation and Applications, 1964, pp. 220-231, who names Edwards; Jones, Hosking and Moss, The Garbage Collection " +
    "Handbook, 2012, section 3.1, Algorithm 3.1",
  departs:
    "The algorithm knows one size, that of a LISP cell. Here each size of a geometric series has a segment of its own, which grows and shrinks by " +
    "pages, and gets a second one where another is in its way. Marks lie elsewhere. Roots are references, pins are not; a " +
    "pinned object, which the algorithm does not know, stays, with free cells below it. What is to be aligned to more than a page is " +
    "refused, and an arena of less than a page holds nothing. In a trace without references the dead are known, so a collection that cannot make room is not begun; reading objects " +
    "to look for references is counted.",
  facts: {
    author: "Daniel J. Edwards; in Saunders, 1964",
    ships: "CRuby's GC.compact, from 2.7 on, over slots of one size",
    header: "none: the segment tells the size; and the rest of the cell",
    alignment: "8 bytes, an option; a cell at a multiple of its own alignment, a page at most",
    order: "up through the free cells of the size",
    coalescing: "by moving: after a collection all free cells of a size are at its end",
    bound:
      "none known for several sizes; M with one size, rounded up to pages: it is filled from its low end",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "2: moves; references",
    extra: "none: new addresses are left where objects were",
    order: "arbitrary: the highest objects of a size fill its lowest free cells",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: true }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: ({ alignment }) => granuleFor(alignment),
  reasons: REASONS,
  create: (space, options) => new TwoFinger(space, options),
});
