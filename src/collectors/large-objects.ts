/**
 * A large-object space: objects that a collector never moves, kept apart from those that it does.
 *
 *   arena           at its upper end, each in the highest free range that holds it; `floor` is the lower end of them
 *                   all, rounded down to the `unit`, and belongs to the small objects again when they are gone
 *   heap that grows each in a segment of its own, mapped and unmapped, of whole pages
 *
 * Placing one looks at the nodes above the floor, in an arena: O(large objects).
 */
import { REFUSED } from "../allocators/contract.ts";
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import type { Column } from "../space/columns.ts";
import { type Address, PAGE, type Segment, type Slot, type Space, State } from "../space/space.ts";

export class LargeObjects {
  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly unit: number;
  /** [the floor]: in an arena. */
  private readonly state: Column<Float64Array>;

  /** `unit`: the small objects' space ends at a multiple of it, or at the end of the arena. */
  constructor(space: Space, shape: BlockShape, unit: number) {
    this.space = space;
    this.shape = shape;
    this.unit = unit;
    this.state = space.columns.float64(1);
    this.state.data[0] = space.limit;
  }

  /** Where the small objects' space must end. */
  get floor(): Address {
    return this.space.grows ? this.space.segmentEnd(this.space.heap) : this.state.data[0];
  }

  holds(slot: Slot): boolean {
    return this.space.start(slot) >= this.floor;
  }

  /** Places a block; in an arena not below `lowest`. Its start, or REFUSED. */
  place(length: number, align: number, slot: Slot, lowest: Address): Address {
    return this.space.grows ? this.map(length, align, slot) : this.below(length, align, slot, lowest);
  }

  /** Gives the dead back. Returns how many objects there were, the dead included. */
  sweep(): number {
    const space = this.space;
    let passed = 0;
    if (space.grows) {
      for (const segment of [...space.segments()])
        if (segment !== space.heap) passed += this.sweepOne(segment);
      return passed;
    }
    const floor = this.state.data[0];
    let lowest = space.limit;
    for (let node = space.previous(space.heap); node !== space.heap; ) {
      const before = space.previous(node);
      const slot = node < 0 ? before : node;
      if (slot === space.heap || space.start(slot) < floor) break;
      node = space.previous(slot);
      passed++;
      if (space.state(slot) === State.garbage) space.give(slot);
      else lowest = space.start(slot);
    }
    this.state.data[0] = lowest === space.limit ? lowest : this.roundDown(lowest);
    return passed;
  }

  private sweepOne(segment: Segment): number {
    const space = this.space;
    const first = space.next(segment);
    const slot = first < 0 ? space.next(first) : first;
    if (space.state(slot) !== State.garbage) return 1;
    space.give(slot);
    space.unmap(segment);
    return 1;
  }

  private map(length: number, align: number, slot: Slot): Address {
    const { space, shape } = this;
    const most = shape.origin + length + (align > shape.alignment ? align : 0);
    const segment = space.map(Math.ceil(most / PAGE) * PAGE);
    if (segment === 0) return REFUSED;
    const low = space.start(segment);
    const start = shape.start(low + shape.origin, align);
    space.take(space.next(segment), start - low, length, slot);
    return start;
  }

  private below(length: number, align: number, slot: Slot, lowest: Address): Address {
    const space = this.space;
    for (let node = space.previous(space.heap); node !== space.heap; node = space.previous(node)) {
      if (space.end(node) <= lowest) break;
      if (node > 0) continue;
      const start = this.startIn(space.start(node), space.end(node), length, align);
      if (start < Math.max(space.start(node), lowest)) continue;
      if (start < this.state.data[0]) {
        const floor = this.roundDown(start);
        if (floor < lowest) continue;
        this.state.data[0] = floor;
      }
      space.take(node, start - space.start(node), length, slot);
      return start;
    }
    return REFUSED;
  }

  /** The highest start of such a block in [low, high), or -1. */
  private startIn(low: Address, high: Address, length: number, align: number): Address {
    const { header, alignment } = this.shape;
    const step = Math.max(align, alignment);
    const start = Math.floor((high - length + header) / step) * step - header;
    return start < low ? -1 : start;
  }

  private roundDown(address: Address): Address {
    return Math.floor(address / this.unit) * this.unit;
  }
}
