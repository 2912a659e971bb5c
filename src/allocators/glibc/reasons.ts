/** Why the last request was served as it was, or what became of a chunk, in words for people. */
import { LastReason } from "../parts/last-reason.ts";
import { type Arena, Kept } from "./arena.ts";
import { UNIT } from "./layout.ts";

export const REASONS = {
  cache: "the thread cache has a chunk of {0} bytes, freed last: [{2}, {3})",
  cached: "[{0}, {1}) goes to the thread cache, where nothing merges with it",
  fast: "the fastbin of {0} bytes has a chunk, freed last: [{2}, {3})",
  small: "the small bin of {0} bytes has a chunk, the oldest: [{2}, {3})",
  unsorted: "a chunk of exactly {0} bytes was among the unsorted ones: [{2}, {3})",
  remainder: "small requests in a row are cut from one chunk: the low end of {1} bytes, [{2}, {3})",
  large: "best fit of its large bin for {0} bytes: of a chunk of {1}, [{2}, {3})",
  above: "the lowest bin above that of {0} bytes has a chunk of {1}: its low end, [{2}, {3})",
  top: "no bin has a chunk for {0} bytes: the low end of top, which had {1}, [{2}, {3})",
  quick: "[{0}, {1}) goes to a fastbin, unmerged until fast chunks are merged at once",
  freed: "[{0}, {1}) is free, in the unsorted chunk [{2}, {3})",
  joined: "[{0}, {1}) joins top, which has {2} bytes now",
  trimmed: "[{0}, {1}) joins top, which gives {2} bytes back and keeps {3}",
  grown: "neither a bin nor top holds {0} bytes: sbrk makes top {1}, its low end is [{2}, {3})",
  mapped: "no free chunk holds {0} bytes, and {1} or more are mapped by themselves: [{2}, {3})",
  unmapped: "the mapped chunk [{0}, {1}) goes back; {2} bytes and more are mapped from now on",
  remapped: "the mapped chunk of {0} bytes becomes one of {1}, for a chunk of {2}",
  stays: "the block at {0} stays: {1} bytes become {2}, of which {3} are needed",
  refused: "no free chunk holds {0} bytes, top has {1}, and the system has no more",
};

/** By Found. */
const FOUND = [
  "cache",
  "fast",
  "small",
  "unsorted",
  "remainder",
  "large",
  "above",
  "top",
  "grown",
] as const satisfies readonly (keyof typeof REASONS)[];

export class Reasons extends LastReason<keyof typeof REASONS> {
  constructor() {
    super(REASONS);
  }

  /** A request that needed `units` got the chunk [start, start + size), as the arena found it. */
  placed({ found, from, layout }: Arena, units: number, start: number, size: number): void {
    const block = layout.block(start);
    this.set(FOUND[found], units * UNIT, from, block, block + size * UNIT);
  }

  /** The chunk [start, start + size) was given to the arena. */
  given(arena: Arena, kept: Kept, start: number, size: number): void {
    const { layout } = arena;
    const block = layout.block(start);
    const end = block + size * UNIT;
    if (kept === Kept.cache) this.set("cached", block, end);
    else if (kept === Kept.fast) this.set("quick", block, end);
    else if (kept === Kept.unsorted) {
      const merged = layout.block(arena.mergedStart);
      this.set("freed", block, end, merged, merged + arena.mergedSize * UNIT);
    } else if (arena.trimmed > 0) this.set("trimmed", block, end, arena.trimmed, arena.top.size);
    else this.set("joined", block, end, arena.top.size);
  }
}
