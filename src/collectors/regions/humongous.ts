/**
 * Humongous objects: each longer than a threshold, in the lowest run of free regions that holds it, which it has to
 * itself. Its regions are free when it is dead.
 */
import { REFUSED, roundUp } from "../../allocators/contract.ts";
import type { BlockShape } from "../../allocators/parts/block-shape.ts";
import { type Address, type Slot, type Space, State } from "../../space/space.ts";
import { Kind, type RegionTable } from "./region-table.ts";

export class Humongous {
  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly table: RegionTable;
  private readonly threshold: number;

  /** `threshold`: of bytes of a block, at most those of a region. */
  constructor(space: Space, shape: BlockShape, table: RegionTable, threshold: number) {
    this.space = space;
    this.shape = shape;
    this.table = table;
    this.threshold = threshold;
  }

  /** Or if it is so aligned that some region might not hold it. */
  is(length: number, align: number): boolean {
    const { size } = this.table;
    return length > this.threshold || align > size || this.startIn(0, align) + length > size;
  }

  /** Places a block, if that leaves `reserve` free regions. Its start, or REFUSED. */
  place(length: number, align: number, slot: Slot, reserve: number): Address {
    const start = this.find(length, align, reserve);
    if (start >= 0) this.space.claim(slot, start, length);
    return start;
  }

  /** Sets regions aside for a block, if that leaves `reserve` free ones. Its start, or REFUSED. */
  find(length: number, align: number, reserve: number): Address {
    const { table } = this;
    if (table.free - reserve < Math.ceil(length / table.size)) return REFUSED;
    for (let region = 0; region < table.count; ) {
      const end = table.freeUntil(region);
      if (end > region) {
        const start = this.startIn(table.startOf(region), align);
        const first = table.of(start);
        const last = table.of(start + length - 1);
        if (start + length <= table.endOf(end - 1) && table.free - (last - first + 1) >= reserve) {
          for (let each = first; each <= last; each++) table.set(each, Kind.humongous);
          return start;
        }
      }
      region = end + 1;
    }
    return REFUSED;
  }

  /** Bytes that the heap lacks at its end for such a block. */
  missing(length: number, align: number): number {
    const { table } = this;
    let region = table.count;
    while (region > 0 && table.kind(region - 1) === Kind.free) region--;
    const end = roundUp(this.startIn(table.startOf(region), align) + length, table.size);
    return end - table.count * table.size;
  }

  /** Frees the regions of the object in `slot` if it is dead. */
  sweep(slot: Slot): void {
    const { space, table } = this;
    if (space.state(slot) !== State.garbage) return;
    const last = table.of(space.end(slot) - 1);
    for (let region = table.of(space.start(slot)); region <= last; region++) table.set(region, Kind.free);
    space.give(slot);
  }

  private startIn(low: Address, align: number): Address {
    const { header, alignment } = this.shape;
    return roundUp(low + header, Math.max(align, alignment)) - header;
  }
}
