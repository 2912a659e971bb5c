/**
 * Threaded compaction after Jonkers: new objects at the frontier; when it meets the end, mark, and slide what lives
 * down in order, in two passes over the heap and without any space beside it.
 *
 * All references to an object are threaded: linked through the fields that hold them, from the object's header, whose
 * own word is kept in the last of them. When the object's new address is known the thread is followed, each field gets
 * that address, and the header its word back. The first pass does so with the references that lead up and with roots;
 * the second with those that lead down, and moves. Each reference is threaded and unthreaded once, whether or not its
 * target moves.
 *
 * Words touched after marking (Jones, Hosking and Moss, The Garbage Collection Handbook, section 3.3, Algorithm 3.3);
 * an object is passed over by reading its header, dead or not. Those of the first column are scanned:
 *
 *   updateForwardReferences    1 an object passed,
 *                              words of live blocks
 *   updateBackwardReferences   1 an object passed       2 a word moved
 *   thread                                              3 a reference: the header read, field and header written
 *   update                                              2 a reference: what is in the field read, the address written
 *
 * As nothing in a header may look like an address, it needs a word: there is no room for a thread in less.
 */
import { definePolicy } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import type { Space } from "../space/space.ts";
import { SLIDING_REASONS, type Slid, Sliding } from "./sliding.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  header: { ...SHAPE_OPTIONS.header, min: WORD },
} as const;

/** What threading and the two passes cost. */
function charge(space: Space, { passed, liveWords, movedWords }: Slid): void {
  const scanned = 2 * passed + liveWords;
  const references = space.graph.on ? space.graph.references() : 0;
  space.count(Cost.scannedWords, scanned);
  space.count(Cost.touchedWords, scanned + (3 + 2) * references + 2 * movedWords);
}

const shapeOf = ({ header, alignment }: Options<typeof OPTIONS>) => new BlockShape(header, alignment);

export const jonkers = definePolicy<typeof OPTIONS>({
  name: "jonkers",
  family: "collectors",
  summary:
    "Places at the frontier; when that meets the end, slides what lives down, threading references (Jonkers).",
  source:
    "Jonkers, A Fast Garbage Compaction Algorithm, Information Processing Letters 9(1), 1979, pp. 26-30, doi 10.1016/0020-0190(79)90103-0; " +
    "Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, section 3.3, Algorithm 3.3",
  departs:
    "Objects move when all references have been counted, which no address shows. In a trace without references the dead are known, " +
    "so a collection that cannot make room is not begun, and there is nothing to thread; reading objects to look for references is " +
    "counted. Roots are references, pins are not: a pinned object, which the algorithm does not know, stays, with a gap below it. " +
    "Dead neighbours are passed over one by one in both passes.",
  facts: {
    author: "H. B. M. Jonkers, 1979, after Fisher, 1974, and Morris, 1978",
    ships: "none known to keep it; Lisp and Prolog systems of the 1980s had threaded compaction",
    header: "8 bytes, an option; at least a word, as it takes the thread",
    alignment: "8 bytes, an option",
    order: "at the frontier, always",
    coalescing: "by sliding: after a collection all that is free is one hole",
    bound: "M, with header and rounding: what lives is moved together (by its algorithm)",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "2: references that lead up; those that lead down, and moves",
    extra: "none: threads run through the references",
    order: "sliding",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: true, compacts: true }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => shapeOf(options).granule,
  reasons: SLIDING_REASONS,
  create: (space, options) => new Sliding(space, shapeOf(options), charge),
});
