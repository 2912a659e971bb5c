/**
 * The thread cache: for each of 64 sizes the chunks freed last, at most `limit`, last in, first out. They count as in
 * use: nothing merges with them. malloc and free begin here; calloc, realloc and memalign only fill it. O(1).
 *
 *   bin   = units - smallest: chunks of up to 1040 bytes (64 bits) or 1024 (32 bits)
 *   count = chunks in the bin, <= limit; CLOSED, and so without room, until the cache's table has its place in the heap
 *   entry = row << shift | arena: a thread frees what others have asked for, so one list may have chunks of every arena;
 *           with one arena shift = 0, and an entry is a row
 *
 * Every thread has one; they lie side by side here, 64 bins each, and one of them is in use.
 */
import { CACHE_COUNTS, CACHE_HEADS, CACHE_LIMIT } from "../../kernel/glibc-registers.ts";
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column } from "../../space/columns.ts";
import { type Space, SpaceError } from "../../space/space.ts";
import { type Chunks, FORWARD, PLACE, Place, type Row, STRIDE } from "./chunks.ts";
import { CACHES, type Layout } from "./layout.ts";

/** More than any limit. */
const CLOSED = 65536;

export class ThreadCache {
  readonly limit: number;
  /** By arena. */
  private readonly owners: readonly Chunks[];
  private readonly shift: number;
  /** The first bin of the cache in use. */
  private at = 0;
  private readonly smallest: number;
  private readonly heads: Column<Int32Array>;
  private readonly counts: Column<Int32Array>;

  /** Keeps at most `limit` chunks of a size, of those arenas. */
  constructor(space: Space, owners: readonly Chunks[], layout: Layout, limit: number) {
    this.limit = limit;
    this.owners = owners;
    this.shift = 32 - Math.clz32(owners.length - 1);
    this.smallest = layout.smallest;
    this.heads = space.columns.int32(CACHES);
    this.counts = space.columns.int32(CACHES, CLOSED);
  }

  bind(registers: Registers): void {
    registers.set(OF_POLICY + CACHE_LIMIT, this.limit);
    registers.point(OF_POLICY + CACHE_HEADS, this.heads.data);
    registers.point(OF_POLICY + CACHE_COUNTS, this.counts.data);
  }

  /** From now on that of `thread` is in use, 0 .. 2^24. */
  use(thread: number): void {
    this.at = thread * CACHES;
    this.heads.grow(this.at + CACHES);
    this.counts.grow(this.at + CACHES);
  }

  get isOpen(): boolean {
    return this.counts.data[this.at] !== CLOSED;
  }

  /** The table has its place. */
  open(): void {
    this.counts.data.fill(0, this.at, this.at + CACHES);
  }

  hasRoom(units: number): boolean {
    const bin = units - this.smallest;
    return bin < CACHES && this.counts.data[this.at + bin] < this.limit;
  }

  /** A chunk of the arena that has `chunks`. There is room for it. */
  put(chunks: Chunks, row: Row, units: number): void {
    const bin = this.at + units - this.smallest;
    const heads = this.heads.data;
    const rows = chunks.rows.data;
    rows[row * STRIDE + FORWARD] = heads[bin];
    rows[row * STRIDE + PLACE] = Place.cache;
    heads[bin] = (row << this.shift) | chunks.arena;
    this.counts.data[bin]++;
  }

  /** The entry of that size that came last, or 0. */
  get(units: number): number {
    const size = units - this.smallest;
    if (size >= CACHES) return 0;
    const bin = this.at + size;
    const heads = this.heads.data;
    const entry = heads[bin];
    if (entry === 0) return 0;
    heads[bin] = this.after(entry);
    this.counts.data[bin]--;
    return entry;
  }

  row(entry: number): Row {
    return entry >> this.shift;
  }

  /** The number of the arena that has the chunk. */
  arena(entry: number): number {
    return entry & ((1 << this.shift) - 1);
  }

  /** Calls `visit` with each open cache's thread, each size in it and its entries, last in first. */
  walk(visit: (thread: number, units: number, entries: readonly number[]) => void): void {
    const counts = this.counts.data;
    this.heads.data.forEach((head, bin) => {
      if (counts[bin] === CLOSED) return;
      const entries: number[] = [];
      for (let entry = head; entry !== 0; entry = this.after(entry)) entries.push(entry);
      if (entries.length !== counts[bin] || entries.length > this.limit)
        throw new SpaceError(
          `the thread cache counts ${counts[bin]} chunks in bin ${bin}, which has ${entries.length}`,
        );
      if (entries.length > 0) visit(Math.floor(bin / CACHES), (bin % CACHES) + this.smallest, entries);
    });
  }

  private after(entry: number): number {
    return this.owners[this.arena(entry)].rows.data[this.row(entry) * STRIDE + FORWARD];
  }
}
