/**
 * What keeps a heap from shrinking. It can only be given back from its end, so every live block holds all that lies
 * below it: the topmost ones are what pins it, whatever is free between them. One walk down from the end, O(nodes),
 * and no farther than MOST_NODES.
 */
import { type Slot, type Space, State } from "../../src/space/space.ts";
import { toneOf } from "./palette.ts";
import type { Pin, Pins } from "./protocol.ts";

const MOST_NODES = 1 << 20;
/** Shares of the heap for which is told what would have to go. */
const SHARES = [0.1, 0.25, 0.5, 0.9];

/** Who asked for the objects in some slots. */
export type AskedFor = (slots: readonly Slot[]) => readonly Pick<Pin, "born" | "site">[];

/** The `most` topmost live blocks of the first segment. Garbage pins nothing: it goes with the next collection. */
export function pinsOf(space: Space, askedFor: AskedFor, event: number, most: number): Pins {
  const { heap } = space;
  const end = space.segmentEnd(heap);
  const top: Pin[] = [];
  const slots: Slot[] = [];
  const shares: { share: number; blocks: number }[] = [];
  let blocks = 0;
  let trailing = 0;
  let below = 0;
  let left = MOST_NODES;
  let node = space.previous(heap);
  for (; node !== heap && left > 0; node = space.previous(node), left--) {
    if (node < 0) {
      if (blocks === 0) trailing += space.length(node);
      else below += space.length(node);
      continue;
    }
    if (space.state(node) !== State.live) continue;
    blocks++;
    // The block above has its answer now: without it, the heap could end here.
    const back = end - space.end(node);
    if (blocks > 1 && blocks <= most + 1) top[blocks - 2] = { ...top[blocks - 2], back };
    while (shares.length < SHARES.length && back >= SHARES[shares.length] * end)
      shares.push({ share: SHARES[shares.length], blocks: blocks - 1 });
    if (blocks > most) continue;
    slots.push(node);
    top.push({
      id: space.id(node),
      bytes: space.payload(node),
      start: space.start(node),
      length: space.length(node),
      tone: toneOf(space.id(node)),
      born: 0,
      site: "",
      back: end,
    });
  }
  const whole = node === heap;
  if (whole) while (shares.length < SHARES.length) shares.push({ share: SHARES[shares.length], blocks });
  const asked = askedFor(slots);
  const pins = top.map((pin, i) => ({ ...pin, ...asked[i] }));
  return { event, heapBytes: end, blocks, trailing, below, top: pins, shares, whole };
}
