/** What must hold of every block of a heap in regions. For tests. */
import { type Space, SpaceError } from "../../space/space.ts";
import type { Alignments } from "../alignments.ts";
import { eachBlock } from "../each-block.ts";
import type { Humongous } from "./humongous.ts";
import { Kind, type RegionTable } from "./region-table.ts";

/** Throws unless each block lies in one region that is in use, or is humongous and has regions of its own. */
export function checkPlaces(
  space: Space,
  table: RegionTable,
  humongous: Humongous,
  alignments: Alignments,
): void {
  eachBlock(space, space.segmentEnd(space.heap), (slot) => {
    const first = table.of(space.start(slot));
    const last = table.of(space.end(slot) - 1);
    const wanted = humongous.is(space.length(slot), alignments.of(slot)) ? Kind.humongous : Kind.used;
    for (let region = first; region <= last; region++)
      if (table.kind(region) !== wanted || (first !== last && wanted === Kind.used))
        throw new SpaceError(`[${space.start(slot)}, ${space.end(slot)}) has no place in region ${region}`);
  });
}
