/**
 * jemalloc's size classes with a quantum of 8, as Redis builds it: multiples of 8 up to 64, then four to each doubling.
 * Those below four pages come from slabs, each of the least pages that regions fill without a rest.
 */
import { roundUp } from "../allocators/contract.ts";
import type { SpanClass } from "./size-spans.ts";

/** The class for so many bytes, up to 2^31. */
export function sizeClass(bytes: number): number {
  if (bytes <= 64) return Math.max(roundUp(bytes, 8), 8);
  return roundUp(bytes, 2 ** (29 - Math.clz32(bytes - 1)));
}

/** The classes that come from slabs. */
export function jemallocClasses(page: number): SpanClass[] {
  const classes: SpanClass[] = [];
  for (let size = 8; size < 4 * page; size = sizeClass(size + 1)) {
    let pages = 1;
    while ((pages * page) % size !== 0) pages++;
    classes.push({ size, pages, capacity: (pages * page) / size });
  }
  return classes;
}
