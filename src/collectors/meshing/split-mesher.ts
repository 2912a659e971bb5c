/**
 * Which spans of a class to mesh (Powers and others, the algorithm SplitMesher; src/global_heap.cc, `shiftedSplitting`):
 * they are dealt out to two lists, which are shuffled, and each of the left one is probed against those of the right one
 * from its own place on, `probes` at most, until one has no object where it has one.
 */
import type { SizeSpans } from "../size-spans.ts";
import type { RandomWords } from "./random-words.ts";

/** `kOccupancyCutoff`: spans that are as full are left alone. */
const CUTOFF = 0.8;

export interface Pairs {
  /** Pairs of pages, one after the other. */
  readonly pages: readonly number[];
  /** Words of bitmaps that were compared. */
  readonly words: number;
}

/** `pages`: of spans of one class. */
export function splitMesher(
  spans: SizeSpans,
  kind: number,
  pages: readonly number[],
  probes: number,
  random: RandomWords,
): Pairs {
  const { capacity } = spans.classes[kind];
  const left: number[] = [];
  const right: number[] = [];
  for (const page of pages) {
    if (spans.used(page) >= CUTOFF * capacity) continue;
    (left.length <= right.length ? left : right).push(page);
  }
  random.shuffle(left);
  random.shuffle(right);
  const lefts = left.map((page) => bitmap(spans, page, capacity));
  const rights = right.map((page) => bitmap(spans, page, capacity));
  const found: number[] = [];
  const limit = Math.min(probes, right.length);
  let compared = 0;
  for (let i = 0; i < left.length; i++)
    for (let step = 0; step < limit; step++) {
      const j = (i + step) % right.length;
      if (right[j] < 0) continue;
      compared++;
      if (!disjoint(lefts[i], rights[j])) continue;
      found.push(left[i], right[j]);
      right[j] = -1;
      break;
    }
  return { pages: found, words: compared * 2 * Math.ceil(capacity / 64) };
}

function bitmap(spans: SizeSpans, page: number, capacity: number): Int32Array {
  const bits = new Int32Array(Math.ceil(capacity / 32));
  for (let index = 0; index < capacity; index++)
    if (spans.slot(page, index) !== 0) bits[index >>> 5] |= 1 << (index & 31);
  return bits;
}

function disjoint(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if ((a[i] & b[i]) !== 0) return false;
  return true;
}
