/**
 * First fit as everybody writes it first: the holes in a list by address, walked to allocate and walked to free, as
 * in The C Programming Language, section 8.7, but from the start. What the policy `first-fit` must beat.
 */
const UNIT = 16;

export class NaiveList {
  /** Units of the block or hole that begins at each unit, its header included. */
  private readonly lengths: Int32Array;
  /** The hole behind the one that begins at each unit; 0 ends the list, and unit 0 is its head. */
  private readonly nexts: Int32Array;

  constructor(bytes: number) {
    const units = Math.ceil(bytes / UNIT);
    this.lengths = new Int32Array(units);
    this.nexts = new Int32Array(units);
    this.nexts[0] = 1;
    this.lengths[1] = units - 1;
  }

  /** 0 where nothing fits. */
  malloc(bytes: number): number {
    const { lengths, nexts } = this;
    const units = Math.ceil(bytes / UNIT) + 1;
    let before = 0;
    let hole = nexts[0];
    while (hole !== 0 && lengths[hole] < units) {
      before = hole;
      hole = nexts[hole];
    }
    if (hole === 0) return 0;
    const rest = lengths[hole] - units;
    if (rest > 0) {
      lengths[hole + units] = rest;
      nexts[hole + units] = nexts[hole];
      nexts[before] = hole + units;
    } else nexts[before] = nexts[hole];
    lengths[hole] = units;
    return (hole + 1) * UNIT;
  }

  free(address: number): void {
    const { lengths, nexts } = this;
    const block = address / UNIT - 1;
    let before = 0;
    while (nexts[before] !== 0 && nexts[before] < block) before = nexts[before];
    const after = nexts[before];
    nexts[block] = after;
    if (block + lengths[block] === after) {
      lengths[block] += lengths[after];
      nexts[block] = nexts[after];
    }
    if (before !== 0 && before + lengths[before] === block) {
      lengths[before] += lengths[block];
      nexts[before] = nexts[block];
    } else nexts[before] = block;
  }

  realloc(address: number, bytes: number): number {
    if (Math.ceil(bytes / UNIT) < this.lengths[address / UNIT - 1]) return address;
    const to = this.malloc(bytes);
    if (to !== 0) this.free(address);
    return to;
  }
}
