/** Which slot holds each live object of the trace, and where in its block the payload begins. */
import type { Column } from "../space/columns.ts";
import { Counter, type Slot, type Space, State } from "../space/space.ts";

export class Objects {
  /** Slot by row; 0 where the row's object is dead or was refused. */
  readonly #slots: Column<Int32Array>;
  /** Payload's address less the block's start, in bytes, by slot. */
  readonly #offsets: Column<Int32Array>;
  /** The event that asked for the object, by slot. */
  readonly #born: Column<Int32Array>;
  /** The object's id in the trace, by slot. */
  readonly #ids: Column<Int32Array>;

  constructor(space: Space) {
    this.#slots = space.columns.int32(64);
    this.#offsets = space.columns.int32(64);
    this.#born = space.columns.int32(64);
    this.#ids = space.columns.int32(64);
  }

  slot(row: number): Slot {
    return row < this.#slots.data.length ? this.#slots.data[row] : 0;
  }

  place(row: number, slot: Slot, offset: number, born: number, id: number): void {
    if (row >= this.#slots.data.length) this.#slots.grow(row + 1);
    if (slot >= this.#offsets.data.length) {
      this.#offsets.grow(slot + 1);
      this.#born.grow(slot + 1);
      this.#ids.grow(slot + 1);
    }
    this.#slots.data[row] = slot;
    this.#offsets.data[slot] = offset;
    this.#born.data[slot] = born;
    this.#ids.data[slot] = id;
  }

  /** Throws unless the rows name exactly the live slots. */
  validate(space: Space): void {
    let live = 0;
    for (const [row, slot] of this.#slots.data.entries()) {
      if (slot === 0) continue;
      live++;
      if (space.state(slot) !== State.live)
        throw new Error(`row ${row} is said to be in slot ${slot}, which is not live`);
    }
    const blocks = space.counter(Counter.liveBlocks);
    if (live !== blocks)
      throw new Error(`${live} objects of the trace are placed, ${blocks} blocks are live`);
  }

  clear(row: number): void {
    if (row < this.#slots.data.length) this.#slots.data[row] = 0;
  }

  offset(slot: Slot): number {
    return this.#offsets.data[slot];
  }

  /** realloc in place that moved the payload within its block. */
  setOffset(slot: Slot, offset: number): void {
    this.#offsets.data[slot] = offset;
  }

  /** The event that gave the object its birth: realloc leaves it. */
  born(slot: Slot): number {
    return this.#born.data[slot];
  }

  id(slot: Slot): number {
    return slot < this.#ids.data.length ? this.#ids.data[slot] : 0;
  }
}
