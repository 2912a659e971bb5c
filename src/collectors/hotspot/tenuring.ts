/**
 * When an object is old enough for the old generation: the threshold of the next young collection is the first age at
 * which the survivors of this one, from the youngest on, hold more than half of a survivor space (TargetSurvivorRatio
 * 50), or 15 (MaxTenuringThreshold).
 */
import type { Column, Columns } from "../../space/columns.ts";
import type { Slot } from "../../space/space.ts";
import { Ages, MOST_AGE } from "../generations/ages.ts";
import type { Promotion } from "../generations/evacuation.ts";

export class Tenuring implements Promotion {
  private readonly ages: Ages;
  /** [what reaches this age is promoted]. */
  private readonly threshold: Column<Int32Array>;
  /** By age: bytes of the survivors of the collection at hand. */
  private readonly bytes = new Float64Array(MOST_AGE + 1);

  constructor(columns: Columns) {
    this.ages = new Ages(columns);
    this.threshold = columns.int32(1);
    this.threshold.data[0] = MOST_AGE;
  }

  born(slot: Slot): void {
    this.ages.born(slot);
  }

  isOldEnough(slot: Slot): boolean {
    return this.ages.of(slot) >= this.threshold.data[0];
  }

  survived(slot: Slot, length: number): void {
    this.bytes[this.ages.grow(slot)] += length;
  }

  begin(): void {
    this.bytes.fill(0);
  }

  /** `survivor`: bytes of a survivor space. */
  end(survivor: number): void {
    // Half of it in whole words, as HotSpot counts.
    const desired = Math.floor(survivor / 16) * 8;
    let age = 1;
    for (let total = this.bytes[1]; age < MOST_AGE && total <= desired; total += this.bytes[age]) age++;
    this.threshold.data[0] = age;
  }
}
