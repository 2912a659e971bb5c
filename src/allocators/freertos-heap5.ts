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
  departs:
    "The gaps between regions count as the allocator's unused memory, not as holes. searchSteps counts the list entries " +
    "that a malloc compares with its size, the end marker of each region included; not those passed by a free to find its " +
    `place. ${DEPARTS}`,
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => ALIGNMENT,
  reasons: REASONS,
  create: (space, { bits, regions }) =>
    new FreeRtosFirstFit(space, regionsOf(regions, space.limit), headerOf(bits)),
});
