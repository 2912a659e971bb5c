/** What marking found in each region: live bytes, pins, and where its blocks begin. For the length of a collection. */
import { type Slot, type Space, State } from "../../space/space.ts";
import { eachBlock } from "../each-block.ts";
import type { Humongous } from "./humongous.ts";
import { Kind, type RegionTable } from "./region-table.ts";

export class Census {
  /** By region. */
  readonly live: Float64Array;
  readonly pinned: Uint8Array;
  /** Its lowest block; 0 if it has none. */
  readonly first: Int32Array;

  /** Dead humongous objects go, and their regions are free. */
  constructor(space: Space, table: RegionTable, humongous: Humongous) {
    this.live = new Float64Array(table.count);
    this.pinned = new Uint8Array(table.count);
    this.first = new Int32Array(table.count);
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      const region = table.of(space.start(slot));
      if (table.kind(region) === Kind.humongous) return humongous.sweep(slot);
      if (this.first[region] === 0) this.first[region] = slot;
      if (space.state(slot) === State.live) this.live[region] += space.length(slot);
    });
    if (!space.graph.on) return;
    const pins = space.graph.pins();
    for (let i = 0; i < pins.length; i++) this.pinned[table.of(space.start(pins[i]))] = 1;
  }

  /** The blocks of a region, by address. */
  blocks(space: Space, table: RegionTable, region: number): Slot[] {
    const slots: Slot[] = [];
    const end = table.endOf(region);
    for (let node = this.first[region]; node !== 0 && node !== space.heap; ) {
      if (space.start(node) >= end) break;
      if (space.state(node) !== State.control) slots.push(node);
      const next = space.next(node);
      node = next < 0 ? space.next(next) : next;
    }
    return slots;
  }
}
