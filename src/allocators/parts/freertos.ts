/**
 * What the heaps of FreeRTOS share: blocks of 8 bytes' alignment behind a header of two words, and no realloc or
 * memalign of their own.
 *
 *   header = 2w: link and size; w = 4 or 8 bytes
 *   length = header + bytes, up to a multiple of 8; a request of 0 bytes is refused
 */
import type { ChoiceOption } from "../../options/options.ts";
import { roundUp } from "../contract.ts";

export const ALIGNMENT = 8;

/** The word size of the machine: `bits=32` or `bits=64`. */
export const BITS = {
  type: "choice",
  default: "32",
  choices: ["32", "64"],
  about: "word size of the machine, which sets the size of headers",
} as const satisfies ChoiceOption;

/** Bytes of a block's header. */
export function headerOf(bits: "32" | "64"): number {
  return bits === "32" ? 8 : 16;
}

/** Bytes of a block for `bytes`; `align` beyond 8 asks for so many more that an aligned address lies among them. */
export function lengthOf(header: number, bytes: number, align: number): number {
  return roundUp(header + bytes + Math.max(align - ALIGNMENT, 0), ALIGNMENT);
}

/** What every model of them leaves out or adds. */
export const DEPARTS =
  "FreeRTOS has neither realloc nor memalign: realloc is allocate, copy, free, as a program does it; memalign asks for " +
  "as many bytes more as the alignment takes, and uses the aligned address inside.";
