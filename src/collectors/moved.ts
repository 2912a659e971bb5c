/**
 * Which objects a collection has moved, and how many references a real runtime would have rewritten for it: fields of
 * what lives, and roots. Pins are none: what they hold does not move.
 */
import { Cost } from "../space/cost.ts";
import { type Slot, type Space, State } from "../space/space.ts";

export class Moved {
  private readonly space: Space;
  /** By slot. It never outlives a collection. */
  private flags: Uint8Array;

  constructor(space: Space) {
    this.space = space;
    this.flags = new Uint8Array(0);
  }

  /** A collection begins. */
  begin(): void {
    if (this.flags.length < this.space.slotLimit) this.flags = new Uint8Array(2 * this.space.slotLimit);
    else this.flags.fill(0);
  }

  add(slot: Slot): void {
    this.flags[slot] = 1;
  }

  has(slot: Slot): boolean {
    return this.flags[slot] === 1;
  }

  /** Counts the references to what has moved, as rewritten and a word touched each. */
  countReferences(): void {
    const { space, flags } = this;
    const { graph } = space;
    if (!graph.on) return;
    const { cells } = graph;
    let count = 0;
    for (let slot = 1; slot < space.slotLimit; slot++) {
      if (space.state(slot) !== State.live) continue;
      const first = graph.first(slot);
      for (let i = first, end = first + graph.fields(slot); i < end; i++) count += flags[cells[i]];
    }
    const roots = graph.roots();
    for (let i = 0; i < roots.length; i++) count += flags[roots[i]];
    space.count(Cost.updatedReferences, count);
    space.count(Cost.touchedWords, count);
  }
}
