/**
 * Collectors under malloc: what is freed is free at once. Only where the trace has references do the dead stay, as garbage,
 * until a collection marks and finds them and those that nobody has told of.
 */
import type { Request } from "../allocators/contract.ts";
import { type Address, type Slot, State } from "../space/space.ts";
import { BlockCollector } from "./block-collector.ts";
import { mark } from "./marking.ts";

type Freeing = "freed" | "died";

export abstract class FreeingCollector<C extends string> extends BlockCollector<C | Freeing> {
  free(_address: Address, { previous }: Request): void {
    const { space } = this;
    const inGraph = space.graph.on;
    this.said.set(inGraph ? "died" : "freed", space.start(previous), space.end(previous));
    if (inGraph) space.die(previous);
    else this.release(previous);
  }

  /** Gives the block of `slot` back. */
  protected abstract release(slot: Slot): void;

  /** Within a collection: where the trace has references, marks, and releases what is dead. */
  protected releaseDead(): void {
    const { space } = this;
    if (!space.graph.on) return;
    mark(space);
    for (let slot = 1; slot < space.slotLimit; slot++)
      if (space.state(slot) === State.garbage) this.release(slot);
  }
}
