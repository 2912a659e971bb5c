/**
 * TLSF as ESP-IDF ships it for the ESP32: Matthew Conte's, with lists made to the pool's measure. O(1).
 *
 *   n       = log2 of the second-level lists: 3 for heaps up to 16 KiB, 4 up to 256 KiB, 5 above
 *   max     = floor(log2 H) + 1: a block is shorter than 2^max
 *   levels  = max - (n + 2) + 1
 *   control = 36 + 4 levels + 4 levels 2^n: 852 bytes at 64 KiB, 2016 at 1 MiB, 2544 at 16 MiB
 *
 * malloc gives the block the length that it searched for, that of the class: so a block that is freed serves any
 * request of its class again, at the price of up to 1/2^n of the payload. realloc in place and memalign do not.
 */
import { definePolicy } from "./contract.ts";
import { TWO_LEVEL_REASONS, TwoLevelFit, type TwoLevelShape } from "./parts/two-level-fit.ts";

const OPTIONS = {
  bits: {
    type: "choice",
    default: "32",
    choices: ["32"],
    about: "word size of the machine; the chips that it is made for have 32 bits",
  },
} as const;

function shapeOf(heap: number): TwoLevelShape {
  const stepsLog2 = heap <= 16 << 10 ? 3 : heap <= 256 << 10 ? 4 : 5;
  const most = 32 - Math.clz32(heap);
  const levels = Math.max(most - stepsLog2 - 1, 1);
  return {
    owner: "policy esp-tlsf",
    control: 36 + 4 * levels * (1 + 2 ** stepsLog2),
    stepsLog2,
    largest: 2 ** most,
    keepsRounding: true,
  };
}

export const espTlsf = definePolicy<typeof OPTIONS>({
  name: "esp-tlsf",
  family: "segregated fits",
  summary: "TLSF with lists made to the pool's measure and blocks rounded up to their class.",
  source:
    "ESP-IDF's heap component, its fork of tlsf (github.com/espressif/tlsf); " +
    "Masmano, Ripoll, Crespo and Real, TLSF: A New Dynamic Memory Allocator for Real-Time Systems, ECRTS 2004",
  departs:
    "The heap is one pool; heap_caps, which picks one of several by capability, its lock and its poisoning are left out. " +
    "The lists are kept beside the heap. realloc to 0 bytes, which frees, is refused and changes nothing. A heap too small " +
    "for the control structure and one block refuses everything.",
  facts: {
    author: "Masmano, Ripoll, Crespo and Real, 2004; Matthew Conte; fork by Espressif, 2021",
    ships: "ESP-IDF from 4.3 on: every heap of the ESP32 family",
    header: "4 bytes: the size word; and up to 1/8 of the payload, its class's rounding",
    alignment: "4 bytes",
    order:
      "8, 16 or 32 lists to each power of two, by the size of the heap, last freed first; takes the " +
      "head of the first list whose every block will do",
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
  granule: () => 4,
  kernel: () => "tlsf",
  reasons: TWO_LEVEL_REASONS,
  create: (space) => new TwoLevelFit(space, shapeOf(space.limit)),
});
