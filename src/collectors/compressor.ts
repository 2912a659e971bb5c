/**
 * The Compressor of Kermany and Petrank: new objects at the frontier; when it meets the end, mark into a bitmap, and
 * slide what lives down in order, in one pass over what lives. The dead are never looked at.
 *
 *   bitmap   a bit a word of the heap; marking sets those of an object's first and last word
 *   offset   by block of the heap: where the first object that begins in it goes; from the bitmap alone
 *   new address of an object = offset of its block + words of live objects before it in the block, from the bitmap
 *
 * Words touched after marking (Jones, Hosking and Moss, The Garbage Collection Handbook, section 3.4, Algorithm 3.4).
 * Those of the first column are scanned:
 *
 *   marking                                         2 a live object: its two bits, set
 *   computeLocations             the bitmap         1 a block of the heap: its offset, written
 *   updateReferencesRelocate     the bitmap,        2 a word moved
 *                                words of live      1 a reference: the offset of its target's block, read; and the
 *                                blocks             words of the bitmap for a block
 *                                                   1 a reference whose target moves, written
 *
 * Only what lies below the frontier is covered. Bitmap and offsets are what a collection needs beside the objects:
 * with blocks of 512 bytes, a 64th of the heap each.
 */
import { definePolicy } from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import type { Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import type { Space } from "../space/space.ts";
import { SLIDING_REASONS, type Slid, Sliding } from "./sliding.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  block: {
    type: "integer",
    default: 512,
    min: 64,
    max: 65_536,
    unit: "bytes",
    powerOfTwo: true,
    about: "bytes of the heap that share an entry of the offset table",
  },
} as const;

/** Bytes of the heap for a word of the bitmap. */
const WORD_OF_BITS = WORD * 64;

/** What bitmap, offset table and the one pass cost. */
function charge(space: Space, { covered, live, liveWords, movedWords, updated }: Slid, block: number): void {
  const bitmap = Math.ceil(covered / WORD_OF_BITS);
  const blocks = Math.ceil(covered / block);
  const references = space.graph.on ? space.graph.references() : 0;
  const scanned = 2 * bitmap + liveWords;
  const lookUp = 1 + Math.ceil(block / WORD_OF_BITS);
  space.count(Cost.scannedWords, scanned);
  space.count(
    Cost.touchedWords,
    scanned + 2 * live + blocks + lookUp * references + updated + 2 * movedWords,
  );
  space.needExtra(WORD * (bitmap + blocks));
}

const shapeOf = ({ header, alignment }: Options<typeof OPTIONS>) => new BlockShape(header, alignment);

export const compressor = definePolicy<typeof OPTIONS>({
  name: "compressor",
  family: "collectors",
  summary:
    "Places at the frontier; when that meets the end, slides what lives down in one pass, by a bitmap and a table.",
  source:
    "Kermany and Petrank, The Compressor: Concurrent, Incremental, and Parallel Compaction, PLDI 2006, pp. 354-363; " +
    "Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, section 3.4, Algorithm 3.4",
  departs:
    "One thread, and the program stands still: the paper's concurrent mode, which moves page by page behind protected virtual memory, " +
    "is not modelled. In a trace without references the dead are known, so a collection that cannot make room is not begun, and there " +
    "are none to rewrite; reading objects to look for them is counted. Roots are references, pins are not: a pinned object, which " +
    "the algorithm does not know, stays, with a gap below it; so does the gap below one aligned beyond the rest.",
  facts: {
    author: "Haim Kermany and Erez Petrank, 2006",
    ships: "MMTk (mmtk-core), as Compressor",
    header: "8 bytes, an option; 0 where lengths are kept elsewhere. Marks and forwarding are outside",
    alignment: "8 bytes, an option",
    order: "at the frontier, always",
    coalescing: "by sliding: after a collection all that is free is one hole",
    bound:
      "M, with header and rounding, and bitmap and offset table: what lives is moved together (by its algorithm)",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "1: references and moves together; where to, the bitmap says",
    extra: "a mark bitmap and, with block=512, an offset table: a 64th of the heap each",
    order: "sliding",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: true, compacts: true }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => shapeOf(options).granule,
  reasons: SLIDING_REASONS,
  create: (space, options) =>
    new Sliding(space, shapeOf(options), (s, slid) => charge(s, slid, options.block)),
});
