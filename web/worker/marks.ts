/** What the map points at: what the last event placed and freed; and at a refusal the largest hole, and what it lacks. */
import { type Space, State } from "../../src/space/space.ts";
import type { Mark } from "./protocol.ts";
import type { Watcher } from "./watcher.ts";

/** `need`: the shortest block that a refused request would have had to have. */
export function marksOf(space: Space, watcher: Watcher, need: number | undefined): Mark[] {
  const marks: Mark[] = [];
  if (watcher.collections === 0) for (const range of watcher.freed) marks.push({ kind: "freed", ...range });
  const slot = watcher.claimedSlot || watcher.resizedSlot;
  if (slot !== 0 && space.state(slot) === State.live)
    marks.push({ kind: "claimed", start: space.start(slot), length: space.length(slot) });
  if (need === undefined || space.largestHole === 0) return marks;
  const start = largestHole(space);
  const length = space.largestHole;
  marks.push({ kind: "request", start, length: Math.min(need, length) }, { kind: "largest", start, length });
  if (need > length) marks.push({ kind: "excess", start: start + length, length: need - length });
  return marks;
}

function largestHole(space: Space): number {
  for (const segment of space.segments())
    for (let node = space.next(segment); node !== segment; node = space.next(node))
      if (node < 0 && space.length(node) === space.largestHole) return space.start(node);
  return 0;
}
