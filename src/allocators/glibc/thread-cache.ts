/**
 * The thread cache: for each of 64 sizes the chunks freed last, at most `limit`, last in, first out. They count as in
 * use: nothing merges with them. malloc and free begin here; calloc, realloc and memalign only fill it. O(1).
 *
 *   bin   = units - smallest: chunks of up to 1040 bytes (64 bits) or 1024 (32 bits)
 *   count = chunks in the bin, <= limit; CLOSED, and so without room, until the cache's table has its place in the heap
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
  private readonly chunks: Chunks;
  private readonly smallest: number;
  private readonly heads: Column<Int32Array>;
  private readonly counts: Column<Int32Array>;

  constructor(space: Space, chunks: Chunks, layout: Layout, limit: number) {
    this.limit = limit;
    this.chunks = chunks;
    this.smallest = layout.smallest;
    this.heads = space.columns.int32(CACHES);
    this.counts = space.columns.int32(CACHES, CLOSED);
  }

  bind(registers: Registers): void {
    registers.set(OF_POLICY + CACHE_LIMIT, this.limit);
    registers.point(OF_POLICY + CACHE_HEADS, this.heads.data);
    registers.point(OF_POLICY + CACHE_COUNTS, this.counts.data);
  }

  get isOpen(): boolean {
    return this.counts.data[0] !== CLOSED;
  }

  /** The table has its place. */
  open(): void {
    this.counts.data.fill(0);
  }

  hasRoom(units: number): boolean {
    const bin = units - this.smallest;
    return bin < CACHES && this.counts.data[bin] < this.limit;
  }

  /** There is room for it. */
  put(row: Row, units: number): void {
    const bin = units - this.smallest;
    const heads = this.heads.data;
    const rows = this.chunks.rows.data;
    rows[row * STRIDE + FORWARD] = heads[bin];
    rows[row * STRIDE + PLACE] = Place.cache;
    heads[bin] = row;
    this.counts.data[bin]++;
  }

  /** The chunk of that size that came last, or 0. */
  get(units: number): Row {
    const bin = units - this.smallest;
    if (bin >= CACHES) return 0;
    const heads = this.heads.data;
    const row = heads[bin];
    if (row === 0) return 0;
    heads[bin] = this.chunks.rows.data[row * STRIDE + FORWARD];
    this.counts.data[bin]--;
    return row;
  }

  /** Calls `visit` with each size and its chunks, last in first. */
  walk(visit: (units: number, rows: readonly Row[]) => void): void {
    if (!this.isOpen) return;
    const links = this.chunks.rows.data;
    this.heads.data.forEach((head, bin) => {
      const rows: Row[] = [];
      for (let row = head; row !== 0; row = links[row * STRIDE + FORWARD]) rows.push(row);
      if (rows.length !== this.counts.data[bin] || rows.length > this.limit)
        throw new SpaceError(
          `the thread cache counts ${this.counts.data[bin]} chunks in bin ${bin}, which has ${rows.length}`,
        );
      if (rows.length > 0) visit(bin + this.smallest, rows);
    });
  }
}
