/**
 * Mesh's size classes and their spans (src/runtime.cc, `class_to_size_`; src/global_heap.h): those of jemalloc up to 1,024
 * bytes, then powers of two. A span has as many objects as a page holds, but eight at least.
 */
import { PAGE } from "../../space/space.ts";
import type { SpanClass } from "../size-spans.ts";

const SIZES = [
  16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 2048, 4096,
  8192, 16384,
] as const;
/** `kMinStringLen`. */
const FEWEST = 8;

export const MESH_CLASSES: readonly SpanClass[] = SIZES.map((size) => {
  const capacity = Math.max(Math.floor(PAGE / size), FEWEST);
  return { size, capacity, pages: Math.ceil((size * capacity) / PAGE) };
});

/** The class for so many bytes at multiples of `align`, 0 for any; -1 if none does. */
export function meshClass(bytes: number, align: number): number {
  return align > PAGE ? -1 : SIZES.findIndex((size) => size >= bytes && (align === 0 || size % align === 0));
}
