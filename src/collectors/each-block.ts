/** A walk over a heap's blocks during which they may be freed and moved. */
import { type Address, type Slot, type Space, State } from "../space/space.ts";

/**
 * Calls `visit` with each block that starts below `end`, live or dead, by address. It may free that block, or move it
 * to anywhere below the next one or at or above `end`.
 */
export function eachBlock(space: Space, end: Address, visit: (slot: Slot) => void): void {
  let slot = slotAt(space, space.next(space.heap));
  while (slot !== space.heap && space.start(slot) < end) {
    const next = slotAt(space, space.next(slot));
    if (space.state(slot) !== State.control) visit(slot);
    slot = next;
  }
}

/** `node`, or the slot behind it if it is a hole: holes are never neighbours. */
const slotAt = (space: Space, node: number): Slot => (node < 0 ? space.next(node) : node);
