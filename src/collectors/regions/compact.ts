/**
 * Full compaction: what lives in regions that are in use slides down into the lowest of them, in order and never across
 * the end of a region. It always fits: the places that objects had are such a layout, and none is lower than the one
 * that is made here. Regions with pinned objects are left as they are, dead objects included.
 */

import { roundUp } from "../../allocators/contract.ts";
import type { BlockShape } from "../../allocators/parts/block-shape.ts";
import { type Address, type Space, State } from "../../space/space.ts";
import type { Alignments } from "../alignments.ts";
import type { Moved } from "../moved.ts";
import type { Census } from "./census.ts";
import { Kind, type RegionTable } from "./region-table.ts";

/** Returns where the last object ends; 0 if there was nothing to slide. */
export function compact(
  space: Space,
  shape: BlockShape,
  table: RegionTable,
  census: Census,
  alignments: Alignments,
  moved: Moved,
): Address {
  const regions: number[] = [];
  for (let region = 0; region < table.count; region++)
    if (table.kind(region) === Kind.used && census.pinned[region] === 0) regions.push(region);
  const lowest = (region: number): Address =>
    roundUp(table.startOf(region) + shape.header, shape.alignment) - shape.header;
  let into = 0;
  let free = regions.length > 0 ? lowest(regions[0]) : 0;
  for (const region of regions) {
    for (const slot of census.blocks(space, table, region)) {
      if (space.state(slot) === State.garbage) {
        space.give(slot);
        continue;
      }
      const length = space.length(slot);
      const align = alignments.of(slot);
      let to = shape.start(free, align);
      while (to + length > table.endOf(regions[into])) to = shape.start(lowest(regions[++into]), align);
      if (to !== space.start(slot)) {
        space.move(slot, to);
        moved.add(slot);
      }
      free = to + length;
    }
  }
  const empty = regions.length > 0 && free === lowest(regions[0]) && into === 0;
  for (let i = empty ? 0 : into + 1; i < regions.length; i++) table.set(regions[i], Kind.free);
  return empty ? 0 : free;
}
