/** Which slot holds each live object of the trace, and where in its block the payload begins. */
import type { Column } from "../space/columns.ts";
import { Counter, type Slot, type Space, State } from "../space/space.ts";

/**
 * By slot: payload's address less the block's start, in bytes; the event that asked for the object; its id in the
 * trace; its row.
 */
const ROW = 4;
const BORN = 1;
const ID = 2;
const OWN_ROW = 3;

export class Objects {
  /** Slot by row; 0 where the row's object is dead or was refused. */
  readonly #slots: Column<Int32Array>;
  /** Rows by slot. */
  readonly #rows: Column<Int32Array>;

  constructor(space: Space) {
    this.#slots = space.columns.int32(64);
    this.#rows = space.columns.int32(64 * ROW);
  }

  slot(row: number): Slot {
    return row < this.#slots.data.length ? this.#slots.data[row] : 0;
  }

  place(row: number, slot: Slot, offset: number, born: number, id: number): void {
    if (row >= this.#slots.data.length) this.#slots.grow(row + 1);
    const at = slot * ROW;
    if (at + ROW > this.#rows.data.length) this.#rows.grow(at + ROW);
    const rows = this.#rows.data;
    this.#slots.data[row] = slot;
    rows[at] = offset;
    rows[at + BORN] = born;
    rows[at + ID] = id;
    rows[at + OWN_ROW] = row;
  }

  /** `slot` is asked for object `id`: messages can name it before it has its block. */
  expect(slot: Slot, id: number): void {
    if (slot * ROW >= this.#rows.data.length) this.#rows.grow((slot + 1) * ROW);
    this.#rows.data[slot * ROW + ID] = id;
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

  /** The object in `slot` is gone: its row has none, unless it has another one by now. */
  forget(slot: Slot): void {
    const row = this.#rows.data[slot * ROW + OWN_ROW];
    if (this.#slots.data[row] === slot) this.#slots.data[row] = 0;
  }

  offset(slot: Slot): number {
    return this.#rows.data[slot * ROW];
  }

  /** realloc in place that moved the payload within its block. */
  setOffset(slot: Slot, offset: number): void {
    this.#rows.data[slot * ROW] = offset;
  }

  /** The event that gave the object its birth: realloc leaves it. */
  born(slot: Slot): number {
    return this.#rows.data[slot * ROW + BORN];
  }

  id(slot: Slot): number {
    return slot * ROW < this.#rows.data.length ? this.#rows.data[slot * ROW + ID] : 0;
  }
}
