/**
 * The top chunk of an arena in heaps: it lies at the end of the last one, which grows by just the pages that are missing
 * while its region has room. After that there is another heap, and what was top is freed but for a fence.
 */
import { Control, PAGE, type Segment, type Space } from "../../space/space.ts";
import { roundUp } from "../contract.ts";
import type { ArenaHeaps } from "./arena-heaps.ts";
import type { Bins } from "./bins.ts";
import type { Chunks } from "./chunks.ts";
import { UNIT } from "./layout.ts";
import type { Thresholds } from "./thresholds.ts";
import { BREAK, START, Top } from "./top.ts";

/** HEAP_MIN_SIZE */
const LEAST = 32 * 1024;

export class HeapTop extends Top {
  private readonly bins: Bins;
  private readonly give: (start: number, units: number) => void;
  private readonly heaps: ArenaHeaps;
  /** Bytes of the smallest chunk. */
  private readonly smallest: number;

  /** `give` frees a chunk into the arena, as the program would. */
  constructor(
    space: Space,
    chunks: Chunks,
    bins: Bins,
    heaps: ArenaHeaps,
    thresholds: Thresholds,
    give: (start: number, units: number) => void,
  ) {
    super(space, chunks, heaps, thresholds);
    this.bins = bins;
    this.give = give;
    this.heaps = heaps;
    this.smallest = heaps.smallest * UNIT;
  }

  override get segment(): Segment {
    return this.heaps.segment(this.heaps.count - 1);
  }

  override get size(): number {
    return this.bytesFrom(this.start, this.segment);
  }

  /** The arena's first heap, with `bytes` to spare if a region has them. Whether there is one. */
  begin(bytes: number): boolean {
    const own = this.heaps.own(0) + UNIT;
    return this.open(bytes + own) || this.open(own);
  }

  override grow(units: number): boolean {
    const { space, segment } = this;
    const more = roundUp(units * UNIT + this.smallest - this.size, PAGE);
    if (space.segmentLength(segment) + more > this.heaps.heaps.most)
      return this.another(units) && this.holds(units);
    if (space.extend(more, segment) === 0) return false;
    this.state.data[BREAK] += more;
    return true;
  }

  /** Whole heaps go as well, from the last one on, as long as they are empty and the one before has room. */
  override release(): number {
    const { topPad, trim } = this.thresholds;
    let given = 0;
    while (this.heaps.count > 1 && this.start === this.heaps.first(this.heaps.count - 1)) {
      const bytes = this.close(topPad);
      if (bytes === 0) break;
      given += bytes;
    }
    const { size } = this;
    const spare = size - this.smallest - 1 - topPad;
    const bytes = spare - (spare % PAGE);
    if (size < trim || bytes <= 0) return given;
    this.space.trim(bytes, this.segment);
    this.state.data[BREAK] -= bytes;
    return given + bytes;
  }

  /** malloc_trim leaves it alone. */
  override trim(): number {
    return 0;
  }

  /** Another heap, with top at its start. What was top is freed, as any chunk is, but for the fence. */
  private another(units: number): boolean {
    const { space, chunks, heaps, start, size, segment } = this;
    if (!this.open(units * UNIT + this.smallest + heaps.own(heaps.count))) return false;
    const kept = Math.floor((size - this.smallest) / UNIT);
    const isChunk = kept >= heaps.smallest;
    const fence = isChunk ? start + kept : start;
    const bytes = this.bytesFrom(fence, segment);
    const hole = space.previous(segment);
    const offset = heaps.block(fence) - space.start(hole);
    const slot = space.reserveIn(hole, offset, bytes - heaps.word, Control.unused);
    const length = Math.floor(bytes / UNIT);
    chunks.reach(fence + length);
    chunks.use(fence, length, slot);
    if (isChunk) this.give(start, kept);
    return true;
  }

  /** One heap more, for chunks of `bytes` in all with what is its own, and the pad; top is all of it. */
  private open(bytes: number): boolean {
    const { space, chunks, heaps } = this;
    const { most } = heaps.heaps;
    const { topPad } = this.thresholds;
    if (bytes > most) return false;
    const length = roundUp(Math.min(most, Math.max(LEAST, bytes + topPad)), PAGE);
    const number = heaps.count;
    if (!heaps.add(length)) return false;
    const first = heaps.first(number);
    const hole = space.next(heaps.segment(number));
    const own = heaps.block(first) - space.start(hole);
    chunks.reach(first);
    chunks.use(first - 1, 1, space.reserveIn(hole, 0, own, Control.header));
    this.state.data[START] = first;
    this.state.data[BREAK] += length;
    return true;
  }

  /**
   * Gives the last heap, which top fills, back: the fence of the one before, and the free chunk below it, become top. Not if
   * that and what can still be had of its region are less than `pad`, a smallest chunk and a page. Returns bytes given.
   */
  private close(pad: number): number {
    const { space, chunks, heaps, bins } = this;
    const number = heaps.count - 1;
    const before = heaps.segment(number - 1);
    const fence = space.previous(before);
    let start = heaps.unit(space.start(fence) + heaps.word);
    const below = chunks.binned(start - 1);
    const free = this.bytesFrom(start, before) + chunks.size(below) * UNIT;
    const room = heaps.heaps.most - space.segmentLength(before);
    if (free + room < pad + this.smallest + PAGE) return 0;
    const last = heaps.segment(number);
    const bytes = space.segmentLength(last);
    space.unreserveSlot(space.next(last));
    heaps.remove();
    space.unreserveSlot(fence);
    if (below !== 0) {
      bins.remove(below);
      start = chunks.drop(below);
    }
    this.state.data[START] = start;
    this.state.data[BREAK] -= bytes;
    return bytes;
  }

  /** From the chunk at unit `u` to the end of the segment. */
  private bytesFrom(u: number, segment: Segment): number {
    return this.space.segmentEnd(segment) - this.heaps.block(u) + this.heaps.word;
  }
}
