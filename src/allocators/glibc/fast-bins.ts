/**
 * Fastbins: small chunks that are freed without being merged, a list for each size, last in, first out. They count
 * as in use until all of them are merged at once. O(1).
 */
import { FAST_HEADS } from "../../kernel/glibc-registers.ts";
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column } from "../../space/columns.ts";
import type { Space } from "../../space/space.ts";
import { type Chunks, FORWARD, PLACE, Place, type Row, STRIDE } from "./chunks.ts";
import type { Layout } from "./layout.ts";

export class FastBins {
  private readonly chunks: Chunks;
  /** First chunk by units; at 0, whether any came since all were merged. */
  private readonly heads: Column<Int32Array>;

  constructor(space: Space, chunks: Chunks, layout: Layout) {
    this.chunks = chunks;
    this.heads = space.columns.int32(layout.mostFast + 1);
  }

  bind(registers: Registers): void {
    registers.point(OF_POLICY + FAST_HEADS, this.heads.data);
  }

  /** A chunk came since `clear`; it may have gone again. */
  get used(): boolean {
    return this.heads.data[0] !== 0;
  }

  clear(): void {
    this.heads.data[0] = 0;
  }

  put(row: Row, units: number): void {
    const heads = this.heads.data;
    const rows = this.chunks.rows.data;
    rows[row * STRIDE + FORWARD] = heads[units];
    rows[row * STRIDE + PLACE] = Place.fast;
    heads[units] = row;
    heads[0] = 1;
  }

  /** The chunk of that size that came last, or 0. */
  get(units: number): Row {
    const heads = this.heads.data;
    const row = heads[units];
    if (row !== 0) heads[units] = this.chunks.rows.data[row * STRIDE + FORWARD];
    return row;
  }

  /** Calls `visit` with each size and its chunks, last in first. */
  walk(visit: (units: number, rows: readonly Row[]) => void): void {
    const heads = this.heads.data;
    const links = this.chunks.rows.data;
    for (let units = 1; units < heads.length; units++) {
      const rows: Row[] = [];
      for (let row = heads[units]; row !== 0; row = links[row * STRIDE + FORWARD]) rows.push(row);
      if (rows.length > 0) visit(units, rows);
    }
  }
}
