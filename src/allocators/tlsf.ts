/**
 * Matthew Conte's TLSF 3.1, the one that most firmware means by the name. O(1); 32 second-level lists a level.
 *
 *   w       = bits / 8
 *   levels  = FL_MAX - log2(32 w) + 1: 24 of 32 bits (FL_MAX 30), 25 of 64 bits (FL_MAX 32)
 *   control = null block + bitmaps + list heads
 *           = 4 w + 4 (1 + levels), padded to w, + 32 levels w: 3188 or 6536 bytes
 *
 * Blocks, search and realloc are those of parts/two-level-fit.ts.
 */
import { definePolicy } from "./contract.ts";
import { TWO_LEVEL_REASONS, TwoLevelFit } from "./parts/two-level-fit.ts";

const OPTIONS = {
  bits: {
    type: "choice",
    default: "32",
    choices: ["32", "64"],
    about: "word size of the machine: header, alignment, and the size of the lists' table",
  },
} as const;

export const tlsf = definePolicy<typeof OPTIONS>({
  name: "tlsf",
  family: "segregated fits",
  summary:
    "Takes the head of the first list, by two-level size classes, all of whose blocks are long enough.",
  source:
    "Masmano, Ripoll, Crespo and Real, TLSF: A New Dynamic Memory Allocator for Real-Time Systems, ECRTS 2004; " +
    "Matthew Conte's tlsf 3.1 (github.com/mattconte/tlsf)",
  departs:
    "The lists are kept beside the heap. realloc to 0 bytes, which frees, and realloc to more than the lists are made for, " +
    "which 3.1 answers by shrinking the block, are refused and change nothing. A heap too small for the control structure " +
    "and one block refuses everything.",
  facts: {
    author: "Masmano, Ripoll, Crespo and Real, 2004; this code by Matthew Conte, from 2006 on",
    ships: "LVGL's own heap; Apache NuttX, as an option; CircuitPython 9; forked by ESP-IDF",
    header: "w = 4 or 8 bytes: the size word",
    alignment: "4 or 8 bytes, the word",
    order:
      "32 lists to each power of two, last freed first; takes the head of the first list whose every " +
      "block will do",
    coalescing: "at once, with the block before and the block behind",
    bound:
      "about M(n - 2), that of best fit, which it comes near (Robson 1977); O(1) steps (Masmano et al. 2004)",
    steps:
      "one for each block taken from the head of a list, one for the neighbour that a growing realloc " +
      "looks at; bitmaps are no blocks",
  },
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: ({ bits }) => (bits === "64" ? 8 : 4),
  kernel: () => "tlsf",
  reasons: TWO_LEVEL_REASONS,
  create: (space, { bits }) =>
    new TwoLevelFit(space, {
      owner: "policy tlsf",
      control: bits === "64" ? 6536 : 3188,
      stepsLog2: 5,
      largest: bits === "64" ? 2 ** 32 : 2 ** 30,
      keepsRounding: false,
    }),
});
