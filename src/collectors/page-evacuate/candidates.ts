/**
 * Which pages a collection evacuates (V8, `MarkCompactCollector::CollectEvacuationCandidates`). That is decided before
 * marking, so a page counts with all that the last sweep left in it and what has been placed there since, the dead
 * included: the dead of today make a page sparse for the next collection.
 *
 *   sparse      free in it >= target percent of a page; neither a pinned object in it, nor the cursor of allocation
 *   candidates  sparse pages, the emptiest first, as long as they hold at most `limit` bytes in all;
 *               none if that would give no page more than what is evacuated fills
 */
import type { Address, Space } from "../../space/space.ts";
import { eachBlock } from "../each-block.ts";
import { Kind, type RegionTable } from "../regions/region-table.ts";

export interface Heuristics {
  /** Percent of a page that must be free. */
  readonly target: number;
  /** Bytes that are evacuated at most. */
  readonly limit: number;
}

/** `cursor`: allocation is at work below this address; 0 for nowhere. */
export function candidates(
  space: Space,
  table: RegionTable,
  cursor: Address,
  { target, limit }: Heuristics,
): number[] {
  const held = new Float64Array(table.count);
  const barred = new Uint8Array(table.count);
  eachBlock(space, space.segmentEnd(space.heap), (slot) => {
    held[table.of(space.start(slot))] += space.length(slot);
  });
  if (cursor > 0) barred[table.of(cursor - 1)] = 1;
  if (space.graph.on) for (const slot of space.graph.pins()) barred[table.of(space.start(slot))] = 1;
  const sparse: number[] = [];
  for (let page = 0; page < table.count; page++) {
    if (table.kind(page) !== Kind.used || barred[page] === 1) continue;
    const bytes = table.endOf(page) - table.startOf(page);
    if ((bytes - held[page]) * 100 >= target * bytes) sparse.push(page);
  }
  sparse.sort((a, b) => held[a] - held[b] || a - b);
  let count = 0;
  let bytes = 0;
  while (count < sparse.length && bytes + held[sparse[count]] <= limit) bytes += held[sparse[count++]];
  return Math.ceil(bytes / table.size) < count ? sparse.slice(0, count) : [];
}
