/**
 * Which chunk serves, and where a freed one goes: src/allocators/glibc/arena.ts, and top of top.ts. What asks the system, or
 * gives back to it, is TypeScript's: `take` and `mayGive` are false, and nothing has changed.
 */
import { LAST_REMAINDER, TOP } from "../../../glibc-registers";
import { OF_POLICY } from "../../../registers";
import { address, setWord, word } from "../../memory";
import { above, bestFit, file, first, last, look, put, remove } from "./bins";
import {
  cacheGet,
  cacheHasRoom,
  cachePut,
  clearFast,
  fastGet,
  fastHead,
  fastPut,
  fastUsed,
} from "./caches";
import { binned, create, drop, set, startOf, tagCount, unitsAt } from "./chunks";
import { binOf, large, lead, mostFast, smallest, UNIT_LOG2, UNSORTED } from "./layout";

const MOST_FILED = 10000;
/** 65536 bytes. */
const CONSOLIDATES = 4096;

/** The chunk found last. */
export namespace taken {
  export let start: i32 = 0;
  export let size: i32 = 0;
}

let top: usize = 0;
let lastRemainder: usize = 0;

export function bindArena(): void {
  top = address(OF_POLICY + TOP);
  lastRemainder = address(OF_POLICY + LAST_REMAINDER);
}

@inline
export function topStart(): i32 {
  return <i32>load<f64>(top);
}

/** Bytes; a multiple of 8. */
@inline
function topSize(): f64 {
  const end = load<f64>(top, 8);
  return end == 0 ? 0 : end - load<f64>(top) * 16 - <f64>lead;
}

@inline
export function growIntoTop(units: i32): void {
  store<f64>(top, load<f64>(top) + <f64>units);
}

@inline
export function topHolds(units: i32): bool {
  return topSize() >= <f64>(units + smallest) * 16;
}

/** From the thread cache. */
@inline
export function takeCached(units: i32): bool {
  const row = cacheGet(units);
  if (row == 0) return false;
  look();
  return whole(row, units);
}

/** `take` need not search: nothing but one size's own lists changes. */
export function takesAtOnce(units: i32): bool {
  if (units <= mostFast && fastHead(units) != 0) return true;
  const bin = binOf(units);
  return units < large && last(bin) != bin;
}

@inline
export function take(units: i32): bool {
  if (units <= mostFast) {
    const row = fastGet(units);
    if (row != 0) {
      stashFast(units);
      look();
      return whole(row, units);
    }
  }
  const bin = binOf(units);
  if (units >= large) return search(units, bin);
  const row = last(bin);
  if (row == bin) return search(units, bin);
  remove(row);
  stashSmall(bin, units);
  look();
  return whole(row, units);
}

/** Top must hold the chunk, whether it is needed or not: so something is found. */
function search(units: i32, bin: i32): bool {
  if (!topHolds(units) || topStart() + units > tagCount) return false;
  const isLarge = units >= large;
  if (isLarge && fastUsed()) consolidate();
  if (fromUnsorted(units, isLarge)) return true;
  const fit = isLarge ? bestFit(bin, units) : 0;
  if (fit != 0) return split(fit, units, false);
  const higher = above(bin);
  if (higher != 0) return split(higher, units, !isLarge);
  look();
  taken.start = topStart();
  taken.size = units;
  growIntoTop(units);
  return true;
}

/** Whether `give` does no more than the lists. */
export function mayGive(start: i32, size: i32): bool {
  if (cacheHasRoom(size) || size <= mostFast) return true;
  const before = binned(start - 1);
  return mayMerge(before == 0 ? size : size + unitsAt(before), start + size);
}

/** The same for the last `size` units of a chunk in use that ends at `end`. */
export function mayGiveRest(size: i32, end: i32): bool {
  return cacheHasRoom(size) || size <= mostFast || mayMerge(size, end);
}

function mayMerge(size: i32, end: i32): bool {
  if (end == topStart()) return <f64>size * 16 + topSize() < <f64>(CONSOLIDATES << UNIT_LOG2);
  const after = binned(end);
  return (after == 0 ? size : size + unitsAt(after)) < CONSOLIDATES;
}

@inline
export function give(start: i32, size: i32, hole: i32): void {
  const row = create(start, size, hole);
  if (cacheHasRoom(size)) cachePut(row, size);
  else if (size <= mostFast) fastPut(row, size);
  else merge(row);
}

function consolidate(): void {
  clearFast();
  for (let units = smallest; units <= mostFast; units++)
    for (let row = fastGet(units); row != 0; row = fastGet(units)) merge(row);
}

function merge(row: i32): void {
  let start = startOf(row);
  let size = unitsAt(row);
  const before = binned(start - 1);
  if (before != 0) {
    remove(before);
    size += unitsAt(before);
    start = drop(before);
  }
  const end = start + size;
  if (end == topStart()) {
    store<f64>(top, <f64>start);
    drop(row);
    return;
  }
  const after = binned(end);
  if (after != 0) {
    remove(after);
    size += unitsAt(after);
    drop(after);
  }
  set(row, start, size);
  put(row);
}

function fromUnsorted(units: i32, isLarge: bool): bool {
  let hits = 0;
  for (let filed = 0; filed < MOST_FILED; ) {
    const row = last(UNSORTED);
    if (row == UNSORTED) break;
    look();
    const size = unitsAt(row);
    if (
      !isLarge &&
      size > units + smallest &&
      startOf(row) == word(lastRemainder, 0) &&
      first(UNSORTED) == row
    ) {
      lowEnd(row, units);
      setWord(lastRemainder, 0, taken.start + units);
      return true;
    }
    remove(row);
    if (size != units) {
      file(row);
      filed++;
    } else if (cacheHasRoom(units)) {
      cachePut(row, units);
      hits++;
    } else return whole(row, units);
  }
  return hits > 0 && whole(cacheGet(units), units);
}

/** `remembered`: the rest is the one that small requests go on from. */
function split(row: i32, units: i32, remembered: bool): bool {
  remove(row);
  const size = unitsAt(row);
  if (size - units < smallest) return whole(row, size);
  lowEnd(row, units);
  put(row);
  if (remembered) setWord(lastRemainder, 0, taken.start + units);
  return true;
}

function lowEnd(row: i32, units: i32): void {
  taken.start = startOf(row);
  taken.size = units;
  set(row, taken.start + units, unitsAt(row) - units);
}

@inline
function whole(row: i32, size: i32): bool {
  taken.size = size;
  taken.start = drop(row);
  return true;
}

function stashFast(units: i32): void {
  while (cacheHasRoom(units)) {
    const row = fastGet(units);
    if (row == 0) return;
    cachePut(row, units);
  }
}

function stashSmall(bin: i32, units: i32): void {
  while (cacheHasRoom(units)) {
    const row = last(bin);
    if (row == bin) return;
    remove(row);
    cachePut(row, units);
  }
}
