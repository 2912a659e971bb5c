/**
 * The slab allocator: a cache for each size class, whose objects come from slabs of one or more pages. O(1), but for
 * the search for pages when a slab is made, O(log pages).
 *
 * An object never leaves its slab's size class, so all that can be lost is the rest of its class (inside objects),
 * the slack (inside slabs), and the free objects of slabs that are not empty yet.
 */
import type { Registers } from "../kernel/kernel.ts";
import { OF_POLICY } from "../kernel/registers.ts";
import type { Options } from "../options/options.ts";
import { Cost } from "../space/cost.ts";
import type { Address, Slot, Space } from "../space/space.ts";
import {
  type Allocator,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
  roundUp,
} from "./contract.ts";
import { LastReason } from "./parts/last-reason.ts";
import { PageRuns } from "./parts/page-runs.ts";
import { SlabCaches } from "./parts/slab-caches.ts";
import { SLAB_ALIGNMENT, SLAB_CLASSES, type SlabClass, slabClasses } from "./parts/slab-classes.ts";

const OPTIONS = {
  page: {
    type: "integer",
    default: 4096,
    min: 512,
    max: 16384,
    unit: "bytes",
    powerOfTwo: true,
    about: "bytes of a page: a slab of small objects is one page, larger objects' slabs are several",
  },
  classes: SLAB_CLASSES,
  header: {
    type: "integer",
    default: 32,
    min: 0,
    max: 256,
    unit: "bytes",
    about: "bytes of a slab's header, rounded up to a multiple of 8; 32 in SunOS 5.4",
  },
  colouring: {
    type: "flag",
    default: true,
    about: "shift the objects of each new slab by 8 bytes more, within the slack",
  },
  reserve: {
    type: "integer",
    default: 1,
    min: 0,
    max: 64,
    about: "empty slabs that each cache keeps until pages run out",
  },
} as const;

const REASONS = {
  object: "the first free object of the cache of {0} bytes: a slab had one",
  slab: "the cache of {0} bytes had no free object: a new slab of {1} pages",
  reaped: "no pages were left until every empty slab was given back; then a slab for {0} bytes",
  pages: "{0} bytes are more than the largest class: {1} pages of their own",
  refused: "{0} bytes need {1} pages in a row, and there are none, not even with every empty slab given back",
  stays: "the new length is of the same class: {0} bytes",
  freed: "the object of {0} bytes goes back to its slab",
  returned:
    "the last object of a slab is gone, and the cache has empty slabs enough: {0} pages are given back",
};

class Slab implements Allocator {
  private readonly space: Space;
  private readonly page: number;
  private readonly classes: readonly SlabClass[];
  /** kindOf[(bytes + 7) / 8]: the class for so many bytes. */
  private readonly kindOf: Int32Array;
  private readonly largest: number;
  private readonly pages: PageRuns;
  private readonly caches: SlabCaches;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.page = options.page;
    this.classes = slabClasses(options.classes, options.page, roundUp(options.header, SLAB_ALIGNMENT));
    this.largest = this.classes[this.classes.length - 1].size;
    this.kindOf = space.columns.array(Int32Array, this.largest / SLAB_ALIGNMENT + 1);
    for (let i = 0; i < this.kindOf.length; i++)
      this.kindOf[i] = this.classes.findIndex(({ size }) => size >= i * SLAB_ALIGNMENT);
    this.pages = new PageRuns(space, options.page);
    this.caches = new SlabCaches(space, this.pages, this.classes, options);
    this.why = new LastReason(REASONS);
  }

  allocate(bytes: number, align: number, { slot }: Request): Address {
    const kind = this.kind(bytes, align);
    const page = kind < 0 ? this.takePages(bytes, align) : this.slabFor(kind, bytes);
    if (page < 0) return REFUSED;
    if (kind < 0) return this.claimPages(page, slot);
    const start = this.caches.claim(page, this.caches.take(page, slot), slot);
    return align <= SLAB_ALIGNMENT ? start : roundUp(start, align);
  }

  free(address: Address, { previous }: Request): void {
    this.release(address);
    this.space.give(previous);
  }

  /** In place within a class. Else the old object goes back to its slab before the space has the new one's block. */
  reallocate(address: Address, bytes: number, { slot, previous }: Request): Address {
    const length = this.space.length(previous);
    if (this.need(address - this.space.start(previous) + bytes, 0) === length) {
      this.why.set("stays", length);
      return address;
    }
    const kind = this.kind(bytes, 0);
    const page = kind < 0 ? this.takePages(bytes, 0) : this.slabFor(kind, bytes);
    if (page < 0) return REFUSED;
    const index = kind < 0 ? 0 : this.caches.take(page, slot);
    this.release(address);
    const to = kind < 0 ? this.claimPages(page, slot) : this.caches.claim(page, index, slot);
    this.space.give(previous);
    return to;
  }

  bind(registers: Registers): void {
    this.pages.bind(registers);
    registers.set(OF_POLICY + 2, this.largest);
    registers.point(OF_POLICY + 3, this.kindOf);
    this.caches.bind(registers);
  }

  need(bytes: number, align: number): number {
    const kind = this.kind(bytes, align);
    return kind < 0 ? Math.ceil(Math.max(bytes, 1) / this.page) * this.page : this.classes[kind].size;
  }

  blockStart(address: Address): Address {
    return this.space.start(this.slotAt(address));
  }

  blockLength(address: Address): number {
    return this.space.length(this.slotAt(address));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    this.caches.show(show);
    show.list("pages");
    this.pages.show(show);
  }

  validate(): void {
    this.pages.validate();
    this.caches.validate();
  }

  /** The class for a request, with room to align the payload in the object; -1 for pages. */
  private kind(bytes: number, align: number): number {
    const size = Math.max(bytes, 1) + Math.max(align - SLAB_ALIGNMENT, 0);
    return size > this.largest ? -1 : this.kindOf[(size + SLAB_ALIGNMENT - 1) >>> 3];
  }

  /** First page of a slab of the class with a free object, made if need be; -1 if none can be. */
  private slabFor(kind: number, bytes: number): number {
    this.space.count(Cost.searchSteps, 1);
    const ready = this.caches.ready(kind);
    if (ready >= 0) {
      this.why.set("object", this.caches.sizes[kind]);
      return ready;
    }
    const { size, pages } = this.classes[kind];
    let page = this.caches.add(kind);
    if (page >= 0) this.why.set("slab", size, pages);
    else {
      if (this.caches.reap()) page = this.caches.add(kind);
      if (page >= 0) this.why.set("reaped", size);
      else this.why.set("refused", bytes, pages);
    }
    return page;
  }

  private takePages(bytes: number, align: number): number {
    const count = Math.max(Math.ceil(bytes / this.page), 1);
    let page = this.pages.take(count, align);
    if (page < 0 && this.caches.reap()) page = this.pages.take(count, align);
    this.why.set(page < 0 ? "refused" : "pages", bytes, count);
    return page;
  }

  private claimPages(page: number, slot: Slot): Address {
    const start = page * this.page;
    this.space.claim(slot, start, this.pages.length(page) * this.page, this.caches.below(page));
    this.pages.note(page, slot);
    return start;
  }

  /** The object that holds `address` goes back to its slab, or its pages to the others. */
  private release(address: Address): void {
    const page = this.pages.first(address);
    const kind = this.caches.kind(page);
    if (kind < 0) {
      this.why.set("returned", this.pages.length(page));
      this.pages.give(page);
    } else if (this.caches.give(page, address)) this.why.set("returned", this.classes[kind].pages);
    else this.why.set("freed", this.caches.sizes[kind]);
  }

  private slotAt(address: Address): Slot {
    const page = this.pages.first(address);
    return this.caches.kind(page) < 0 ? this.pages.slot(page) : this.caches.slotAt(page, address);
  }
}

export const slab = definePolicy<typeof OPTIONS>({
  name: "slab",
  family: "segregated fits",
  summary: "Keeps equal objects together in slabs of pages, and gives empty slabs back.",
  source:
    "Bonwick, The Slab Allocator: An Object-Caching Kernel Memory Allocator, USENIX Summer 1994, sections 3.2 to 3.4 and 4; " +
    "order of free objects and class table as in illumos, usr/src/uts/common/os/kmem.c",
  departs:
    "Pages come from a first-fit page allocator in the same heap. Slab headers and buffer controls of objects of an eighth of " +
    "a page and more, which SunOS keeps in caches of their own, take no memory here. There are no constructors and no clock: empty slabs " +
    "go back when there are more than the reserve, or when pages run out, not after 15 seconds.",
  facts: {
    author: "Jeff Bonwick, Sun, 1994",
    ships: "SunOS 5.4 and illumos; in forms of their own Linux, FreeBSD and memcached",
    header: "none; 32 bytes a slab, an option; and the rest of the class",
    alignment: "8 bytes",
    order: "a cache for each size class, from a slab that is partly used, its object freed last",
    coalescing: "never: an object stays in its class until its whole slab is empty and given back",
    bound: "none known in pages; by its algorithm one live object can hold a whole slab",
    steps: "one for each request of a class; runs of pages that are passed to make a slab are not counted",
  },
  kind: "allocator",
  coalesces: () => "never",
  options: OPTIONS,
  granule: () => SLAB_ALIGNMENT,
  kernel: () => "slab",
  reasons: REASONS,
  create: (space, options) => new Slab(space, options),
});
