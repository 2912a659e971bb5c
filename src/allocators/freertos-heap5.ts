/**
 * heap_4 over memory that does not lie in one piece: FreeRTOS heap_5, one list through all regions. O(free blocks).
 *
 *   regions=1   [0, H)
 *   regions=3   H/4 bytes each at 0, 3H/8 and 3H/4: what lies between them is no part of the heap
 */
import { definePolicy } from "./contract.ts";
import { ALIGNMENT, BITS, DEPARTS, headerOf } from "./parts/freertos.ts";
import { FreeRtosFirstFit, REASONS, type Region } from "./parts/freertos-first-fit.ts";

const OPTIONS = {
  bits: BITS,
  regions: {
    type: "choice",
    default: "1",
    choices: ["1", "3"],
    about: "pieces of memory given to the heap: all of the arena, or a quarter of it at 0, 3/8 and 3/4",
  },
} as const;

function regionsOf(count: "1" | "3", heap: number): Region[] {
  if (count === "1") return [{ start: 0, end: heap }];
  return [0, 3 / 8, 3 / 4].map((at) => ({ start: heap * at, end: heap * (at + 1 / 4) }));
}

export const freertosHeap5 = definePolicy<typeof OPTIONS>({
  name: "freertos-heap5",
  family: "sequential fits",
  summary: "FreeRTOS heap_5: heap_4 over several regions of memory, on one list by address.",
  source:
    "FreeRTOS-Kernel V11, portable/MemMang/heap_5.c: vPortDefineHeapRegions, pvPortMalloc, prvInsertBlockIntoFreeList",
  departs: `The gaps between regions count as the allocator's unused memory, not as holes. ${DEPARTS}`,
  facts: {
    author: "Richard Barry, FreeRTOS",
    ships: "FreeRTOS, on chips whose RAM lies in several pieces",
    header: "2w = 8 or 16 bytes: link and length",
    alignment: "8 bytes (portBYTE_ALIGNMENT)",
    order: "one list by address through all regions; takes the low end of the first block that will do",
    coalescing: "at once, with both neighbours in the same region",
    bound: "one region: M(1 + ceil(log2 n)), first fit by address (Robson 1977); several: none known",
    steps:
      "list entries that a malloc compares with its size, the end marker of each region included; not " +
      "those passed by a free to find its place",
  },
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => ALIGNMENT,
  reasons: REASONS,
  create: (space, { bits, regions }) =>
    new FreeRtosFirstFit(space, regionsOf(regions, space.limit), headerOf(bits)),
});
