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
import { Arena, Found, NONE } from "./glibc/arena.ts";
import { Chunks } from "./glibc/chunks.ts";
import { Layout, UNIT } from "./glibc/layout.ts";
import { type Mallinfo, mallinfo, showLists } from "./glibc/mallinfo.ts";
import { MappedChunks } from "./glibc/mapped-chunks.ts";
import { REASONS, Reasons } from "./glibc/reasons.ts";
import { THRESHOLDS, Thresholds } from "./glibc/thresholds.ts";
import { validateArena } from "./glibc/validate.ts";
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
  private readonly chunks: Chunks;
  private readonly arena: Arena;
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
    this.chunks = new Chunks(space, this.layout);
    this.arena = new Arena(space, this.chunks, this.layout, this.thresholds, options.tcache);
    this.mapped = new MappedChunks(space, this.layout, this.thresholds);
    this.recent = new RecentBlock(space);
    this.trimEvery = options["malloc-trim"];
    this.trimAt = space.columns.float64(1, this.trimEvery);
    this.why = new Reasons(this.arena, this.layout);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    if (this.trimEvery > 0) this.trimWhenDue(request.event);
    if (align > UNIT) return this.allocateAligned(bytes, align, request.slot);
    if (!this.arena.cache.isOpen) this.arena.open();
    // calloc does not look into the thread cache.
    return this.malloc(this.layout.units(bytes), request.slot, !request.zeroed);
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
    if (!this.arena.cache.isOpen) this.arena.open();
    const size = space.length(slot) / UNIT;
    const hole = space.give(slot);
    const start = this.layout.unit(address);
    this.why.given(this.arena.give(start, size, hole), start, size);
  }

  /** In place where the chunk, or it with top or a free one behind, is long enough. The thread cache is not asked. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    if (this.trimEvery > 0) this.trimWhenDue(request.event);
    const units = this.layout.units(bytes);
    if (this.mapped.has(address)) return this.remap(address, units, request);
    if (!this.arena.cache.isOpen) this.arena.open();
    const slot = request.previous;
    const { top, bins } = this.arena;
    const start = this.layout.unit(address);
    const size = this.space.length(slot) / UNIT;
    if (size >= units) return this.settle(slot, start, size, units);
    const end = start + size;
    if (end === top.start) {
      if (top.holds(units - size)) {
        top.take(units - size);
        return this.settle(slot, start, units, units);
      }
    } else {
      const next = this.chunks.binned(end);
      const room = next === 0 ? 0 : size + this.chunks.size(next);
      if (room >= units) {
        bins.remove(next);
        this.chunks.drop(next);
        return this.settle(slot, start, room, units);
      }
    }
    return this.move(slot, start, size, units, request.slot);
  }

  bind(registers: Registers): void {
    registers.set(OF_POLICY + WORD, this.layout.word);
    registers.set(OF_POLICY + LIMIT, this.space.limit / this.space.granule);
    this.arena.bind(registers);
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
    return this.mapped.has(address) ? "m" : String(address);
  }

  /** What the C library's mallinfo2() would say now. */
  mallinfo(): Mallinfo {
    return mallinfo(this.arena, this.mapped);
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    showLists(this.arena, this.layout, show);
  }

  validate(): void {
    validateArena(this.arena, this.layout, this.space);
  }

  private malloc(units: number, slot: Slot, cached: boolean): Address {
    let start = cached ? this.arena.cached(units) : NONE;
    if (start === NONE) start = this.arena.take(units);
    if (start === NONE) {
      const address = this.map(units, slot);
      if (address !== REFUSED) return address;
      start = this.grow(units);
    }
    return this.choose(start, units, slot);
  }

  /** realloc to another chunk, or to the one behind, if it is that which is found: then nothing needs to be copied. */
  private move(slot: Slot, start: number, size: number, units: number, fresh: Slot): Address {
    let to = this.arena.take(units);
    let address = REFUSED;
    if (to === NONE) {
      address = this.map(units, fresh);
      if (address === REFUSED) to = this.grow(units);
    }
    if (to === start + size) {
      this.count();
      return this.settle(slot, start, size + this.arena.size, units);
    }
    if (address === REFUSED) address = this.choose(to, units, fresh);
    if (address === REFUSED) return REFUSED;
    this.arena.give(start, size, this.space.give(slot));
    return address;
  }

  /** Puts `slot` into the chunk that the arena found at `start`; refused if it found none. */
  private choose(start: number, units: number, slot: Slot): Address {
    const arena = this.arena;
    this.count();
    if (start === NONE) {
      this.why.set("refused", units * UNIT, arena.top.size);
      return REFUSED;
    }
    this.chunks.place(start, arena.size, slot, arena.top.start);
    this.why.placed(units, start, arena.size);
    return this.layout.payload(start);
  }

  /** A chunk of its own for `slot`, if it is long enough for that; else REFUSED. */
  private map(units: number, slot: Slot): Address {
    if (!this.mapped.wants(units)) return REFUSED;
    const address = this.mapped.map(units, slot);
    if (address === REFUSED) return REFUSED;
    this.count();
    const { mmap } = this.thresholds;
    this.why.set("mapped", units * UNIT, mmap, this.space.start(slot), this.space.end(slot));
    return address;
  }

  /** A chunk of `units` from top, after sbrk; NONE if the system has no more. */
  private grow(units: number): number {
    return this.arena.top.grow(units) ? this.arena.fromTop(units, Found.grown) : NONE;
  }

  /** The block of `slot` now has the chunk [start, start + size): it keeps `units`, and the rest, if a chunk, is freed. */
  private settle(slot: Slot, start: number, size: number, units: number): Address {
    const space = this.space;
    const before = space.length(slot);
    const rest = size - units;
    const kept = rest < this.layout.smallest ? size : units;
    const block = this.layout.block(start);
    this.chunks.use(start, kept, slot);
    if (kept * UNIT !== before) space.resize(slot, block, kept * UNIT);
    if (kept !== size) this.arena.give(start + units, rest, space.next(slot));
    this.why.set("stays", block, before, kept * UNIT, units * UNIT);
    return this.layout.payload(start);
  }

  /** memalign: a chunk long enough for a lead, an aligned payload and a rest; lead and rest are freed. */
  private allocateAligned(bytes: number, align: number, slot: Slot): Address {
    const { smallest } = this.layout;
    const units = this.layout.units(bytes);
    const arena = this.arena;
    const most = units + smallest + this.layout.units(align);
    let start = arena.take(most);
    if (start === NONE) {
      const address = this.map(most, slot);
      if (address !== REFUSED) return this.aligned(address, align);
      start = this.grow(most);
    }
    if (start === NONE) return this.choose(NONE, most, slot);
    this.count();
    const aligned = this.layout.unit(this.aligned(this.layout.payload(start), align));
    const rest = arena.size - (aligned - start) - units;
    const kept = rest > smallest ? units : units + rest;
    this.chunks.use(aligned, units + rest, slot);
    if (aligned > start) arena.give(start, aligned - start);
    if (rest > smallest) {
      this.chunks.use(aligned, units, slot);
      arena.give(aligned + units, rest);
    }
    this.chunks.place(aligned, kept, slot, arena.top.start);
    this.why.placed(most, aligned, kept);
    return this.layout.payload(aligned);
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
    if (!this.arena.cache.isOpen) this.arena.open();
    const moved = this.malloc(units, request.slot, true);
    if (moved !== REFUSED) this.mapped.unmap(slot);
    return moved;
  }

  private slotAt(address: Address): Slot {
    return this.mapped.has(address) ? this.recent.at(address) : -this.chunks.tag(this.layout.unit(address));
  }

  private count(): void {
    const { bins } = this.arena;
    if (bins.looked > 0) this.space.count(Cost.searchSteps, bins.looked);
    bins.looked = 0;
  }

  private trimWhenDue(event: number): void {
    if (event < this.trimAt.data[0]) return;
    this.trimAt.data[0] = event - (event % this.trimEvery) + this.trimEvery;
    this.arena.trim();
  }
}

export const glibc = definePolicy<typeof OPTIONS>({
  name: "glibc",
  family: "segregated fits",
  summary:
    "The malloc of the GNU C library: thread cache, fastbins, sorted bins, top, and mmap for large chunks.",
  source:
    "ptmalloc of glibc 2.36, malloc/malloc.c, main arena, default tunables; Doug Lea, A Memory Allocator, 2000; " +
    "Wolfram Gloger, ptmalloc2, 2006",
  departs:
    "One thread and the main arena only. sbrk always continues the heap and mmap always has room, and both begin at " +
    "multiples of every alignment. In a heap of fixed size there is no mmap, and the last sbrk gives what is left where " +
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
  // malloc_trim comes before an event, as often as the number of the event says.
  kernel: (options) => (options["malloc-trim"] === 0 ? "glibc" : undefined),
  reasons: REASONS,
  create: (space, options) => new Glibc(space, options),
});
