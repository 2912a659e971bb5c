/**
 * Which chunk lies where. The real tags lie in the heap; these beside it, and say who holds a chunk as well:
 *
 *   tags[u] at the first and the last unit of every chunk below top:
 *     tag > 0   free: row `tag` of the table below
 *     tag < 0   in use: the block or control range in slot -tag of the space
 *   What lies between the two is never read. A chunk's neighbours are at tags[start - 1] and tags[start + size].
 *
 * 4 bytes a unit and 32 a free chunk.
 */
import { CHUNK_ROWS, CHUNK_STATE, CHUNKS, LOWEST, TAG_COUNT, TAGS } from "../../kernel/glibc-registers.ts";
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { Column } from "../../space/columns.ts";
import type { Hole, Segment, Slot, Space } from "../../space/space.ts";
import { BINS, type Layout, UNIT } from "./layout.ts";

/** A row of a free chunk: 0 is none, 1 .. 127 are the heads of the bins' rings. */
export type Row = number;

/** Eight numbers a row. Start and size are in units. */
export const STRIDE = 8;
export const START = 0;
export const SIZE = 1;
/** The next in its bin, cache or fastbin; of a vacant row, the next vacant one. */
export const FORWARD = 2;
/** The one before in its bin. */
export const BACK = 3;
/** In large bins, of the first chunk of each size: the first of the next smaller and the next larger size. */
export const SMALLER = 4;
export const LARGER = 5;
export const PLACE = 6;
/** The space's hole that it lay in when it was freed; 0 if that was not known. */
export const HOLE = 7;

/** Where a free chunk is kept. Only what is in a bin is free to its neighbours. */
export const Place = { bin: 1, fast: 2, cache: 3 } as const;

const VACANT = 0;
const ROWS = 1;

export class Chunks {
  /** Number of the arena whose chunks they are; the main one is 0. */
  readonly arena: number;
  readonly rows: Column<Int32Array>;
  private readonly space: Space;
  private readonly layout: Layout;
  private readonly tags: Column<Int32Array>;
  /** [first vacant row, last row ever used]. */
  private readonly state: Column<Int32Array>;

  constructor(space: Space, layout: Layout, arena: number) {
    this.arena = arena;
    this.space = space;
    this.layout = layout;
    this.tags = space.columns.int32(1024);
    this.rows = space.columns.int32(2 * BINS * STRIDE);
    this.state = space.columns.int32(2);
    this.state.data[ROWS] = BINS - 1;
  }

  bind(registers: Registers): void {
    registers.point(OF_POLICY + TAGS, this.tags.data);
    registers.set(OF_POLICY + TAG_COUNT, this.tags.data.length);
    registers.point(OF_POLICY + CHUNKS, this.rows.data);
    registers.set(OF_POLICY + CHUNK_ROWS, this.rows.data.length / STRIDE);
    registers.point(OF_POLICY + CHUNK_STATE, this.state.data);
    registers.set(OF_POLICY + LOWEST, this.space.next(this.space.heap));
  }

  tag(u: number): number {
    return this.tags.data[u];
  }

  /** Top starts at unit `u`, and chunks lie below. */
  reach(u: number): void {
    if (u > this.tags.data.length) this.tags.grow(u);
  }

  /** [start, start + size) is one chunk, in use by `slot`. */
  use(start: number, size: number, slot: Slot): void {
    const tags = this.tags.data;
    tags[start] = -slot;
    tags[start + size - 1] = -slot;
  }

  /** [start, start + size) is one free chunk, in no list yet, and part of `hole` where that is known, else 0. */
  create(start: number, size: number, hole: Hole): Row {
    const state = this.state.data;
    let row = state[VACANT];
    if (row === 0) {
      row = ++state[ROWS];
      if ((row + 1) * STRIDE > this.rows.data.length) this.rows.grow((row + 1) * STRIDE);
    } else state[VACANT] = this.rows.data[row * STRIDE + FORWARD];
    this.rows.data[row * STRIDE + HOLE] = hole;
    this.set(row, start, size);
    return row;
  }

  /** The free chunk of `row` is [start, start + size) from now on. */
  set(row: Row, start: number, size: number): void {
    const rows = this.rows.data;
    const tags = this.tags.data;
    rows[row * STRIDE + START] = start;
    rows[row * STRIDE + SIZE] = size;
    tags[start] = row;
    tags[start + size - 1] = row;
  }

  /** The chunk is in use now, or part of another. Returns its first unit. */
  drop(row: Row): number {
    const rows = this.rows.data;
    const state = this.state.data;
    rows[row * STRIDE + FORWARD] = state[VACANT];
    state[VACANT] = row;
    return rows[row * STRIDE + START];
  }

  start(row: Row): number {
    return this.rows.data[row * STRIDE + START];
  }

  size(row: Row): number {
    return this.rows.data[row * STRIDE + SIZE];
  }

  /** The row of a chunk that is free to its neighbours, by its first or last unit; 0 if it is not, or there is none. */
  binned(u: number): Row {
    const tag = u < 0 ? 0 : this.tags.data[u];
    return tag > 0 && this.rows.data[tag * STRIDE + PLACE] === Place.bin ? tag : 0;
  }

  /** Puts the block of `slot` into the chunk [start, start + size). Top starts at unit `top` of `segment`. */
  place(start: number, size: number, slot: Slot, top: number, segment: Segment): void {
    const space = this.space;
    const hole = this.hole(start, start + size, top, segment);
    this.use(start, size, slot);
    space.take(hole, this.layout.block(start) - space.start(hole), size * UNIT, slot);
  }

  /**
   * The space's hole around the chunk [start, end): that which it was freed into, if this still holds it; else the one beside
   * the nearest chunk in use, above or below. Of recorded brokers that is next to nine in ten, but thousands of fast chunks
   * can lie side by side.
   */
  private hole(start: number, end: number, top: number, segment: Segment): Hole {
    const { space } = this;
    const tags = this.tags.data;
    const rows = this.rows.data;
    let below = this.below(start);
    if (below < 0) return space.next(-below);
    const known = tags[start] > 0 ? rows[tags[start] * STRIDE + HOLE] : 0;
    const address = this.layout.block(start);
    if (address >= space.start(known) && address < space.end(known)) return known;
    for (let high = end; ; ) {
      const above = high === top ? -segment : tags[high];
      if (above < 0) return space.previous(-above);
      high += rows[above * STRIDE + SIZE];
      below = this.below(rows[below * STRIDE + START]);
      if (below < 0) return space.next(-below);
    }
  }

  /** The tag of what ends at unit `u`: the first chunk of the main arena lies behind what the space has below it. */
  private below(u: number): number {
    return u === 0 ? -this.space.next(this.space.heap) : this.tags.data[u - 1];
  }
}
