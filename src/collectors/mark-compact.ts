/**
 * Mark-compact with the Lisp2 algorithm: new objects at the frontier; when it meets the end, mark, and slide what
 * lives down over what does not, in order. Afterwards all that is free is one hole. Three passes over the heap.
 *
 * Words touched after marking (Jones, Hosking and Moss, The Garbage Collection Handbook, section 3.2, Algorithm 3.2);
 * an object is passed over by reading its header, dead or not. Those of the first column are scanned:
 *
 *   computeLocations   1 an object passed       1 a live one: its forwarding address, written
 *   updateReferences   1 an object passed,      2 a reference whose target moves: the forwarding address there, read,
 *                      words of live blocks     and the reference, written
 *   relocate           1 an object passed       1 a live one: its forwarding address, read; and 2 a word moved
 *
 * The forwarding address is a word of its own in every block, unless the option puts it into the header: 8 bytes for
 * each live object are what a collection needs beside the objects, or none.
 */
import { definePolicy } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import { OptionError, type Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import type { Space } from "../space/space.ts";
import { SLIDING_REASONS, type Slid, Sliding } from "./sliding.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  forwarding: {
    type: "flag",
    default: true,
    about: "a word more in each block for its forwarding address; 0: it goes into the header, as in HotSpot",
  },
} as const;

/** What the three passes cost; `forwarding`: bytes of a forwarding address that is no part of the header. */
function charge(
  space: Space,
  { passed, live, liveWords, movedWords, updated }: Slid,
  forwarding: number,
): void {
  const scanned = 3 * passed + liveWords;
  space.count(Cost.scannedWords, scanned);
  space.count(Cost.touchedWords, scanned + 2 * live + 2 * updated + 2 * movedWords);
  space.needExtra(forwarding * live);
}

function shapeOf({ header, alignment, forwarding }: Options<typeof OPTIONS>): BlockShape {
  if (!forwarding && header < WORD)
    throw new OptionError(
      `policy mark-compact: a header of ${header} bytes has no room for a forwarding address`,
    );
  return new BlockShape(header + (forwarding ? WORD : 0), alignment);
}

export const markCompact = definePolicy<typeof OPTIONS>({
  name: "mark-compact",
  family: "collectors",
  summary: "Places at the frontier; when that meets the end, slides all that lives down in order (Lisp2).",
  source:
    "Knuth, The Art of Computer Programming vol. 1, 3rd edition, section 2.5, exercise 33; " +
    "Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, section 3.2, Algorithm 3.2",
  departs:
    "In a trace without references the dead are known, so a collection that cannot make room is not begun, and there are none to " +
    "rewrite; reading objects to look for them is counted. Roots are references, pins are not. A pinned object, which the " +
    "algorithm does not know, stays, with a gap below it. An object aligned beyond the rest leaves a gap below it, which is a " +
    "second hole. A block that was the last may grow in place, which no language asks for; C's realloc does.",
  facts: {
    author: "known as LISP 2's, 1960s; Knuth, section 2.5, exercise 33",
    ships: "HotSpot's serial collector, for full collections",
    header: "8 bytes, an option; and a word for the forwarding address, unless it goes into the header",
    alignment: "8 bytes, an option",
    order: "at the frontier, always",
    coalescing: "by sliding: after a collection all that is free is one hole",
    bound: "M, with header, forwarding word and rounding: what lives is moved together (by its algorithm)",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "3: forwarding addresses, references, moves",
    extra: "1 word an object, or none with forwarding=0",
    order: "sliding",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: true, compacts: true }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => shapeOf(options).granule,
  reasons: SLIDING_REASONS,
  create: (space, options) =>
    new Sliding(space, shapeOf(options), (s, slid) => charge(s, slid, options.forwarding ? WORD : 0)),
});
