/** Sizes and bins of chunks, in units: src/allocators/glibc/layout.ts. */
import { WORD } from "../../../glibc-registers";
import { OF_POLICY } from "../../../registers";
import { register } from "../../memory";
import { granuleLog2 } from "../../space";

export const UNIT_LOG2 = 4;
export const UNSORTED = 1;
export const CACHES = 64;

/** Bytes of a word: where in its block the payload begins. */
export let word: i32 = 0;
export let smallest: i32 = 0;
export let mostFast: i32 = 0;
export let large: i32 = 0;
/** Bytes before the first chunk. */
export let lead: i32 = 0;
/** log2 of a unit's granules, and the granules before the first chunk's block. */
let unitLog2: i32 = 0;
let before: i32 = 0;
let shift: i32 = 0;
let fine: i32 = 0;

export function bindLayout(): void {
  word = register(OF_POLICY + WORD);
  const wide = word == 8;
  smallest = wide ? 2 : 1;
  mostFast = wide ? 8 : 4;
  shift = wide ? 0 : 1;
  large = 64 - shift;
  fine = wide ? 48 : 45;
  lead = wide ? 0 : 8;
  unitLog2 = UNIT_LOG2 - granuleLog2;
  before = (lead + word) >>> granuleLog2;
}

@inline
export function unitsOf(bytes: i32): i32 {
  return max((bytes + word + 15) >>> UNIT_LOG2, smallest);
}

export function binOf(units: i32): i32 {
  if (units < large) return units + shift;
  if (units >> 2 <= fine) return 48 + shift + (units >> 2);
  if (units >> 5 <= 20) return 91 + (units >> 5);
  if (units >> 8 <= 10) return 110 + (units >> 8);
  if (units >> 11 <= 4) return 119 + (units >> 11);
  if (units >> 14 <= 2) return 124 + (units >> 14);
  return 126;
}

/** The granule at which the block of the chunk at unit `u` starts, the unit of such a block, and units in granules. */
@inline
export function blockOf(u: i32): i32 {
  return (u << unitLog2) + before;
}

@inline
export function unitOf(granule: i32): i32 {
  return (granule - before) >>> unitLog2;
}

@inline
export function granulesOf(units: i32): i32 {
  return units << unitLog2;
}

@inline
export function sizeOf(granules: i32): i32 {
  return granules >>> unitLog2;
}
