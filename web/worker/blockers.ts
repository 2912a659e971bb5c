/**
 * What stands in the way of a refused request: of all ranges as long as the block that it needs, the one with the fewest
 * live bytes in it. Two pointers over the nodes of each segment, O(nodes). What the allocator keeps for itself is never
 * in such a range; garbage is, for it goes with the next collection.
 */
import { type Segment, type Slot, type Space, State } from "../../src/space/space.ts";
import { toneOf } from "./palette.ts";
import type { AskedFor } from "./pins.ts";
import type { Blockers } from "./protocol.ts";
import { isEdge } from "./runs.ts";

interface Window {
  readonly start: number;
  readonly end: number;
  /** Live bytes of blocks in it, and how many blocks. */
  readonly bytes: number;
  readonly blocks: number;
}

/** Undefined where no segment is that long. At most `most` blocks are described, lowest first. */
export function blockersOf(
  space: Space,
  askedFor: AskedFor,
  { event, need }: { readonly event: number; readonly need: number },
  most: number,
): Blockers | undefined {
  let best: Window | undefined;
  for (const segment of space.segments()) {
    const found = bestIn(space, segment, need);
    if (found && (!best || better(found, best))) best = found;
  }
  if (!best) return undefined;
  const { start, end } = best;
  const slots: Slot[] = [];
  for (let node = space.at(start); !isEdge(space, node) && space.start(node) < end; node = space.next(node))
    if (node > 0 && space.state(node) === State.live && slots.length < most) slots.push(node);
  const asked = askedFor(slots);
  return {
    event,
    need,
    start,
    length: end - start,
    bytes: best.bytes,
    blocks: best.blocks,
    inTheWay: slots.map((slot, i) => ({
      id: space.id(slot),
      bytes: space.payload(slot),
      start: space.start(slot),
      length: space.length(slot),
      tone: toneOf(space.id(slot)),
      ...asked[i],
    })),
  };
}

const better = (a: Window, b: Window): boolean =>
  a.bytes < b.bytes || (a.bytes === b.bytes && a.blocks < b.blocks);

/** Ranges begin where a hole or garbage begins: beginning within a block, or at its start, is never better. */
function bestIn(space: Space, segment: Segment, need: number): Window | undefined {
  let best: Window | undefined;
  let low = space.next(segment);
  let high = low;
  let bytes = 0;
  let blocks = 0;
  const isLive = (node: number) => node > 0 && space.state(node) === State.live;
  const isFixed = (node: number) => node > 0 && space.state(node) === State.control;
  while (!isEdge(space, low)) {
    while (
      !isEdge(space, high) &&
      !isFixed(high) &&
      space.start(high) + space.length(high) - space.start(low) < need
    ) {
      if (isLive(high)) {
        bytes += space.length(high);
        blocks++;
      }
      high = space.next(high);
    }
    if (isEdge(space, high)) break;
    if (isFixed(high)) {
      low = space.next(high);
      high = low;
      bytes = 0;
      blocks = 0;
      continue;
    }
    const last = isLive(high);
    const found = {
      start: space.start(low),
      end: last ? space.end(high) : space.start(low) + need,
      bytes: bytes + (last ? space.length(high) : 0),
      blocks: blocks + (last ? 1 : 0),
    };
    if (!best || better(found, best)) best = found;
    if (low === high) high = space.next(high);
    else if (isLive(low)) {
      bytes -= space.length(low);
      blocks--;
    }
    low = space.next(low);
  }
  return best;
}
