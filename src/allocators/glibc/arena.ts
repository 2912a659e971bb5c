/**
 * An arena: which free chunk serves a size, and where a freed chunk goes.
 *
 *   take   the fastbin of the size; the small bin of the size; else every unsorted chunk is filed or taken, oldest
 *          first; then the best fit of the large bin, the lowest bin above, top; fast chunks are merged when top is
 *          too short, and for every large request
 *   give   the thread cache; a fastbin; else merged with its free neighbours into the unsorted bin, or into top
 *
 * Only the tags know of it: the space is told by the policy, before memory goes back to the system.
 * searchSteps: the chunks looked at by `take`, once each time. One for a chunk of the cache, of a fastbin, of a small
 * bin, of a bin above; one for each unsorted chunk and for each size passed in large bins; one for top.
 */
import { LAST_REMAINDER } from "../../kernel/glibc-registers.ts";
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column } from "../../space/columns.ts";
import { Control, type Hole, PAGE, type Space } from "../../space/space.ts";
import { ArenaHeaps } from "./arena-heaps.ts";
import { Bins } from "./bins.ts";
import { type Chunks, FORWARD, type Row, SIZE, START, STRIDE } from "./chunks.ts";
import { FastBins } from "./fast-bins.ts";
import { HeapTop } from "./heap-top.ts";
import { BINS, type Layout, UNIT, UNSORTED } from "./layout.ts";
import type { ThreadCache } from "./thread-cache.ts";
import type { Thresholds } from "./thresholds.ts";
import { Top } from "./top.ts";

/** How a chunk was found. */
export const Found = {
  cache: 0,
  fast: 1,
  small: 2,
  unsorted: 3,
  remainder: 4,
  large: 5,
  above: 6,
  top: 7,
  grown: 8,
} as const;
export type Found = (typeof Found)[keyof typeof Found];

/** What became of a freed chunk. */
export const Kept = { cache: 0, fast: 1, unsorted: 2, top: 3 } as const;
export type Kept = (typeof Kept)[keyof typeof Kept];

/** `take` found nothing. */
export const NONE = -1;

/** Unsorted chunks that one request files at most before it looks into the bins. */
const MOST_FILED = 10_000;
/** Bytes of a merged chunk, top included, from which on fast chunks are merged and top is trimmed. */
const CONSOLIDATES = 65536;

export class Arena {
  readonly chunks: Chunks;
  readonly layout: Layout;
  readonly cache: ThreadCache;
  readonly fast: FastBins;
  readonly bins: Bins;
  readonly top: Top;
  /** Of the chunk found last: its units, how it was found, and the bytes of the chunk that it was cut from. */
  size = 0;
  found: Found = Found.cache;
  from = 0;
  /** Of the last `give`: the merged chunk, in units, and the bytes that top gave back. */
  mergedStart = 0;
  mergedSize = 0;
  trimmed = 0;
  private readonly space: Space;
  /** [unit of the remainder of the last split for a small request; -1 before there was one]. */
  private readonly lastRemainder: Column<Int32Array>;

  /** `cache`: that of the thread at work. */
  constructor(space: Space, chunks: Chunks, cache: ThreadCache, layout: Layout, thresholds: Thresholds) {
    this.space = space;
    this.chunks = chunks;
    this.layout = layout;
    this.cache = cache;
    this.fast = new FastBins(space, chunks, layout);
    this.bins = new Bins(space, chunks, layout);
    this.top =
      layout instanceof ArenaHeaps
        ? new HeapTop(space, chunks, this.bins, layout, thresholds, (start, size) => this.give(start, size))
        : new Top(space, chunks, layout, thresholds);
    this.lastRemainder = space.columns.int32(1, NONE);
  }

  bind(registers: Registers): void {
    this.chunks.bind(registers);
    this.cache.bind(registers);
    this.fast.bind(registers);
    this.bins.bind(registers);
    this.top.bind(registers);
    registers.point(OF_POLICY + LAST_REMAINDER, this.lastRemainder.data);
  }

  /** Places the thread cache's table, as the first call does that looks for the cache; tried again where it fails. */
  open(): void {
    const { table } = this.layout;
    let start = this.take(table);
    if (start === NONE && this.top.grow(table)) start = this.fromTop(table);
    this.bins.looked = 0;
    if (start === NONE) return;
    const space = this.space;
    this.chunks.use(
      start,
      this.size,
      space.reserve(this.layout.block(start), this.size * UNIT, Control.table),
    );
    this.cache.open();
  }

  /** The chunk of `row`, of exactly `units`, which the thread cache had. Returns its unit. */
  cached(row: Row, units: number): number {
    return this.whole(row, units, Found.cache);
  }

  /** A chunk of `units`, or one more where the rest is too short to be split off. Returns its unit, or NONE. */
  take(units: number): number {
    const { bins, fast, top } = this;
    const large = units >= this.layout.large;
    if (units <= this.layout.mostFast) {
      const row = fast.get(units);
      if (row !== 0) {
        this.stashFast(units);
        return this.whole(row, units, Found.fast);
      }
    }
    const bin = this.layout.bin(units);
    if (!large) {
      const row = bins.last(bin);
      if (row !== bin) {
        bins.remove(row);
        this.stashSmall(bin, units);
        return this.whole(row, units, Found.small);
      }
    } else if (fast.used) this.consolidate();
    for (;;) {
      const start = this.fromUnsorted(units, large);
      if (start !== NONE) return start;
      const fit = large ? bins.bestFit(bin, units) : 0;
      if (fit !== 0) return this.split(fit, units, Found.large);
      const above = bins.above(bin);
      if (above !== 0) return this.split(above, units, Found.above);
      if (top.holds(units) || !fast.used) break;
      this.consolidate();
    }
    return this.fromTop(units);
  }

  /** From top, as it is. Returns the chunk's unit, or NONE. */
  fromTop(units: number, found: Found = Found.top): number {
    const { top } = this;
    this.bins.looked++;
    if (!top.holds(units)) return NONE;
    this.size = units;
    this.found = found;
    this.from = top.size;
    return top.take(units);
  }

  /** Frees the chunk [start, start + size), which is in no list. The space must know that it is free: by `hole`, or 0. */
  give(start: number, size: number, hole: Hole = 0): Kept {
    this.trimmed = 0;
    const row = this.chunks.create(start, size, hole);
    if (this.cache.hasRoom(size)) {
      this.cache.put(this.chunks, row, size);
      return Kept.cache;
    }
    if (size <= this.layout.mostFast) {
      this.fast.put(row, size);
      return Kept.fast;
    }
    const kept = this.merge(row);
    const bytes = kept === Kept.top ? this.top.size : this.mergedSize * UNIT;
    if (bytes >= CONSOLIDATES) {
      if (this.fast.used) this.consolidate();
      this.trimmed = this.top.release();
    }
    return kept;
  }

  /** Merges all fast chunks with their free neighbours, size by size, last in first. */
  consolidate(): void {
    const { fast } = this;
    fast.clear();
    for (let units = this.layout.smallest; units <= this.layout.mostFast; units++)
      for (let row = fast.get(units); row !== 0; row = fast.get(units)) this.merge(row);
  }

  /** malloc_trim: merges the fast chunks, gives back the whole pages of free chunks, and what top can spare. */
  trim(): void {
    if (this.fast.used) this.consolidate();
    const { bins, chunks } = this;
    for (let bin = 0; bin < BINS; bin++)
      for (let row = bins.first(bin); row !== bin; row = chunks.rows.data[row * STRIDE + FORWARD])
        this.purge(chunks.start(row), chunks.size(row));
    this.top.trim(0);
  }

  /** The whole pages of a free chunk, behind its size and its links. */
  private purge(start: number, units: number): void {
    const from = this.layout.block(start) + 5 * this.layout.word;
    const to = this.layout.block(start) + units * UNIT - this.layout.word;
    if (Math.floor(to / PAGE) > Math.ceil(from / PAGE)) this.space.purge(from, to - from);
  }

  /** The chunk of `row`, in no list, goes with its free neighbours into the unsorted bin or into top. */
  private merge(row: Row): Kept {
    const { chunks, bins, top } = this;
    let start = chunks.start(row);
    let size = chunks.size(row);
    const before = chunks.binned(start - 1);
    if (before !== 0) {
      bins.remove(before);
      size += chunks.size(before);
      start = chunks.drop(before);
    }
    const end = start + size;
    if (end === top.start) {
      this.mergedStart = start;
      this.mergedSize = size;
      top.start = start;
      chunks.drop(row);
      return Kept.top;
    }
    const after = chunks.binned(end);
    if (after !== 0) {
      bins.remove(after);
      size += chunks.size(after);
      chunks.drop(after);
    }
    this.mergedStart = start;
    this.mergedSize = size;
    chunks.set(row, start, size);
    bins.put(row);
    return Kept.unsorted;
  }

  /**
   * Goes through the unsorted chunks, oldest first. One of the very size goes to the thread cache while that has room, to
   * be served from there at the end, or is taken at once; the others are filed. Returns a chunk's unit, or NONE.
   */
  private fromUnsorted(units: number, large: boolean): number {
    const { bins, chunks, cache } = this;
    let hits = 0;
    for (let filed = 0; filed < MOST_FILED; ) {
      const row = bins.last(UNSORTED);
      if (row === UNSORTED) break;
      bins.looked++;
      const size = chunks.size(row);
      // The only one, and the rest of a small request's chunk: small requests in a row lie side by side.
      if (
        !large &&
        size > units + this.layout.smallest &&
        chunks.start(row) === this.lastRemainder.data[0] &&
        bins.first(UNSORTED) === row
      ) {
        const start = this.lowEnd(row, units, Found.remainder);
        this.lastRemainder.data[0] = start + units;
        return start;
      }
      bins.remove(row);
      if (size !== units) {
        bins.file(row);
        filed++;
      } else if (cache.hasRoom(units)) {
        cache.put(chunks, row, units);
        hits++;
      } else return this.whole(row, units, Found.unsorted);
    }
    return hits > 0 ? this.whole(cache.row(cache.get(units)), units, Found.unsorted) : NONE;
  }

  /** Takes the binned chunk of `row`: its low end, if the rest can be a chunk, which becomes unsorted. */
  private split(row: Row, units: number, found: Found): number {
    const { bins, chunks } = this;
    bins.remove(row);
    const size = chunks.size(row);
    if (size - units < this.layout.smallest) return this.whole(row, size, found);
    const start = this.lowEnd(row, units, found);
    bins.put(row);
    if (found === Found.above && units < this.layout.large) this.lastRemainder.data[0] = start + units;
    return start;
  }

  /** The row becomes the rest of its chunk. Returns the unit of what is taken. */
  private lowEnd(row: Row, units: number, found: Found): number {
    const rows = this.chunks.rows.data;
    const start = rows[row * STRIDE + START];
    const size = rows[row * STRIDE + SIZE];
    this.chunks.set(row, start + units, size - units);
    this.size = units;
    this.found = found;
    this.from = size * UNIT;
    return start;
  }

  private whole(row: Row, size: number, found: Found): number {
    this.size = size;
    this.found = found;
    this.from = size * UNIT;
    if (found <= Found.small) this.bins.looked++;
    return this.chunks.drop(row);
  }

  /** The rest of the fastbin goes to the thread cache, as far as that has room. */
  private stashFast(units: number): void {
    const { cache, fast } = this;
    while (cache.hasRoom(units)) {
      const row = fast.get(units);
      if (row === 0) return;
      cache.put(this.chunks, row, units);
    }
  }

  /** The same for the small bin, oldest first. */
  private stashSmall(bin: number, units: number): void {
    const { cache, bins } = this;
    while (cache.hasRoom(units)) {
      const row = bins.last(bin);
      if (row === bin) return;
      bins.remove(row);
      cache.put(this.chunks, row, units);
    }
  }
}
