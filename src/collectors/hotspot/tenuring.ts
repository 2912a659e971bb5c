/**
 * Ages, and when an object is old enough for the old generation. Its age is how many young collections it has
 * survived, at most 15; the threshold of the next one is the first age at which the survivors so far, from the youngest
 * on, hold more than half of a survivor space (TargetSurvivorRatio 50), or 15 (MaxTenuringThreshold).
 */
import type { Column, Columns } from "../../space/columns.ts";
import type { Slot } from "../../space/space.ts";

const MOST = 15;

export class Tenuring {
  /** By slot. */
  private readonly ages: Column<Uint8Array>;
  private readonly state: Column<Int32Array>;
  /** By age: bytes of the survivors of the collection at hand. */
  private readonly bytes = new Float64Array(MOST + 1);

  constructor(columns: Columns) {
    this.ages = columns.uint8(64);
    this.state = columns.int32(1);
    this.state.data[0] = MOST;
  }

  /** What reaches this age is promoted. */
  get threshold(): number {
    return this.state.data[0];
  }

  /** An object has been placed; or has moved without becoming older, as full collections leave none. */
  born(slot: Slot): void {
    if (slot >= this.ages.data.length) this.ages.grow(slot + 1);
    this.ages.data[slot] = 0;
  }

  isOldEnough(slot: Slot): boolean {
    return this.ages.data[slot] >= this.state.data[0];
  }

  begin(): void {
    this.bytes.fill(0);
  }

  survived(slot: Slot, length: number): void {
    const ages = this.ages.data;
    if (ages[slot] < MOST) ages[slot]++;
    this.bytes[ages[slot]] += length;
  }

  /** `survivor`: bytes of a survivor space. */
  end(survivor: number): void {
    // Half of it in whole words, as HotSpot counts.
    const desired = Math.floor(survivor / 16) * 8;
    let age = 1;
    for (let total = this.bytes[1]; age < MOST && total <= desired; total += this.bytes[age]) age++;
    this.state.data[0] = age;
  }
}
