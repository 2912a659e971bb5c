/**
 * Page migration: Linux's buddy allocator of pages, and its memory compaction. When no free block of an order is left
 * but pages enough are free, a migrate scanner goes up from the bottom of the zone and takes movable blocks, a free scanner
 * comes down from the top and finds places for them, until they meet, or a block of the order has come free.
 *
 *   block = 2^order pages; an object is a block of its own, as what user space maps
 *
 * Pinned objects are pages under I/O or elevated count, which are not isolated. What the program asks for is a run until
 * the scanners meet (/proc/sys/vm/compact_memory); blocks of `pageblock` order and above are not worth moving.
 *
 * Words touched: 1 a block that a scanner passes (scannedWords); 2 a word copied; and 1 a page, its entry in the page table,
 * which is all that is rewritten (updatedReferences): the addresses that the program knows are virtual ones. Where the
 * trace has references, a run marks first, and frees what is dead.
 */
import {
  Cause,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Request,
  roundUp,
} from "../allocators/contract.ts";
import { granuleFor } from "../allocators/parts/block-shape.ts";
import { BuddyTree } from "../allocators/parts/buddy-tree.ts";
import type { Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, Control, type Slot, type Space, SpaceError, State } from "../space/space.ts";
import { CompactionScanners } from "./compaction-scanners.ts";
import { FreeingCollector } from "./freeing-collector.ts";
import { RoomTrigger } from "./room-trigger.ts";

const OPTIONS = {
  page: {
    type: "integer",
    default: 4096,
    min: 16,
    max: 16384,
    unit: "bytes",
    powerOfTwo: true,
    about: "bytes of a page: every object is a block of 1, 2, 4 ... pages",
  },
  pageblock: {
    type: "integer",
    default: 9,
    min: 1,
    max: 20,
    about: "order of blocks that a run leaves where they are; 9 on x86, a huge page of 2 MiB",
  },
} as const;

const REASONS = {
  exact: "a free block of {0} bytes: [{1}, {2})",
  split: "the first free block of a higher order, of {3} bytes, is halved: [{1}, {2})",
  compacted: "no free block had {0} bytes; pages migrated until one had: [{1}, {2})",
  grown: "no free block has {0} bytes: memory is added for [{1}, {2})",
  refused: "no free block has {0} bytes, {1} bytes are free, and migrating pages makes none",
  trimmed: "the block is cut to {0} bytes",
  stays: "the block of {0} bytes is long enough and stays",
  freed: "the block of {0} bytes is free and merged into one of {1}",
  died: "[{0}, {1}) is garbage until the next run",
};

/** No order is wanted: a run goes on until the scanners meet. */
const ALL = -1;

class PageMigration extends FreeingCollector<keyof typeof REASONS> {
  private readonly page: number;
  private readonly shift: number;
  private readonly pageblock: number;
  private readonly tree: BuddyTree;
  private readonly scanners: CompactionScanners;
  private readonly trigger: RoomTrigger;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    super(space, 0, REASONS);
    this.page = options.page;
    this.shift = 31 - Math.clz32(options.page);
    this.pageblock = options.pageblock;
    this.tree = new BuddyTree(space.columns, true);
    this.scanners = new CompactionScanners(space, this.tree, options.page);
    this.trigger = new RoomTrigger(space);
    if (space.grows) return;
    this.tree.extend(Math.floor(space.limit / this.page));
    const end = this.tree.end * this.page;
    if (end < space.limit) space.reserve(end, space.limit - end, Control.unused);
  }

  allocate(bytes: number, align: number, { slot }: Request): Address {
    const { space, tree } = this;
    const order = this.orderFor(bytes, align);
    const length = 2 ** order * this.page;
    let why: keyof typeof REASONS = "exact";
    if (tree.free >>> order === 0 && this.trigger.due(length)) {
      why = "compacted";
      this.run(Cause.exhausted, order);
    }
    if (tree.free >>> order === 0) {
      why = "grown";
      if (!space.grows || !this.grow(length)) {
        this.said.set("refused", length, space.holeBytes);
        return REFUSED;
      }
    }
    const fits = tree.free >>> order;
    const found = order + 31 - Math.clz32(fits & -fits);
    space.count(Cost.searchSteps, found - order + 1);
    const start = tree.take(slot, order, found) * this.page;
    space.claim(slot, start, length);
    this.trigger.allocated(length);
    if (why === "exact" && found > order) why = "split";
    this.said.set(why, length, start, start + length, 2 ** found * this.page);
    return start;
  }

  /** A shorter block is cut in place, a longer one copied. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const { space, tree } = this;
    const { previous } = request;
    const before = space.length(previous);
    const order = this.orderFor(bytes, 0);
    const length = 2 ** order * this.page;
    if (length > before) {
      const to = this.allocate(bytes, 0, request);
      if (to !== REFUSED) this.release(previous);
      return to;
    }
    if (length < before) {
      tree.trim(address / this.page, this.orderOf(before), order);
      space.resize(previous, address, length);
      this.trigger.freed();
    }
    this.said.set(length < before ? "trimmed" : "stays", length);
    return address;
  }

  collect(cause: Cause): void {
    this.run(cause, ALL);
  }

  need(bytes: number, align: number): number {
    return 2 ** this.orderFor(bytes, align) * this.page;
  }

  override blockLength(address: Address): number {
    return this.space.length(this.tree.slotAt(address / this.page));
  }

  internals(show: InternalsSink): void {
    this.tree.show(show, this.page);
  }

  validate(): void {
    const free = this.tree.validate(this.space, this.page) * this.page;
    if (free !== this.space.holeBytes)
      throw new SpaceError(`the lists hold ${free} bytes, the holes ${this.space.holeBytes}`);
  }

  /** One run of compaction, until a block of order `wanted` is free, or the scanners meet. */
  private run(cause: Cause, wanted: number): void {
    const { space } = this;
    space.beginCollection(cause);
    this.releaseDead();
    this.migrate(wanted);
    this.trigger.collected();
    space.endCollection();
  }

  private migrate(wanted: number): void {
    const { space, tree, page } = this;
    const least = wanted === ALL ? this.pageblock : Math.min(wanted, this.pageblock);
    let passed = 0;
    this.scanners.begin();
    for (let node = space.next(space.heap); node !== space.heap; passed++) {
      if (wanted !== ALL && tree.free >>> wanted !== 0) break;
      const from = space.start(node) / page;
      if (from >= this.scanners.position) break;
      const slot = node;
      node = space.next(node);
      if (slot < 0 || space.state(slot) !== State.live || this.isPinned(slot)) continue;
      const order = this.orderOf(space.length(slot));
      if (order >= least) continue;
      // Holes behind the block may be joined by it: what follows them is where the scanner goes on.
      const next = node < 0 ? space.next(node) : node;
      const to = this.scanners.take(order, from + (1 << order));
      if (to < 0) break;
      space.move(slot, to * page);
      tree.hold(to, slot);
      tree.give(from, order, true);
      space.count(Cost.updatedReferences, 1 << order);
      space.count(Cost.touchedWords, (1 << order) + 2 * Math.ceil(space.length(slot) / WORD));
      node = next;
    }
    this.scanners.release();
    space.count(Cost.scannedWords, passed);
    space.count(Cost.touchedWords, passed);
  }

  protected release(slot: Slot): void {
    const { space, tree } = this;
    const length = space.length(slot);
    const row = tree.give(space.start(slot) / this.page, this.orderOf(length), true);
    this.said.set("freed", length, 2 ** tree.order(row) * this.page);
    space.give(slot);
    this.trigger.freed();
  }

  private isPinned(slot: Slot): boolean {
    return this.space.graph.on && this.space.graph.isPinned(slot);
  }

  private orderFor(bytes: number, align: number): number {
    return this.orderOf(Math.max(bytes, align, 1));
  }

  /** Order of the least block that has `bytes`, 1 .. 2^32. */
  private orderOf(bytes: number): number {
    return 32 - Math.clz32((bytes - 1) >>> this.shift);
  }

  private grow(length: number): boolean {
    const { space, tree } = this;
    const end = tree.end * this.page;
    const last = space.previous(space.heap);
    const below = end - (end % length);
    // The free end, if there is one, begins below a multiple of the length only where its blocks can make up for it.
    const start = last < 0 && space.start(last) <= below ? below : roundUp(end, length);
    if (space.extend(start + length - end) === 0) return false;
    tree.extend((start + length) / this.page);
    return true;
  }
}

export const pageMigration = definePolicy<typeof OPTIONS>({
  name: "page-migration",
  family: "collectors",
  summary:
    "Buddy blocks of pages; when an order runs out, migrates blocks from the bottom to free places at the top.",
  source:
    "Linux 6.10, mm/compaction.c (compact_zone, isolate_migratepages, isolate_freepages, compaction_alloc) and " +
    "mm/page_alloc.c; Corbet, Memory compaction, LWN.net, January 2010, on Gorman's patches",
  departs:
    "One zone, of movable pages and pinned ones only: no migrate types, pageblock skip hints, per-processor lists or watermarks, and both " +
    "scanners begin anew with each run. A run that fails is not begun again before something is freed, where Linux defers by powers " +
    "of two. Memory may be added by blocks (hotplug). With references, what roots reach lives, which a kernel does not ask.",
  facts: {
    author: "Mel Gorman, Linux 2.6.35, 2010",
    ships: "Linux, for huge pages and other blocks of high order",
    header: "none, as the kernel's struct page lies elsewhere; and the rest of a power of two pages",
    alignment: "blocks at multiples of their length, of a page at least",
    order:
      "a list for each power of two, last freed first; halves the head of the first list that has a block",
    coalescing: "at once, with the buddy only; and by migrating what lies between",
    bound: "none known with pinned pages; none of it moved, that of binary buddies, M(1 + log2 n)",
    steps: "lists looked at, from the request's own order up to the first that has a block",
  },
  collecting: {
    passes: "1 at most, by two scanners until they meet: blocks from below, places from above",
    extra: "none: isolated blocks are linked through their struct pages",
    order: "in place; moved ones in free blocks from the top down",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "never",
  options: OPTIONS,
  granule: ({ page }) => granuleFor(page),
  reasons: REASONS,
  create: (space, options) => new PageMigration(space, options),
});
