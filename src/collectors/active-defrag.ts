/**
 * Active defragmentation, as Redis and Valkey do it on jemalloc: slabs of size classes, and now and then a pass over all
 * objects that allocates anew each one that lies in a slab emptier than the others of its class. What empties goes.
 *
 *   region   the lowest free one of the lowest slab of its class that has one
 *   moved    out of a slab that is sparse: slab-defragmentation.ts says which are
 *   a pass   every so many requests, if free regions are more than `threshold` percent of what is allocated
 *
 * Words touched: 1 a live object, the counts of its slab (scannedWords); 2 a word copied; and 1 a reference rewritten:
 * those of the graph, and where the trace has none the one that owns the object. There is nothing to mark under malloc;
 * where the trace has references, a pass marks first, and frees what is dead.
 */
import {
  Cause,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Request,
  roundUp,
} from "../allocators/contract.ts";
import type { Options } from "../options/options.ts";
import type { Column } from "../space/columns.ts";
import { Cost } from "../space/cost.ts";
import type { Address, Slot, Space } from "../space/space.ts";
import { FreeingCollector } from "./freeing-collector.ts";
import { jemallocClasses, sizeClass } from "./jemalloc-classes.ts";
import { SizeSpans } from "./size-spans.ts";
import { SlabDefragmentation } from "./slab-defragmentation.ts";

const OPTIONS = {
  page: {
    type: "integer",
    default: 4096,
    min: 256,
    max: 16384,
    unit: "bytes",
    powerOfTwo: true,
    about: "bytes of a page; slabs are the least pages that regions of their class fill",
  },
  every: {
    type: "integer",
    default: 1000,
    min: 0,
    max: 1 << 24,
    about: "requests and frees from one look at the fragmentation to the next; 0: never",
  },
  threshold: {
    type: "integer",
    default: 10,
    min: 0,
    max: 1000,
    unit: "percent",
    about: "bytes of free regions, in percent of allocated ones, from which on a pass runs",
  },
  ignore: {
    type: "integer",
    default: 16384,
    min: 0,
    max: 1 << 30,
    unit: "bytes",
    about: "bytes of free regions below which no pass runs; 100 MiB in Redis",
  },
} as const;

const REASONS = {
  region: "the lowest free region of {0} bytes of the lowest slab that has one: [{1}, {2})",
  slab: "no slab of {0} bytes had a free region: a new one, and [{1}, {2})",
  pages: "{0} bytes are more than the largest class of slabs: pages of their own, [{1}, {2})",
  refused: "no run of pages is left for {0} bytes",
  stays: "the new length is of the same class: {0} bytes",
  freed: "the region [{0}, {1}) is free",
  died: "[{0}, {1}) is garbage until the next pass",
};

const EVENTS = 0;
const RUNS = 1;

class ActiveDefrag extends FreeingCollector<keyof typeof REASONS> {
  private readonly options: Options<typeof OPTIONS>;
  private readonly spans: SizeSpans;
  private readonly largest: number;
  /** kinds[bytes / 8]: the class of that size. */
  private readonly kinds: Int32Array;
  private readonly defragmentation: SlabDefragmentation;
  /** [requests and frees since the last look; bytes of large runs]. */
  private readonly state: Column<Float64Array>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    super(space, 0, REASONS);
    this.options = options;
    const classes = jemallocClasses(options.page);
    this.largest = classes[classes.length - 1].size;
    this.kinds = new Int32Array(this.largest / 8 + 1);
    for (const [kind, { size }] of classes.entries()) this.kinds[size / 8] = kind;
    this.spans = new SizeSpans(space, options.page, classes);
    this.defragmentation = new SlabDefragmentation(space, this.spans);
    this.state = space.columns.float64(2);
  }

  allocate(bytes: number, align: number, { slot }: Request): Address {
    this.tick();
    return this.put(bytes, align, slot);
  }

  override free(address: Address, request: Request): void {
    super.free(address, request);
    this.tick();
  }

  reallocate(_address: Address, bytes: number, { slot, previous }: Request): Address {
    this.tick();
    const { space } = this;
    this.recent.note(previous);
    this.said.set("stays", space.length(previous));
    if (this.need(bytes, 0) === space.length(previous)) return space.start(previous);
    const to = this.put(bytes, 0, slot);
    if (to !== REFUSED) this.release(previous);
    return to;
  }

  /** A pass over everything. */
  collect(cause: Cause): void {
    const { space } = this;
    space.beginCollection(cause);
    this.releaseDead();
    this.defragmentation.run();
    space.endCollection();
  }

  need(bytes: number, align: number): number {
    const size = sizeClass(align > 8 ? roundUp(Math.max(bytes, 1), align) : bytes);
    return size <= this.largest && align <= this.options.page ? size : roundUp(size, this.options.page);
  }

  internals(show: InternalsSink): void {
    const { spans } = this;
    for (const [kind, { size, pages }] of spans.classes.entries()) {
      if (spans.openSpans(kind) === 0) continue;
      show.list(`slabs of ${size}`);
      for (let n = 1; n <= spans.openSpans(kind); n++)
        show.entry(spans.openSpan(kind, n) * spans.page, pages * spans.page, "partial slab");
    }
    show.list("pages");
    spans.runs.show(show);
  }

  validate(): void {
    this.spans.validate();
  }

  private put(bytes: number, align: number, slot: Slot): Address {
    const { space, spans } = this;
    const size = this.need(bytes, align);
    let start: number;
    if (size <= this.largest && align <= this.options.page) {
      const kind = this.kinds[size / 8];
      const fresh = spans.openSpans(kind) === 0;
      const page = fresh ? spans.add(kind) : spans.openSpan(kind, 1);
      space.count(Cost.searchSteps, 1);
      if (page < 0) return this.refuse(size);
      start = spans.put(page, spans.firstFree(page), slot);
      this.said.set(fresh ? "slab" : "region", size, start, start + size);
    } else {
      const page = spans.runs.take(size / spans.page, align);
      if (page < 0) return this.refuse(size);
      start = page * spans.page;
      this.state.data[RUNS] += size;
      this.said.set("pages", size, start, start + size);
    }
    space.claim(slot, start, size);
    this.recent.note(slot);
    return start;
  }

  private refuse(size: number): Address {
    this.said.set("refused", size);
    return REFUSED;
  }

  protected release(slot: Slot): void {
    const { space, spans } = this;
    const start = space.start(slot);
    const length = space.length(slot);
    const page = spans.pageOf(start);
    space.give(slot);
    if (spans.kind(page) < 0) {
      this.state.data[RUNS] -= length;
      spans.giveRun(page);
    } else spans.vacate(page, spans.indexOf(page, start));
  }

  /** Looks at the fragmentation, if it is time. */
  private tick(): void {
    const { every, threshold, ignore } = this.options;
    const state = this.state.data;
    if (every === 0 || ++state[EVENTS] < every) return;
    state[EVENTS] = 0;
    const { spans } = this;
    let free = 0;
    let allocated = state[RUNS];
    for (const [kind, { size, capacity }] of spans.classes.entries()) {
      const objects = spans.objects(kind);
      allocated += objects * size;
      free += (spans.spans(kind) * capacity - objects) * size;
    }
    if (free > ignore && free * 100 >= threshold * allocated) this.collect(Cause.step);
  }
}

export const activeDefrag = definePolicy<typeof OPTIONS>({
  name: "active-defrag",
  family: "collectors",
  summary:
    "Slabs of size classes; now and then allocates anew what lies in the sparse ones, and gives these back.",
  source:
    "Valkey 8.1, src/defrag.c and src/allocator_defrag.c (makeDefragDecision); Redis 7, src/defrag.c, and its jemalloc 5, " +
    "jemalloc_internal_inlines_c.h (iget_defrag_hint); size classes and slabs of jemalloc 5 (src/sc.c, src/arena.c)",
  departs:
    "A pass is one pause over all slabs, the highest first; Redis goes through its keys in steps of a few milliseconds, by share of the " +
    "processor. Counts are those of the moment, not of the pass's start. No thread caches; an empty slab goes at once, and its " +
    "pages are given back without decay. Pinned objects stay. With references, what roots reach lives, which Redis has no need to ask.",
  facts: {
    author: "Oran Agra, Redis 4.0, 2017; jemalloc by Jason Evans, 2005",
    ships: "Redis and Valkey, where activedefrag is on",
    header: "none; and the rest of the class",
    alignment: "8 bytes; a region at a multiple of the largest power of two in its size",
    order: "the lowest free region of the lowest slab of the class that has one",
    coalescing: "never in slabs; a slab that is empty goes back to the pages",
    bound: "none known; between passes one live object can hold a whole slab",
    steps: "one for each request of a class, and runs of pages in use that are passed to make a slab",
  },
  collecting: {
    passes: "1: each object is looked at, and moves if its slab is sparse",
    extra: "none: what moves goes to a free region",
    order: "in place; moved ones in the lowest free region of their class",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: false, compacts: false }),
  coalesces: () => "never",
  options: OPTIONS,
  granule: () => 8,
  reasons: REASONS,
  create: (space, options) => new ActiveDefrag(space, options),
});
