/**
 * Which slot holds the block that starts at an address? The one noted last, as a rule: replay asks about the block that
 * it has just been given. Otherwise O(log32 pages) through the space, which then has to index its addresses.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { type Address, type Slot, type Space, State } from "../../space/space.ts";

export class RecentBlock {
  private readonly space: Space;
  /** [the slot noted last]. */
  private readonly slot: Int32Array;

  constructor(space: Space) {
    this.space = space;
    this.slot = space.columns.int32(1).data;
  }

  bind(registers: Registers, register: number): void {
    registers.point(register, this.slot);
  }

  note(slot: Slot): void {
    this.slot[0] = slot;
  }

  /** The slot of the block that holds `address`. */
  at(address: Address): Slot {
    const space = this.space;
    const recent = this.slot[0];
    const holds =
      space.state(recent) === State.live && address >= space.start(recent) && address < space.end(recent);
    return holds ? recent : space.at(address);
  }
}
