/** References that a real runtime would have rewritten, as their targets moved: counted after the moves, by the graph. */
import { type Slot, type Space, State } from "../space/space.ts";

export class MovedReferences {
  private readonly space: Space;
  /** By slot: 1 if it moved. It never outlives a collection. */
  private moved: Uint8Array;

  constructor(space: Space) {
    this.space = space;
    this.moved = new Uint8Array(0);
  }

  begin(): void {
    if (this.moved.length < this.space.slotLimit) this.moved = new Uint8Array(this.space.slotLimit);
    else this.moved.fill(0);
  }

  note(slot: Slot): void {
    this.moved[slot] = 1;
  }

  /** Fields of live objects, and roots, that refer to what moved. O(fields). */
  count(): number {
    const { space, moved } = this;
    const { graph } = space;
    if (!graph.on) return 0;
    const { cells } = graph;
    let count = 0;
    for (let slot = 1; slot < space.slotLimit; slot++) {
      if (space.state(slot) !== State.live) continue;
      const first = graph.first(slot);
      for (let i = first, end = first + graph.fields(slot); i < end; i++) count += moved[cells[i]];
      if (graph.isRoot(slot)) count += moved[slot];
    }
    return count;
  }
}
