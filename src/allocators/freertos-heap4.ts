/** First fit by address, merged at once: FreeRTOS heap_4, what most FreeRTOS firmware uses. O(free blocks). */
import { definePolicy } from "./contract.ts";
import { ALIGNMENT, BITS, DEPARTS, headerOf } from "./parts/freertos.ts";
import { FreeRtosFirstFit, REASONS } from "./parts/freertos-first-fit.ts";

const OPTIONS = {
  bits: BITS,
  version: {
    type: "choice",
    default: "11",
    choices: ["11", "10.5.1"],
    about: "V10.5.0 and V10.5.1 took 8 bytes more for a request that is a multiple of 8",
  },
} as const;

export const freertosHeap4 = definePolicy<typeof OPTIONS>({
  name: "freertos-heap4",
  family: "sequential fits",
  summary: "FreeRTOS heap_4: first fit from a list by address; splits blocks and merges neighbours at once.",
  source:
    "FreeRTOS-Kernel V11 and V10.5.1, portable/MemMang/heap_4.c: pvPortMalloc, vPortFree, prvInsertBlockIntoFreeList; " +
    "first fit by address: Knuth, The Art of Computer Programming vol. 1, section 2.5, Algorithms A and B",
  departs: DEPARTS,
  facts: {
    author: "Richard Barry, FreeRTOS",
    ships: "FreeRTOS: its usual heap, and what STM32CubeMX chooses",
    header: "2w = 8 or 16 bytes: link and length",
    alignment: "8 bytes (portBYTE_ALIGNMENT)",
    order: "one list by address; takes the low end of the first block that will do",
    coalescing: "at once, with both neighbours",
    bound: "M(1 + ceil(log2 n)), first fit by address (Robson 1977); steps: as many as there are free blocks",
    steps:
      "list entries that a malloc compares with its size, the end marker included; not those passed by a " +
      "free to find its place",
  },
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => ALIGNMENT,
  reasons: REASONS,
  create: (space, { bits, version }) =>
    // length = header + bytes + 8 - (bytes mod 8) in 10.5.1: one byte more, rounded up.
    new FreeRtosFirstFit(
      space,
      [{ start: 0, end: space.limit }],
      headerOf(bits),
      version === "10.5.1" ? 1 : 0,
    ),
});
