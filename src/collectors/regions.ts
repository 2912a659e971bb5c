/**
 * Region evacuation in the manner of G1. The heap is in regions of one size; new objects go by bump allocation into one
 * region at a time, those over half a region into contiguous regions of their own. A collection marks, frees what is
 * wholly dead, and evacuates the regions with the least live bytes: garbage first. Ten percent of the regions are kept
 * for that as long as it can be. A collection that the program asks for, or one after an evacuation that did not help,
 * compacts all regions instead.
 *
 * Words touched, after marking (Detlefs and others, sections 2 to 2.4; a full compaction in the four phases of JDK 17's
 * g1FullCollector.cpp):
 *
 *   evacuation   1 an object moved, its forwarding address; 2 a word moved; 1 a reference rewritten: the remembered
 *                sets know where those are, so nothing is scanned for them
 *   compaction   1 a live object to plan it, and 1 for its forwarding address; the words of live blocks, where references
 *                are adjusted; then 1 a live object and 2 a word moved
 *
 * Extra space: a mark bitmap, a bit for each 8 bytes of heap, and the regions that evacuation fills.
 */
import { Cause, definePolicy, type InternalsSink, REFUSED, type Request } from "../allocators/contract.ts";
import { BlockShape } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, Counter, type Slot, type Space, SpaceError } from "../space/space.ts";
import { Bump } from "./bump.ts";
import { liveWords, mark } from "./marking.ts";
import { Moved } from "./moved.ts";
import { Census } from "./regions/census.ts";
import { checkPlaces } from "./regions/check-places.ts";
import { compact } from "./regions/compact.ts";
import { collectionSet, evacuate } from "./regions/evacuate.ts";
import { Humongous } from "./regions/humongous.ts";
import { OPTIONS, regionSize } from "./regions/options.ts";
import { Kind, RegionTable } from "./regions/region-table.ts";
import { ShapedCollector } from "./shaped-collector.ts";

const REASONS = {
  placed: "in its region: [{0}, {1})",
  humongous: "over half a region, so in regions of its own: [{0}, {1})",
  collected: "too few regions were free; after a collection the block is [{0}, {1})",
  compacted: "evacuation did not make enough room; after a full compaction the block is [{0}, {1})",
  grown: "the heap grows by regions for the block [{0}, {1})",
  refused: "{0} bytes fit into none of {1} free regions of {2}",
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until its region is evacuated",
};

class Regions extends ShapedCollector<keyof typeof REASONS> {
  private readonly options: Options<typeof OPTIONS>;
  private readonly table: RegionTable;
  private readonly humongous: Humongous;
  private readonly bump: Bump;
  private readonly target: Bump;
  private readonly moved: Moved;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    super(space, new BlockShape(options.header, options.alignment), REASONS);
    this.options = options;
    this.table = new RegionTable(space.columns, regionSize(space, options));
    this.humongous = new Humongous(space, this.shape, this.table, this.table.size / 2);
    this.bump = new Bump(space, this.shape);
    this.target = new Bump(space, this.shape);
    this.moved = new Moved(space);
    if (!space.grows) this.table.reach(space.limit);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const { space, table } = this;
    const { slot } = request;
    const length = this.shape.length(bytes);
    let why: keyof typeof REASONS = this.humongous.is(length, align) ? "humongous" : "placed";
    let start = this.put(length, align, slot, this.reserve);
    if (start < 0 && this.trigger.due(length)) {
      why = "collected";
      this.collect(Cause.exhausted);
      start = this.put(length, align, slot, this.reserve);
      if (start < 0 && !space.grows && space.holeBytes + space.counter(Counter.garbageBytes) >= length) {
        why = "compacted";
        this.run(Cause.exhausted, true);
        start = this.put(length, align, slot, 0);
      }
    }
    if (start < 0) {
      if (space.grows) why = "grown";
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
    this.run(cause, cause === Cause.asked);
  }

  internals(show: InternalsSink): void {
    const { table } = this;
    show.list("free regions");
    for (let region = 0; region < table.count; region++) {
      const start = table.startOf(region);
      if (table.kind(region) === Kind.free) show.entry(start, table.endOf(region) - start);
    }
  }

  override validate(): void {
    const { space, table } = this;
    super.validate();
    let free = 0;
    for (let region = 0; region < table.count; region++) if (table.kind(region) === Kind.free) free++;
    if (free !== table.free) throw new SpaceError(`${free} regions are free, not ${table.free}`);
    checkPlaces(space, table, this.humongous, this.alignments);
  }

  /** Regions that the program leaves alone for as long as a collection can help. */
  private get reserve(): number {
    return this.space.grows ? 0 : Math.floor((this.table.count * this.options.reserve) / 100);
  }

  /** The block's start, or REFUSED. */
  private put(length: number, align: number, slot: Slot, reserve: number): Address {
    const { table, bump } = this;
    if (this.humongous.is(length, align)) return this.humongous.place(length, align, slot, reserve);
    let start = bump.startOf(length, align);
    while (start < 0) {
      if (table.free <= reserve) return REFUSED;
      const region = table.takeFree();
      if (region < 0) return REFUSED;
      bump.open(table.startOf(region), table.endOf(region));
      start = bump.startOf(length, align);
    }
    bump.take(start, length, slot);
    return start;
  }

  /** In a heap that grows, or in the reserve. */
  private putAtLast(length: number, align: number, slot: Slot): Address {
    const { space, table } = this;
    if (!space.grows) return this.put(length, align, slot, 0);
    const large = this.humongous.is(length, align);
    const bytes = large ? this.humongous.missing(length, align) : table.size;
    const end = table.count * table.size + bytes;
    if (bytes <= 0 || space.extend(end - space.segmentEnd(space.heap)) === 0) return REFUSED;
    table.reach(end);
    return this.put(length, align, slot, 0);
  }

  private run(cause: Cause, full: boolean): void {
    const { space, table, moved } = this;
    space.beginCollection(cause);
    mark(space);
    const live = space.counter(Counter.liveBlocks);
    const moves = space.cost(Cost.moves);
    const bytes = space.cost(Cost.movedBytes);
    const census = new Census(space, table, this.humongous);
    moved.begin();
    const filled = full ? this.compact(census, live) : this.evacuate(census);
    moved.countReferences();
    const words = Math.ceil((space.cost(Cost.movedBytes) - bytes) / WORD);
    const addresses = full ? live : space.cost(Cost.moves) - moves;
    space.count(Cost.touchedWords, addresses + 2 * words);
    space.needExtra(Math.ceil(space.segmentEnd(space.heap) / 64) + filled * table.size);
    this.trigger.collected();
    space.endCollection();
  }

  /** Returns how many regions it filled. */
  private evacuate(census: Census): number {
    const { space, table, target } = this;
    const { live, waste } = this.options;
    const regions = collectionSet(table, census, live, (space.segmentEnd(space.heap) * waste) / 100);
    const own = this.bump.limit > 0 ? table.of(this.bump.limit - 1) : -1;
    target.close();
    const filled = evacuate(space, table, census, regions, target, this.alignments, this.moved);
    if (target.limit > 0) this.bump.follow(target);
    else if (own >= 0 && table.kind(own) === Kind.free) this.bump.close();
    target.close();
    return filled;
  }

  private compact(census: Census, live: number): number {
    const { space, table } = this;
    const end = compact(space, this.shape, table, census, this.alignments, this.moved);
    if (end > 0) this.bump.open(end, table.endOf(table.of(end - 1)));
    else this.bump.close();
    space.count(Cost.scannedWords, live + liveWords(space));
    space.count(Cost.touchedWords, 2 * live + liveWords(space));
    return 0;
  }
}

export const regions = definePolicy<typeof OPTIONS>({
  name: "regions",
  family: "collectors",
  summary: "Evacuates the regions with the least that lives into free ones, as G1 does.",
  source:
    "Detlefs, Flood, Heller and Printezis, Garbage-First Garbage Collection, ISMM 2004, pp. 37-48; OpenJDK 17, " +
    "src/hotspot/share/gc/g1, its defaults",
  departs:
    "Without generations, pauses to keep to, or threads: every collection marks first, where G1 marks concurrently and then evacuates in several " +
    "pauses. Objects are evacuated region by region in the order of their addresses, not in that of references. The region filled last by an " +
    "evacuation is the next to be allocated in. A heap under 64 MiB has regions of less than 1 MiB; the last region of an arena may be short. " +
    "Regions with pinned objects are left alone, as from JDK 22 on. A full compaction moves full regions too (G1 leaves those 95% alive) and " +
    "no humongous objects. In a trace without references the dead are known, so a collection that cannot make room is not begun.",
  facts: {
    author: "David Detlefs, Christine Flood, Steve Heller and Tony Printezis, 2004",
    ships: "HotSpot's G1, its default since JDK 9; Shenandoah and ZGC are kin",
    header: "8 bytes, an option; a bit for each 8 bytes of heap beside it",
    alignment: "8 bytes, an option",
    order: "up through one region at a time, the lowest free one next",
    coalescing: "by evacuation: a region is free as a whole or not at all",
    bound: "none known: each region may hold a little that lives, and a pinned object holds a region",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes:
      "none: evacuates, and remembered sets lead to the references; full, 3: forwarding addresses, references, moves",
    extra: "a mark bitmap, a 64th of the heap, and the regions evacuated into",
    order: "in place; evacuated ones by region, least alive first; full: sliding",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new Regions(space, options),
});
