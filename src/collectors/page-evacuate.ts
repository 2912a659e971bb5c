/**
 * Page evacuation in the manner of V8's old generation: mark-sweep on pages of 256 KiB, but for the sparse ones, whose
 * objects are moved out so that the whole page is free.
 *
 *   allocation   up through one hole at a time, the lowest of a page in use that holds the request; then a free page
 *   collection   chooses the pages to evacuate (page-evacuate/candidates.ts), marks, sweeps the others, and moves what
 *                lives in the chosen ones, page by page, up through holes and free pages as allocation would
 *
 * A page whose objects do not all find room keeps the rest and is swept. When a collection does not make room for a
 * request, a last one goes for memory: target 20%, limit 12 MiB. Objects over half a page have pages to themselves and
 * never move; a page without a live object is given back to the system, and keeps its address.
 *
 * Words touched, after marking:
 *
 *   sweep        the mark bitmap of the pages, a bit for each 8 bytes, read (scannedWords); 2 a hole, its length and link
 *   evacuation   1 an object moved, its forwarding address; 2 a word moved; 1 a reference rewritten: marking has noted
 *                those that lead into the chosen pages, so nothing is scanned for them
 *
 * Extra space: the mark bitmap, and the free pages that evacuation fills.
 */
import { Cause, definePolicy, type InternalsSink, REFUSED, type Request } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, PAGE, type Slot, type Space, State } from "../space/space.ts";
import { Bump } from "./bump.ts";
import { eachBlock } from "./each-block.ts";
import { FirstFitHoles } from "./first-fit-holes.ts";
import { mark } from "./marking.ts";
import { Moved } from "./moved.ts";
import { candidates, type Heuristics } from "./page-evacuate/candidates.ts";
import { checkPlaces } from "./regions/check-places.ts";
import { Humongous } from "./regions/humongous.ts";
import { powerBelow } from "./regions/options.ts";
import { Kind, RegionTable } from "./regions/region-table.ts";
import { SHAPED_REASONS, ShapedCollector } from "./shaped-collector.ts";

const MiB = 1024 * 1024;
const LEAST_PAGE = 512;
/** `kTargetFragmentationPercentForReduceMemory`, `kMaxEvacuatedBytesForReduceMemory`. */
const LAST_RESORT: Heuristics = { target: 20, limit: 12 * MiB };
/** Bytes of the heap for a word of the mark bitmap. */
const WORD_OF_BITS = WORD * 64;

const OPTIONS = {
  ...SHAPE_OPTIONS,
  page: {
    type: "integer",
    default: 256 * 1024,
    min: LEAST_PAGE,
    max: 2 * MiB,
    unit: "bytes",
    powerOfTwo: true,
    about: "bytes of a page; fewer in an arena that had less than 16 of them",
  },
  target: {
    type: "integer",
    default: 70,
    min: 1,
    max: 100,
    about: "percent of a page that must be free for it to be evacuated (kTargetFragmentationPercent)",
  },
  limit: {
    type: "integer",
    default: 4 * MiB,
    min: 0,
    max: 1 << 30,
    unit: "bytes",
    about: "bytes that one collection evacuates at most (kMaxEvacuatedBytes)",
  },
} as const;

const REASONS = {
  placed: "up through a hole of its page: [{0}, {1})",
  large: "over half a page, so in pages of its own: [{0}, {1})",
  collected: "neither a hole nor a free page was left; after a collection the block is [{0}, {1})",
  reduced: "a collection did not make enough room; after one for memory the block is [{0}, {1})",
  grown: "the heap grows by pages for the block [{0}, {1})",
  refused: "{0} bytes fit into no hole, nor into {1} free pages of {2}",
  ...SHAPED_REASONS,
};

class PageEvacuate extends ShapedCollector<keyof typeof REASONS> {
  private readonly heuristics: Heuristics;
  private readonly table: RegionTable;
  private readonly large: Humongous;
  private readonly holes: FirstFitHoles;
  private readonly bump: Bump;
  private readonly moved: Moved;
  /** By page: 1 if the collection at hand empties it. Nothing outlives a collection. */
  private chosen: Uint8Array;

  constructor(space: Space, { header, alignment, page, target, limit }: Options<typeof OPTIONS>) {
    super(space, new BlockShape(header, alignment), REASONS);
    const size = space.grows ? page : Math.min(page, Math.max(powerBelow(space.limit / 16), LEAST_PAGE));
    this.heuristics = { target, limit };
    this.table = new RegionTable(space.columns, size);
    this.large = new Humongous(space, this.shape, this.table, size / 2);
    this.holes = new FirstFitHoles(space, this.shape);
    this.bump = new Bump(space, this.shape);
    this.moved = new Moved(space);
    this.chosen = new Uint8Array(0);
    if (!space.grows) this.table.reach(space.limit);
  }

  allocate(bytes: number, align: number, { slot }: Request): Address {
    const { space, table } = this;
    const length = this.shape.length(bytes);
    let why: keyof typeof REASONS = this.large.is(length, align) ? "large" : "placed";
    let start = this.put(length, align, slot);
    if (start < 0 && this.trigger.due(length)) {
      why = "collected";
      this.collect(Cause.exhausted);
      start = this.put(length, align, slot);
      if (start < 0 && !space.grows && space.holeBytes >= length) {
        why = "reduced";
        this.run(Cause.exhausted, LAST_RESORT);
        start = this.put(length, align, slot);
      }
    }
    if (start < 0 && this.grow(length, align)) {
      why = "grown";
      start = this.put(length, align, slot);
    }
    if (start < 0) {
      this.said.set("refused", length, table.free, table.size);
      return REFUSED;
    }
    this.alignments.set(slot, align);
    this.recent.note(slot);
    this.trigger.allocated(length);
    this.said.set(why, start, start + length);
    return start + this.shape.header;
  }

  collect(cause: Cause): void {
    this.run(cause, this.heuristics);
  }

  internals(show: InternalsSink): void {
    const { space, table, holes } = this;
    show.list("free pages");
    for (let page = 0; page < table.count; page++) {
      const start = table.startOf(page);
      if (table.kind(page) === Kind.free) show.entry(start, table.endOf(page) - start);
    }
    show.list("holes of pages in use");
    for (let hole = holes.list.first; hole !== 0; hole = holes.list.next(hole))
      if (table.kind(table.of(space.start(hole))) === Kind.used)
        show.entry(space.start(hole), this.endIn(hole) - space.start(hole));
  }

  override validate(): void {
    super.validate();
    this.holes.validate();
    const { space, table } = this;
    checkPlaces(space, table, this.large, this.alignments);
  }

  /** The block's start, or REFUSED. */
  private put(length: number, align: number, slot: Slot): Address {
    if (this.large.is(length, align)) return this.large.place(length, align, slot, 0);
    const start = this.find(length, align);
    if (start >= 0) this.bump.take(start, length, slot);
    return start;
  }

  /** Where such a block goes next, the cursor being there; or REFUSED. */
  private find(length: number, align: number): Address {
    const { bump, table } = this;
    const start = bump.startOf(length, align);
    if (start >= 0) return start;
    if (!this.openHole(length, align)) {
      const page = table.takeFree();
      if (page < 0) return REFUSED;
      bump.open(table.startOf(page), table.endOf(page));
    }
    return bump.startOf(length, align);
  }

  /** Goes to the lowest hole, of a page that is in use and not to be emptied, that holds such a block. */
  private openHole(length: number, align: number): boolean {
    const { table, holes } = this;
    for (let hole = holes.find(length, align); hole !== 0; hole = holes.after(hole)) {
      const start = holes.start(hole);
      const page = table.of(start);
      if (table.kind(page) !== Kind.used || this.chosen[page] === 1) continue;
      if (start + length <= this.endIn(hole)) return this.bump.open(start, this.endIn(hole));
    }
    return false;
  }

  /** Where a hole ends, or the page that it begins in. */
  private endIn(hole: number): Address {
    const { space, table } = this;
    return Math.min(space.end(hole), table.endOf(table.of(space.start(hole))));
  }

  private grow(length: number, align: number): boolean {
    const { space, table } = this;
    if (!space.grows) return false;
    const bytes = this.large.is(length, align) ? this.large.missing(length, align) : table.size;
    const end = table.count * table.size + bytes;
    if (bytes <= 0 || space.extend(end - space.segmentEnd(space.heap)) === 0) return false;
    table.reach(end);
    return true;
  }

  private run(cause: Cause, heuristics: Heuristics): void {
    const { space, table, moved, bump } = this;
    space.beginCollection(cause);
    const pages = candidates(space, table, bump.limit, heuristics);
    const free = table.free;
    bump.close();
    this.chosen = new Uint8Array(table.count);
    for (const page of pages) this.chosen[page] = 1;
    mark(space);
    const inPages = this.sweep();
    const moves = space.cost(Cost.moves);
    const bytes = space.cost(Cost.movedBytes);
    moved.begin();
    for (const page of pages) this.evacuate(inPages[page]);
    moved.countReferences();
    const filled = free - table.free;
    this.chosen = new Uint8Array(0);
    bump.close();
    this.release();
    const bitmap = Math.ceil(space.segmentEnd(space.heap) / WORD_OF_BITS);
    const words = Math.ceil((space.cost(Cost.movedBytes) - bytes) / WORD);
    space.count(Cost.scannedWords, bitmap);
    space.count(Cost.touchedWords, bitmap + 2 * space.holes + space.cost(Cost.moves) - moves + 2 * words);
    space.needExtra(bitmap * WORD + filled * table.size);
    this.trigger.collected();
    space.endCollection();
  }

  /** Gives all garbage back. Returns what lives in each of the chosen pages, by address. */
  private sweep(): Slot[][] {
    const { space, table, chosen } = this;
    const living = Array.from(chosen, (): Slot[] => []);
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      const page = table.of(space.start(slot));
      if (table.kind(page) === Kind.humongous) this.large.sweep(slot);
      else if (space.state(slot) === State.garbage) space.give(slot);
      else if (chosen[page] === 1) living[page].push(slot);
    });
    return living;
  }

  /** Moves objects, all of one page, for as long as there is room. */
  private evacuate(slots: readonly Slot[]): void {
    const { space, alignments, bump, moved } = this;
    for (const slot of slots) {
      const start = this.find(space.length(slot), alignments.of(slot));
      if (start < 0) return;
      bump.move(start, slot);
      moved.add(slot);
    }
  }

  /** Pages in which nothing lives are free, and given back to the system. */
  private release(): void {
    const { space, table } = this;
    const inUse = new Uint8Array(table.count);
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      inUse[table.of(space.start(slot))] = 1;
    });
    for (let page = 0; page < table.count; page++) {
      if (table.kind(page) !== Kind.used || inUse[page] === 1) continue;
      table.set(page, Kind.free);
      if (table.size >= PAGE) space.purge(table.startOf(page), table.endOf(page) - table.startOf(page));
    }
  }
}

export const pageEvacuate = definePolicy<typeof OPTIONS>({
  name: "page-evacuate",
  family: "collectors",
  summary: "Mark-sweep on pages; moves what lives out of the sparsest ones, within a limit, as V8 does.",
  source:
    "V8 11.3 (Node.js 20), src/heap/mark-compact.cc (CollectEvacuationCandidates, ComputeEvacuationHeuristics) and " +
    "src/heap/heap.cc (CollectAllAvailableGarbage)",
  departs:
    "The old generation alone, on one thread and in one pause: V8 also has a young one, marks and sweeps beside the program, and takes " +
    "its target from the measured speed of compaction as soon as it has one. Its free lists by size are first fit by address here; what is left " +
    "behind the cursor stays in the hole. Page headers are not modelled. V8 keeps one empty page, here all of them go. Large objects have " +
    "runs of whole pages inside the heap. In a trace without references the dead are known, so a collection that cannot make room is " +
    "not begun; but a page counts as V8 counts it, with what has died since the last sweep.",
  facts: {
    author: "V8's authors, 2011 on",
    ships: "V8: Chrome and Node.js",
    header: "8 bytes, an option; a bit for each 8 bytes of heap beside it",
    alignment: "8 bytes, an option",
    order: "up through the lowest hole that holds the request; then through the lowest free page",
    coalescing: "at once, as the sweep makes garbage free; and by emptying whole pages",
    bound: "none known: pages that are less than 70% free are left as they are",
    steps: "holes that first fit looks at, each time the cursor's own does not do, and for what moves",
  },
  collecting: {
    passes: "1: sweep, by the mark bitmap; evacuates, and notes of marking lead to the references",
    extra: "a mark bitmap, a 64th of the heap, and the free pages evacuated into",
    order: "in place; evacuated ones by page, least held first",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new PageEvacuate(space, options),
});
