/** The options of region evacuation, named after G1's in JDK 17, and the size of a region that follows from the heap. */
import { SHAPE_OPTIONS } from "../../allocators/parts/block-shape.ts";
import { OptionError, type Options } from "../../options/options.ts";
import type { Space } from "../../space/space.ts";

const MiB = 1024 * 1024;
const SMALLEST = 512;

export const OPTIONS = {
  ...SHAPE_OPTIONS,
  region: {
    type: "integer",
    default: 0,
    min: 0,
    max: 32 * MiB,
    unit: "bytes",
    about: "bytes of a region, a power of two from 512; 0: follows from the heap (G1HeapRegionSize)",
  },
  live: {
    type: "integer",
    default: 85,
    min: 1,
    max: 100,
    about: "regions with more percent alive are not evacuated (G1MixedGCLiveThresholdPercent)",
  },
  waste: {
    type: "integer",
    default: 5,
    min: 0,
    max: 50,
    about: "percent of the heap: evacuation ends when the rest would give less (G1HeapWastePercent)",
  },
  reserve: {
    type: "integer",
    default: 10,
    min: 0,
    max: 50,
    about: "percent of the regions kept free for evacuation (G1ReservePercent)",
  },
} as const;

/**
 * As G1 has it: the heap by 2048, down to a power of two, from 1 to 32 MiB. G1's least heap then has few regions; here
 * there are 64 at least, from 512 bytes. 64 KiB in a heap that grows.
 */
export function regionSize(space: Space, { region }: Options<typeof OPTIONS>): number {
  if (region > 0) {
    if (region < SMALLEST || !Number.isInteger(Math.log2(region)))
      throw new OptionError(`policy regions: region is ${region}; it must be 0 or a power of two from 512`);
    return region;
  }
  if (space.grows) return 64 * 1024;
  const byHeap = Math.min(Math.max(powerBelow(space.limit / 2048), MiB), 32 * MiB);
  return Math.min(byHeap, Math.max(powerBelow(space.limit / 64), SMALLEST));
}

/** The largest power of two that is at most `bytes`, which is 1 at least. */
export function powerBelow(bytes: number): number {
  let power = 1;
  while (2 * power <= bytes) power *= 2;
  return power;
}
