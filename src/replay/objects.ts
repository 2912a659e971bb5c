/** Which slot holds each live object of the trace. */
import type { Registers } from "../kernel/kernel.ts";
import { OBJECT_ROWS, OBJECTS, ROWS_BY_SLOT } from "../kernel/registers.ts";
import type { Column } from "../space/columns.ts";
import { Counter, type Slot, type Space, State } from "../space/space.ts";

export class Objects {
  /** Slot by row; 0 where the row's object is dead or was refused. */
  private readonly slots: Column<Int32Array>;
  /** Row by slot, where a collection may find objects dead that no event names. */
  private readonly rows: Column<Int32Array>;
  private readonly collected: boolean;

  /** `collected`: objects may be forgotten by their slots. */
  constructor(space: Space, collected: boolean) {
    this.slots = space.columns.int32(64);
    this.rows = space.columns.int32();
    this.collected = collected;
  }

  bind(registers: Registers): void {
    registers.point(OBJECTS, this.slots.data);
    registers.set(OBJECT_ROWS, this.slots.data.length);
    registers.point(ROWS_BY_SLOT, this.rows.data);
  }

  slot(row: number): Slot {
    const slots = this.slots.data;
    return row < slots.length ? slots[row] : 0;
  }

  place(row: number, slot: Slot): void {
    if (row >= this.slots.data.length) this.slots.grow(row + 1);
    this.slots.data[row] = slot;
    if (!this.collected) return;
    this.rows.grow(slot + 1);
    this.rows.data[slot] = row;
  }

  clear(row: number): void {
    if (row < this.slots.data.length) this.slots.data[row] = 0;
  }

  /** The object in `slot` is gone: its row has none, unless it has another one by now. */
  forget(slot: Slot): void {
    const row = this.rows.data[slot];
    if (this.slots.data[row] === slot) this.slots.data[row] = 0;
  }

  /** Throws unless the rows name exactly the live slots. */
  validate(space: Space): void {
    let live = 0;
    for (const [row, slot] of this.slots.data.entries()) {
      if (slot === 0) continue;
      live++;
      if (space.state(slot) !== State.live)
        throw new Error(`row ${row} is said to be in slot ${slot}, which is not live`);
    }
    const blocks = space.counter(Counter.liveBlocks);
    if (live !== blocks)
      throw new Error(`${live} objects of the trace are placed, ${blocks} blocks are live`);
  }
}
