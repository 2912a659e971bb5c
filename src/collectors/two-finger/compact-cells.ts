/** The first pass of two-finger compaction: over the segments of one size, all of whose garbage has been given back. */
import type { Slot, Space } from "../../space/space.ts";
import type { SizeSegments } from "./size-segments.ts";

/** Tells of each object moved in `moved`, by slot. Returns how many cells the fingers pass, used or not; pinned objects stay. */
export function compactCells(space: Space, segments: SizeSegments, size: number, moved: Uint8Array): number {
  const { graph } = space;
  const of = segments.of(size);
  let cells = 0;
  for (const segment of of) cells += Math.floor(space.segmentLength(segment) / size);
  let low = 0;
  /** No cell up to it is free: a slot, or the edge of the segment at hand. */
  let full = of[0];
  /** The lowest free cell, as the start of a hole; 0 if there is none. */
  const free = (): number => {
    for (;;) {
      const next = space.next(full);
      if (next < 0 && space.length(next) >= size) return next;
      if (next > 0 && next !== of[low]) full = next;
      else if (low === of.length - 1) return 0;
      else full = of[++low];
    }
  };
  const fill = (slot: Slot): boolean => {
    const hole = free();
    if (hole === 0 || space.start(hole) > space.start(slot)) return false;
    space.moveInto(slot, hole, 0);
    moved[slot] = 1;
    full = slot;
    return true;
  };
  scan: for (let high = of.length - 1; high >= 0; high--)
    for (let node = space.previous(of[high]); node !== of[high]; ) {
      const slot = node;
      node = space.previous(node);
      if (slot < 0 || (graph.on && graph.isPinned(slot))) continue;
      if (!fill(slot)) break scan;
    }
  segments.rewind(size, full);
  return cells;
}
