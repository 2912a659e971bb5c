/** Evacuation of the regions with the least that lives, one after the other, into free ones. */

import { type Slot, type Space, State } from "../../space/space.ts";
import type { Alignments } from "../alignments.ts";
import type { Bump } from "../bump.ts";
import type { Moved } from "../moved.ts";
import type { Census } from "./census.ts";
import { Kind, type RegionTable } from "./region-table.ts";

/**
 * The regions worth it, least live bytes first: those with nothing alive, and without pins those with at most `percent`
 * alive, as long as what the rest would give is more than `waste` bytes.
 */
export function collectionSet(table: RegionTable, census: Census, percent: number, waste: number): number[] {
  const { live, pinned } = census;
  const dead = (region: number) => table.endOf(region) - table.startOf(region) - live[region];
  const regions: number[] = [];
  for (let region = 0; region < table.count; region++) {
    if (table.kind(region) !== Kind.used) continue;
    if (pinned[region] === 0 && live[region] * 100 <= percent * table.size) regions.push(region);
  }
  regions.sort((a, b) => live[a] - live[b] || a - b);
  let rest = 0;
  for (const region of regions) rest += dead(region);
  let count = 0;
  while (count < regions.length && (live[regions[count]] === 0 || rest > waste))
    rest -= dead(regions[count++]);
  return regions.slice(0, count);
}

/** Evacuates `regions` to where `to` is and on into free ones. One whose objects do not all find room is kept. Returns how many were filled. */
export function evacuate(
  space: Space,
  table: RegionTable,
  census: Census,
  regions: readonly number[],
  to: Bump,
  alignments: Alignments,
  moved: Moved,
): number {
  let filled = 0;
  const copy = (slot: Slot): boolean => {
    const length = space.length(slot);
    const align = alignments.of(slot);
    let start = to.startOf(length, align);
    if (start < 0) {
      const region = table.takeFree();
      if (region < 0) return false;
      filled++;
      to.open(table.startOf(region), table.endOf(region));
      start = to.startOf(length, align);
      if (start < 0) return false;
    }
    to.move(start, slot);
    moved.add(slot);
    return true;
  };
  for (const region of regions) {
    const blocks = census.blocks(space, table, region);
    let kept = false;
    for (const slot of blocks) if (space.state(slot) === State.live && !copy(slot)) kept = true;
    if (kept) continue;
    for (const slot of blocks) if (space.state(slot) === State.garbage) space.give(slot);
    table.set(region, Kind.free);
  }
  return filled;
}
