/**
 * Where Immix puts an object: at a cursor in the runs of free lines, recyclable areas first; or, if it is longer than a
 * line and the run at hand does not hold it, at a second cursor in an overflow area, which was wholly free.
 * `find`, then at once `take` for a new object or `move` for one that is evacuated.
 */
import { REFUSED } from "../../allocators/contract.ts";
import type { BlockShape } from "../../allocators/parts/block-shape.ts";
import type { Address, Slot, Space } from "../../space/space.ts";
import { type Areas, LINE } from "./areas.ts";
import { Cursor } from "./cursor.ts";

export class RunAllocator {
  private readonly areas: Areas;
  private readonly cursor: Cursor;
  private readonly overflow: Cursor;
  /** The cursor that what was found last is at. */
  private found: Cursor;

  constructor(space: Space, shape: BlockShape, areas: Areas) {
    this.areas = areas;
    this.cursor = new Cursor(space, shape, areas);
    this.overflow = new Cursor(space, shape, areas);
    this.found = this.cursor;
  }

  /** Gives up its areas. */
  reset(): void {
    this.cursor.close();
    this.overflow.close();
  }

  /** Where a block would begin, or REFUSED. Leaves `reserve` free areas alone. */
  find(length: number, align: number, reserve: number): Address {
    const { cursor } = this;
    this.found = cursor;
    const start = cursor.startOf(length, align);
    if (start >= 0) return start;
    return length > LINE ? this.findFree(length, align, reserve) : this.findRun(length, align, reserve);
  }

  /** The last resort: in the overflow area whatever its length, or in any run that is left. */
  findAnywhere(length: number, align: number): Address {
    this.found = this.overflow;
    const start = this.overflow.startOf(length, align);
    return start >= 0 ? start : this.findRun(length, align, Number.POSITIVE_INFINITY);
  }

  /** [start, start + length) is found, and is the block of `slot`. */
  take(start: Address, length: number, slot: Slot): void {
    this.found.take(start, length, slot);
  }

  /** The block of `slot` moves to `start`, which was found. */
  move(start: Address, slot: Slot): void {
    this.found.move(start, slot);
  }

  private findRun(length: number, align: number, reserve: number): Address {
    const { cursor } = this;
    this.found = cursor;
    for (;;) {
      if (!cursor.nextRun()) {
        let area = this.areas.takeRecyclable();
        if (area < 0) area = this.takeFree(reserve);
        if (area < 0) return REFUSED;
        cursor.enter(area);
      }
      const start = cursor.startOf(length, align);
      if (start >= 0) return start;
    }
  }

  private findFree(length: number, align: number, reserve: number): Address {
    const { overflow } = this;
    this.found = overflow;
    const start = overflow.startOf(length, align);
    if (start >= 0) return start;
    const area = this.takeFree(reserve);
    if (area < 0) return REFUSED;
    overflow.enter(area);
    return overflow.startOf(length, align);
  }

  private takeFree(reserve: number): number {
    return this.areas.free > reserve ? this.areas.takeFree() : -1;
  }
}
