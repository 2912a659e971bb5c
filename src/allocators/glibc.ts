/**
 * ptmalloc, the malloc of the GNU C library: a thread cache over fastbins over bins over top, and mmap for what is
 * large. Allocation is O(1) from the cache, the fastbins and the small bins; else it first files what was freed since.
 *
 * glibc/layout.ts says how a chunk lies in memory, glibc/arena.ts in which order free chunks are tried. Here is what a
 * program can call, and the space is told. Free chunks that touch are one hole of the space, merged or not.
 */

import { LIMIT, WORD } from "../kernel/glibc-registers.ts";
import type { Registers } from "../kernel/kernel.ts";
import { OF_POLICY } from "../kernel/registers.ts";
import type { Options } from "../options/options.ts";
import type { Column } from "../space/columns.ts";
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
import { type Arena, Found, NONE } from "./glibc/arena.ts";
import { Arenas } from "./glibc/arenas.ts";
import { Layout, UNIT } from "./glibc/layout.ts";
import { type Mallinfo, mallinfo, showLists } from "./glibc/mallinfo.ts";
import { MappedChunks } from "./glibc/mapped-chunks.ts";
import { REASONS, Reasons } from "./glibc/reasons.ts";
import { THRESHOLDS, Thresholds } from "./glibc/thresholds.ts";
import { validateArenas } from "./glibc/validate.ts";
import { RecentBlock } from "./parts/recent-block.ts";

const OPTIONS = {
  bits: {
    type: "choice",
    default: "64",
    choices: ["32", "64"],
    about: "word size: headers, the smallest chunk and the bins follow from it",
  },
  tcache: {
    type: "integer",
    default: 7,
    min: 0,
    max: 65535,
    about: "glibc.malloc.tcache_count: chunks of a size that the thread cache keeps; 0 turns it off",
  },
  ...THRESHOLDS,
  arenas: {
    type: "integer",
    default: 1,
    min: 1,
    max: 64,
    about:
      "glibc.malloc.arena_max: arenas that the threads of a trace share, each thread with a cache of its own, as if none " +
      "ever waited for another; glibc's own limit is 8 a core (32 bits: 2). 1: all threads are taken for one",
  },
  "malloc-trim": {
    type: "integer",
    default: 0,
    min: 0,
    max: 1000000000,
    unit: "events",
    about: "the program calls malloc_trim(0) after every so many events; 0: never",
  },
} as const;

export class Glibc implements Allocator {
  private readonly space: Space;
  private readonly layout: Layout;
  private readonly arenas: Arenas;
  private readonly mapped: MappedChunks;
  /** Of mapped ones. */
  private readonly recent: RecentBlock;
  private readonly thresholds: Thresholds;
  /** Events between two calls of malloc_trim. */
  private readonly trimEvery: number;
  /** [event before which malloc_trim is called next]. */
  private readonly trimAt: Column<Float64Array>;
  private readonly why: Reasons;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.layout = new Layout(options.bits);
    this.thresholds = new Thresholds(space, this.layout.word, options);
    this.arenas = new Arenas(space, options.bits, this.thresholds, options.arenas, options.tcache);
    this.mapped = new MappedChunks(space, this.layout, this.thresholds, this.arenas.heaps);
    this.recent = new RecentBlock(space);
    this.trimEvery = options["malloc-trim"];
    this.trimAt = space.columns.float64(1, this.trimEvery);
    this.why = new Reasons();
  }

  allocate(bytes: number, align: number, request: Request): Address {
    if (this.trimEvery > 0) this.trimWhenDue(request.event);
    if (align > UNIT) return this.allocateAligned(bytes, align, request);
    const arena = this.opened(request.thread);
    const units = this.layout.units(bytes);
    // calloc does not look into the thread cache.
    return request.zeroed ? this.find(arena, units, request.slot) : this.malloc(arena, units, request.slot);
  }

  free(address: Address, request: Request): void {
    if (this.trimEvery > 0) this.trimWhenDue(request.event);
    const slot = request.previous;
    const space = this.space;
    if (this.mapped.has(address)) {
      const start = space.start(slot);
      const end = space.end(slot);
      this.mapped.free(slot, address);
      this.why.set("unmapped", start, end, this.thresholds.mmap);
      return;
    }
    this.opened(request.thread);
    const arena = this.arenas.owner(address);
    const size = space.length(slot) / UNIT;
    const hole = space.give(slot);
    const start = arena.layout.unit(address);
    this.why.given(arena, arena.give(start, size, hole), start, size);
  }

  /** In place where the chunk, or it with top or a free one behind, is long enough. The thread cache is not asked. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    if (this.trimEvery > 0) this.trimWhenDue(request.event);
    const units = this.layout.units(bytes);
    if (this.mapped.has(address)) return this.remap(address, units, request);
    this.opened(request.thread);
    const arena = this.arenas.owner(address);
    const slot = request.previous;
    const { top, bins, chunks } = arena;
    const start = arena.layout.unit(address);
    const size = this.space.length(slot) / UNIT;
    if (size >= units) return this.settle(arena, slot, start, size, units);
    const end = start + size;
    if (end === top.start) {
      if (top.holds(units - size)) {
        top.take(units - size);
        return this.settle(arena, slot, start, units, units);
      }
    } else {
      const next = chunks.binned(end);
      const room = next === 0 ? 0 : size + chunks.size(next);
      if (room >= units) {
        bins.remove(next);
        chunks.drop(next);
        return this.settle(arena, slot, start, room, units);
      }
    }
    return this.move(arena, start, size, units, request);
  }

  bind(registers: Registers): void {
    registers.set(OF_POLICY + WORD, this.layout.word);
    registers.set(OF_POLICY + LIMIT, this.space.limit / this.space.granule);
    this.arenas.main.bind(registers);
  }

  /** The chunk's size. memalign asks for a longer one first, and frees what it does not need. */
  need(bytes: number): number {
    return this.layout.units(bytes) * UNIT;
  }

  blockStart(address: Address): Address {
    return this.space.start(this.slotAt(address));
  }

  blockLength(address: Address): number {
    return this.space.length(this.slotAt(address));
  }

  place(address: Address): string {
    return this.mapped.has(address) ? "m" : this.arenas.place(address);
  }

  /** What the C library's mallinfo2() would say now. */
  mallinfo(): Mallinfo {
    return mallinfo(this.arenas, this.mapped);
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    showLists(this.arenas, show);
  }

  validate(): void {
    validateArenas(this.arenas, this.space);
  }

  /** The arena of `thread`, whose cache has its table, as it has from the thread's first call on. */
  private opened(thread: number): Arena {
    const { arenas, layout } = this;
    const arena = arenas.of(thread, layout.table * UNIT);
    if (!arenas.cache.isOpen) arena.open();
    return arena;
  }

  private malloc(arena: Arena, units: number, slot: Slot): Address {
    const { all, cache } = this.arenas;
    const entry = cache.get(units);
    if (entry === 0) return this.find(arena, units, slot);
    const owner = all[cache.arena(entry)];
    return this.choose(owner, owner.cached(cache.row(entry), units), units, slot);
  }

  /** From what the arena has, else mapped, else from the system; at last from the main arena. */
  private find(arena: Arena, units: number, slot: Slot): Address {
    let start = arena.take(units);
    if (start === NONE) {
      const address = this.map(arena, units, slot);
      if (address !== REFUSED) return address;
      start = this.grow(arena, units);
      if (start === NONE && arena !== this.arenas.main) return this.find(this.arenas.main, units, slot);
    }
    return this.choose(arena, start, units, slot);
  }

  /** realloc to another chunk, or to the one behind, if it is that which is found: then nothing needs to be copied. */
  private move(arena: Arena, start: number, size: number, units: number, request: Request): Address {
    const { slot, previous } = request;
    let to = arena.take(units);
    let address = REFUSED;
    if (to === NONE) {
      address = this.map(arena, units, slot);
      if (address === REFUSED) to = this.grow(arena, units);
    }
    if (to === start + size) {
      this.count(arena);
      return this.settle(arena, previous, start, size + arena.size, units);
    }
    if (address === REFUSED)
      address =
        to === NONE && this.arenas.heaps
          ? this.malloc(this.opened(request.thread), units, slot)
          : this.choose(arena, to, units, slot);
    if (address === REFUSED) return REFUSED;
    arena.give(start, size, this.space.give(previous));
    return address;
  }

  /** Puts `slot` into the chunk that the arena found at `start`; refused if it found none. */
  private choose(arena: Arena, start: number, units: number, slot: Slot): Address {
    this.count(arena);
    if (start === NONE) {
      this.why.set("refused", units * UNIT, arena.top.size);
      return REFUSED;
    }
    const { chunks, layout, size, top } = arena;
    chunks.place(start, size, slot, top.start, top.segment);
    this.why.placed(arena, units, start, size);
    return layout.payload(start);
  }

  /** A chunk of its own for `slot`, if it is long enough for that; else REFUSED. `arena` has none for it. */
  private map(arena: Arena, units: number, slot: Slot): Address {
    if (!this.mapped.wants(units)) return REFUSED;
    const address = this.mapped.map(units, slot);
    if (address === REFUSED) return REFUSED;
    this.count(arena);
    const { mmap } = this.thresholds;
    this.why.set("mapped", units * UNIT, mmap, this.space.start(slot), this.space.end(slot));
    return address;
  }

  /** A chunk of `units` from top, after the arena has got more memory; NONE if the system has no more. */
  private grow(arena: Arena, units: number): number {
    return arena.top.grow(units) ? arena.fromTop(units, Found.grown) : NONE;
  }

  /** The block of `slot` now has the chunk [start, start + size): it keeps `units`, and the rest, if a chunk, is freed. */
  private settle(arena: Arena, slot: Slot, start: number, size: number, units: number): Address {
    const space = this.space;
    const before = space.length(slot);
    const rest = size - units;
    const kept = rest < this.layout.smallest ? size : units;
    const block = arena.layout.block(start);
    arena.chunks.use(start, kept, slot);
    if (kept * UNIT !== before) space.resize(slot, block, kept * UNIT);
    if (kept !== size) arena.give(start + units, rest, space.next(slot));
    this.why.set("stays", block, before, kept * UNIT, units * UNIT);
    return arena.layout.payload(start);
  }

  /** memalign: a chunk long enough for a lead, an aligned payload and a rest; lead and rest are freed. */
  private allocateAligned(bytes: number, align: number, { slot, thread }: Request): Address {
    const { smallest } = this.layout;
    const units = this.layout.units(bytes);
    const most = units + smallest + this.layout.units(align);
    let arena = this.arenas.of(thread, bytes + align + smallest * UNIT);
    let start = arena.take(most);
    if (start === NONE) {
      const address = this.map(arena, most, slot);
      if (address !== REFUSED) return this.aligned(address, align);
      start = this.grow(arena, most);
      if (start === NONE && arena !== this.arenas.main) {
        arena = this.arenas.main;
        start = arena.take(most);
        if (start === NONE) start = this.grow(arena, most);
      }
    }
    if (start === NONE) return this.choose(arena, NONE, most, slot);
    this.count(arena);
    const { chunks, layout, top } = arena;
    const aligned = layout.unit(this.aligned(layout.payload(start), align));
    const rest = arena.size - (aligned - start) - units;
    const kept = rest > smallest ? units : units + rest;
    chunks.use(aligned, units + rest, slot);
    if (aligned > start) arena.give(start, aligned - start);
    if (rest > smallest) {
      chunks.use(aligned, units, slot);
      arena.give(aligned + units, rest);
    }
    chunks.place(aligned, kept, slot, top.start, top.segment);
    this.why.placed(arena, most, aligned, kept);
    return layout.payload(aligned);
  }

  /** The first multiple of `align` from `address` on that leaves nothing, or a smallest chunk, before it. */
  private aligned(address: Address, align: number): Address {
    const aligned = roundUp(address, align);
    const short = aligned > address && aligned - address < this.layout.smallest * UNIT;
    return short ? aligned + align : aligned;
  }

  /** By mremap; where that fails, as it is if it holds `units`, else by a new chunk. */
  private remap(address: Address, units: number, request: Request): Address {
    const space = this.space;
    const slot = request.previous;
    const before = space.length(slot);
    this.recent.note(slot);
    const to = this.mapped.remap(slot, address, units, request.slot);
    if (to !== REFUSED) {
      const after = space.length(to === address ? slot : request.slot);
      this.why.set("remapped", before, after, units * UNIT);
      return to;
    }
    if (this.mapped.size(slot, address) - this.layout.word >= units * UNIT) {
      this.why.set("stays", space.start(slot), before, before, units * UNIT);
      return address;
    }
    const moved = this.malloc(this.opened(request.thread), units, request.slot);
    if (moved !== REFUSED) this.mapped.unmap(slot);
    return moved;
  }

  private slotAt(address: Address): Slot {
    if (this.mapped.has(address)) return this.recent.at(address);
    const { chunks, layout } = this.arenas.owner(address);
    return -chunks.tag(layout.unit(address));
  }

  private count({ bins }: Arena): void {
    if (bins.looked > 0) this.space.count(Cost.searchSteps, bins.looked);
    bins.looked = 0;
  }

  private trimWhenDue(event: number): void {
    if (event < this.trimAt.data[0]) return;
    this.trimAt.data[0] = event - (event % this.trimEvery) + this.trimEvery;
    for (const arena of this.arenas.all) arena.trim();
  }
}

export const glibc = definePolicy<typeof OPTIONS>({
  name: "glibc",
  family: "segregated fits",
  summary:
    "The malloc of the GNU C library: thread cache, fastbins, sorted bins, top, and mmap for large chunks.",
  source:
    "ptmalloc of glibc 2.36, malloc/malloc.c and malloc/arena.c, default tunables; its wiki, MallocInternals; Doug Lea, " +
    "A Memory Allocator, 2000; Wolfram Gloger, ptmalloc2, 2006",
  departs:
    "By default the threads of a trace are taken for one, with the main arena only; arenas by thread know no contention and " +
    "no thread that ends; so they are held to recordings of threads that take turns, on 64 bits alone. sbrk always continues the heap and mmap always has room, and both begin at " +
    "multiples of every alignment. In a heap of fixed size there is no mmap, so that all threads share the main arena, and the last sbrk gives what is left where " +
    "it has less than the pad asks for. realloc to 0 bytes is realloc to a " +
    "smallest chunk, where glibc frees and returns NULL.",
  facts: {
    author:
      "Doug Lea; Wolfram Gloger (ptmalloc), 1996 to 2006; the GNU C library; thread cache by DJ " +
      "Delorie, 2017",
    ships: "nearly every Linux distribution but those on musl, such as Alpine",
    header: "w = 4 or 8 bytes: the size word",
    alignment: "16 bytes",
    order:
      "thread cache and fastbins, last freed first; unsorted chunks, filed oldest first; small bins, " +
      "first freed first; large bins, best fit; top",
    coalescing:
      "deferred: cached chunks never, fast ones when a large request or a large free asks for it, all " +
      "others at once",
    bound: "none known",
    steps:
      "chunks looked at: one of the cache, of a fastbin, of a small bin, of a bin above; each unsorted " +
      "chunk and each size passed in large bins; top",
  },
  kind: "allocator",
  coalesces: () => "deferred",
  options: OPTIONS,
  granule: (options) => (options.bits === "32" ? 4 : 8),
  // malloc_trim comes before an event, as often as the number of the event says; and the kernel knows one arena.
  kernel: (options) => (options["malloc-trim"] === 0 && options.arenas === 1 ? "glibc" : undefined),
  reasons: REASONS,
  create: (space, options) => new Glibc(space, options),
});
