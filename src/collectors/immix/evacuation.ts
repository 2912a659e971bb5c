/** Immix's opportunistic evacuation: while it traces, it copies what it meets in the areas chosen to be emptied. */
import type { BlockShape } from "../../allocators/parts/block-shape.ts";
import { type Address, type Slot, type Space, State } from "../../space/space.ts";
import type { Alignments } from "../alignments.ts";
import { breadthFirst } from "../breadth-first.ts";
import { eachBlock } from "../each-block.ts";
import type { Moved } from "../moved.ts";
import type { Areas } from "./areas.ts";
import { RunAllocator } from "./run-allocator.ts";

export class Evacuation {
  private readonly space: Space;
  private readonly areas: Areas;
  private readonly alignments: Alignments;
  private readonly moved: Moved;
  private readonly room: RunAllocator;

  constructor(space: Space, shape: BlockShape, areas: Areas, alignments: Alignments, moved: Moved) {
    this.space = space;
    this.areas = areas;
    this.alignments = alignments;
    this.moved = moved;
    this.room = new RunAllocator(space, shape, areas);
  }

  /** Moves what lives in candidates below `end`, in tracing order, as long as there is room; the rest stays. */
  run(end: Address): void {
    const { space, areas } = this;
    const { graph } = space;
    const order = graph.on ? breadthFirst(graph, space.slotLimit) : this.byAddress(end);
    for (let i = 0; i < order.length; i++) {
      const slot = order[i];
      const start = space.start(slot);
      if (start >= end || !areas.isCandidate(start)) continue;
      if (graph.on && graph.isPinned(slot)) continue;
      if (this.copy(slot)) this.moved.add(slot);
    }
    this.room.reset();
  }

  private byAddress(end: Address): Slot[] {
    const slots: Slot[] = [];
    const { space } = this;
    eachBlock(space, end, (slot) => {
      if (this.areas.isCandidate(space.start(slot)) && space.state(slot) === State.live) slots.push(slot);
    });
    return slots;
  }

  private copy(slot: Slot): boolean {
    const { room } = this;
    const start = room.find(this.space.length(slot), this.alignments.of(slot), 0);
    if (start >= 0) room.move(start, slot);
    return start >= 0;
  }
}
