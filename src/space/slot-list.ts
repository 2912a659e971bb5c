/**
 * The slots that have a flag, in the order in which their objects were born, whenever they are asked for.
 *
 * A slot that loses its flag stays listed until then, so that setting and clearing are O(1); so is asking while the
 * objects get their flags in the order of their births, and O(n log n) otherwise.
 */
import type { Column, Columns } from "./columns.ts";

export class SlotList {
  /** Slots, each at most once; entry 0 is how many there are. */
  readonly #listed: Column<Int32Array>;
  readonly #flags: Column<Uint8Array>;
  readonly #flag: number;
  readonly #isListed: number;
  readonly #birth: (slot: number) => number;

  /** `flags` by slot: bit `flag` is the list's matter, bit `isListed` its own. `birth` numbers the objects. */
  constructor(
    columns: Columns,
    flags: Column<Uint8Array>,
    flag: number,
    isListed: number,
    birth: (slot: number) => number,
  ) {
    this.#listed = columns.int32(16);
    this.#flags = flags;
    this.#flag = flag;
    this.#isListed = isListed;
    this.#birth = birth;
  }

  set(slot: number): void {
    const flags = this.#flags.data;
    const listed = (flags[slot] & this.#isListed) !== 0;
    flags[slot] |= this.#flag | this.#isListed;
    if (listed) return;
    const count = this.#listed.data[0] + 1;
    this.#listed.grow(count + 1);
    this.#listed.data[count] = slot;
    this.#listed.data[0] = count;
  }

  clear(slot: number): void {
    this.#flags.data[slot] &= ~this.#flag;
  }

  has(slot: number): boolean {
    return (this.#flags.data[slot] & this.#flag) !== 0;
  }

  /** Oldest first. Good until the next `set`. */
  inOrder(): Int32Array {
    const flags = this.#flags.data;
    const listed = this.#listed.data;
    let count = 0;
    let sorted = true;
    let last = -1;
    for (let i = 1; i <= listed[0]; i++) {
      const slot = listed[i];
      if ((flags[slot] & this.#flag) === 0) {
        flags[slot] &= ~this.#isListed;
        continue;
      }
      listed[++count] = slot;
      const birth = this.#birth(slot);
      if (birth < last) sorted = false;
      last = birth;
    }
    listed[0] = count;
    const slots = listed.subarray(1, count + 1);
    if (!sorted) slots.sort((a, b) => this.#birth(a) - this.#birth(b));
    return slots;
  }
}
