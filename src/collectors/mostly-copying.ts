/**
 * Mostly-copying collection with conservative roots (Bartlett), in the manner of SBCL's gencgc. The heap is in pages of
 * 32,768 bytes; new objects go by bump allocation into one page at a time, and no object of at most a page lies across
 * two. A collection copies what lives to free pages, in breadth-first order, but for what the stack may refer to, which
 * must not move as nobody can tell a reference from a number there: here, what is pinned. Its whole page stays.
 *
 * Even a heap without a gap is copied. Objects longer than a page begin a page and have their pages to themselves; from
 * four pages on they never move.
 *
 * Words touched (as in Cheney's algorithm, The Garbage Collection Handbook, section 4.1, Algorithms 4.1 and 4.2): the
 * words of live blocks, where they are scanned for references; 2 a word and 1 an object copied, for the forwarding
 * address left behind; 1 a reference rewritten; and 1 a page, its entry in the page table. Extra space: the pages that are copied into.
 */
import { Cause, definePolicy, type InternalsSink, REFUSED, type Request } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import type { Address, Slot, Space } from "../space/space.ts";
import { Bump } from "./bump.ts";
import { findDead, liveWords } from "./marking.ts";
import { Copying } from "./mostly-copying/copying.ts";
import { Moved } from "./moved.ts";
import { checkPlaces } from "./regions/check-places.ts";
import { Humongous } from "./regions/humongous.ts";
import { powerBelow } from "./regions/options.ts";
import { Kind, RegionTable } from "./regions/region-table.ts";
import { ShapedCollector } from "./shaped-collector.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  alignment: { ...SHAPE_OPTIONS.alignment, default: 16 },
  page: {
    type: "integer",
    default: 32_768,
    min: 512,
    max: 1 << 20,
    unit: "bytes",
    powerOfTwo: true,
    about: "bytes of a page; fewer in an arena that had less than 16 of them",
  },
  reserve: {
    type: "integer",
    default: 50,
    min: 0,
    max: 50,
    about: "percent of the pages kept free to copy to, as long as a collection can help",
  },
  pins: {
    type: "choice",
    default: "page",
    choices: ["page", "object"],
    about:
      "what stays with a pinned object: its page (Bartlett), or nothing, and the rest of the page is empty (SBCL)",
  },
} as const;

const REASONS = {
  placed: "in its page: [{0}, {1})",
  large: "longer than a page, so in pages of its own: [{0}, {1})",
  collected: "too few pages were free; after a collection the block is [{0}, {1})",
  grown: "the heap grows by pages for the block [{0}, {1})",
  refused: "{0} bytes fit into none of {1} free pages of {2}",
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until its page is copied",
};

/** Pages of an object that does not move. */
const FIXED_PAGES = 4;
const LEAST_PAGE = 512;

class MostlyCopying extends ShapedCollector<keyof typeof REASONS> {
  private readonly reservePercent: number;
  private readonly table: RegionTable;
  private readonly large: Humongous;
  private readonly bump: Bump;
  private readonly target: Bump;
  private readonly copying: Copying;
  private readonly moved: Moved;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    const { header, alignment, page, reserve, pins } = options;
    super(space, new BlockShape(header, alignment), REASONS);
    const size = space.grows ? page : Math.min(page, Math.max(powerBelow(space.limit / 16), LEAST_PAGE));
    this.reservePercent = reserve;
    this.table = new RegionTable(space.columns, size);
    this.large = new Humongous(space, this.shape, this.table, size);
    this.bump = new Bump(space, this.shape);
    this.target = new Bump(space, this.shape);
    this.moved = new Moved(space);
    this.copying = new Copying(
      space,
      this.table,
      this.large,
      this.target,
      this.alignments,
      this.moved,
      FIXED_PAGES * size,
      pins === "page",
    );
    if (!space.grows) this.table.reach(space.limit);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const { table } = this;
    const { slot } = request;
    const length = this.shape.length(bytes);
    let why: keyof typeof REASONS = this.large.is(length, align) ? "large" : "placed";
    let start = this.put(length, align, slot, this.reserve);
    if (start < 0 && this.trigger.due(length)) {
      why = "collected";
      this.collect(Cause.exhausted);
      start = this.put(length, align, slot, this.reserve);
    }
    if (start < 0) {
      if (this.space.grows) why = "grown";
      start = this.putAtLast(length, align, slot);
    }
    if (start < 0) {
      this.said.set("refused", length, table.free, table.count);
      return REFUSED;
    }
    this.alignments.set(slot, align);
    this.trigger.allocated(length);
    this.said.set(why, start, start + length);
    return start + this.shape.header;
  }

  collect(cause: Cause): void {
    const { space, table, bump, target, moved, copying } = this;
    space.beginCollection(cause);
    findDead(space);
    const moves = space.cost(Cost.moves);
    const bytes = space.cost(Cost.movedBytes);
    const live = liveWords(space);
    moved.begin();
    copying.run();
    moved.countReferences();
    if (target.limit > 0) bump.follow(target);
    if (bump.limit > 0 && table.kind(table.of(bump.limit - 1)) === Kind.free) bump.close();
    const words = Math.ceil((space.cost(Cost.movedBytes) - bytes) / WORD);
    space.count(Cost.markedWords, live);
    space.count(Cost.scannedWords, table.count);
    space.count(Cost.touchedWords, live + table.count + space.cost(Cost.moves) - moves + 2 * words);
    space.needExtra(copying.filled * table.size);
    this.trigger.collected();
    space.endCollection();
  }

  internals(show: InternalsSink): void {
    const { table } = this;
    show.list("free pages");
    for (let page = 0; page < table.count; page++) {
      const start = table.startOf(page);
      if (table.kind(page) === Kind.free) show.entry(start, table.endOf(page) - start);
    }
  }

  override validate(): void {
    const { space, table } = this;
    super.validate();
    checkPlaces(space, table, this.large, this.alignments);
  }

  private get reserve(): number {
    return this.space.grows ? 0 : Math.floor((this.table.count * this.reservePercent) / 100);
  }

  /** The block's start, or REFUSED. */
  private put(length: number, align: number, slot: Slot, reserve: number): Address {
    const { table, bump } = this;
    if (this.large.is(length, align)) return this.large.place(length, align, slot, reserve);
    let start = bump.startOf(length, align);
    while (start < 0) {
      if (table.free <= reserve) return REFUSED;
      const page = table.takeFree();
      bump.open(table.startOf(page), table.endOf(page));
      start = bump.startOf(length, align);
    }
    bump.take(start, length, slot);
    return start;
  }

  /** In a heap that grows, or in the reserve. */
  private putAtLast(length: number, align: number, slot: Slot): Address {
    const { space, table } = this;
    if (!space.grows) return this.put(length, align, slot, 0);
    const bytes = this.large.is(length, align) ? this.large.missing(length, align) : table.size;
    const end = table.count * table.size + bytes;
    if (bytes <= 0 || space.extend(end - space.segmentEnd(space.heap)) === 0) return REFUSED;
    table.reach(end);
    return this.put(length, align, slot, 0);
  }
}

export const mostlyCopying = definePolicy<typeof OPTIONS>({
  name: "mostly-copying",
  family: "collectors",
  summary:
    "Copies what lives from page to page, but for pages with pinned objects, which stay (Bartlett, SBCL).",
  source:
    "Bartlett, Compacting Garbage Collection with Ambiguous Roots, DEC WRL Research Report 88/2, 1988; SBCL 2.2.9, " +
    "src/runtime/gencgc.c",
  departs:
    "Without generations, and without page types. Only pins are conservative roots. What is dead on a page that stays keeps " +
    "nothing else alive, as it would in Bartlett's, and is garbage until the page is copied. Where the free pages do not hold " +
    "all that lives, the fullest pages stay; the real ones fail. An arena of less than 16 pages has shorter pages. In a trace " +
    "without references objects are copied by address, and as the dead are known, a collection that cannot make room is not begun.",
  facts: {
    author: "Joel F. Bartlett, 1988",
    ships: "SBCL and CMUCL (gencgc), on x86 and x86-64; Scheme->C",
    header: "8 bytes, an option",
    alignment: "16 bytes, an option",
    order: "up through one page at a time, the lowest free one next",
    coalescing: "by copying: a page is free as a whole or not at all",
    bound: "none known: a pinned object of a few bytes holds a page",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "none: copies what it reaches, and scans the copies; then 1 over the page table",
    extra: "the pages copied into",
    order: "breadth-first; on pages that stay, in place",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new MostlyCopying(space, options),
});
