/** How many young collections each object has survived: at most 15, as there are 4 bits for it in HotSpot's mark word. */
import type { Column, Columns } from "../../space/columns.ts";
import type { Slot } from "../../space/space.ts";

export const MOST_AGE = 15;

export class Ages {
  /** By slot. */
  private readonly ages: Column<Uint8Array>;

  constructor(columns: Columns) {
    this.ages = columns.uint8(64);
  }

  /** Of an object that has been placed; or has stayed young in a full collection. */
  born(slot: Slot): void {
    if (slot >= this.ages.data.length) this.ages.grow(slot + 1);
    this.ages.data[slot] = 0;
  }

  of(slot: Slot): number {
    return this.ages.data[slot];
  }

  /** It is older by one collection. Returns its age. */
  grow(slot: Slot): number {
    const ages = this.ages.data;
    if (ages[slot] < MOST_AGE) ages[slot]++;
    return ages[slot];
  }
}
