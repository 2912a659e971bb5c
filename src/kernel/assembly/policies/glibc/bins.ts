/** Rings of merged chunks: src/allocators/glibc/bins.ts. */
import { MARKS } from "../../../glibc-registers";
import { OF_POLICY } from "../../../registers";
import { address, setWord, word } from "../../memory";
import { BACK, BINNED, chunkAt, FORWARD, LARGER, PLACE, SIZE, SMALLER, unitsAt } from "./chunks";
import { binOf, large, UNSORTED } from "./layout";

const MARK_WORDS = 4;

/** Chunks looked at. */
export let looked: i32 = 0;
let marks: usize = 0;

export function bindBins(): void {
  looked = 0;
  marks = address(OF_POLICY + MARKS);
}

@inline
export function look(): void {
  looked++;
}

@inline
export function forgetLooks(): void {
  looked = 0;
}

@inline
export function first(bin: i32): i32 {
  return load<i32>(chunkAt(bin), FORWARD);
}

@inline
export function last(bin: i32): i32 {
  return load<i32>(chunkAt(bin), BACK);
}

export function put(row: i32): void {
  store<i32>(chunkAt(row), 0, SMALLER);
  store<i32>(chunkAt(row), BINNED, PLACE);
  link(row, UNSORTED, first(UNSORTED));
}

export function file(row: i32): void {
  const size = unitsAt(row);
  const bin = binOf(size);
  let after = first(bin);
  if (size >= large) {
    if (after == bin) {
      store<i32>(chunkAt(row), row, SMALLER);
      store<i32>(chunkAt(row), row, LARGER);
    } else after = rank(row, size, bin);
  }
  link(row, load<i32>(chunkAt(after), BACK), after);
  setWord(marks, bin >> 5, word(marks, bin >> 5) | (1 << (bin & 31)));
}

export function remove(row: i32): void {
  const at = chunkAt(row);
  const before = load<i32>(at, BACK);
  const after = load<i32>(at, FORWARD);
  store<i32>(chunkAt(before), after, FORWARD);
  store<i32>(chunkAt(after), before, BACK);
  if (load<i32>(at, SIZE) >= large && load<i32>(at, SMALLER) != 0) unrank(row, after);
}

/** The first of its size goes: the one after it takes its place among the sizes, if it is as long. */
function unrank(row: i32, after: i32): void {
  const smaller = load<i32>(chunkAt(row), SMALLER);
  const larger = load<i32>(chunkAt(row), LARGER);
  if (load<i32>(chunkAt(after), SMALLER) != 0) {
    store<i32>(chunkAt(larger), smaller, SMALLER);
    store<i32>(chunkAt(smaller), larger, LARGER);
  } else if (smaller == row) {
    store<i32>(chunkAt(after), after, SMALLER);
    store<i32>(chunkAt(after), after, LARGER);
  } else {
    store<i32>(chunkAt(after), smaller, SMALLER);
    store<i32>(chunkAt(after), larger, LARGER);
    store<i32>(chunkAt(larger), after, SMALLER);
    store<i32>(chunkAt(smaller), after, LARGER);
  }
}

export function bestFit(bin: i32, units: i32): i32 {
  const longest = first(bin);
  if (longest == bin) return 0;
  look();
  if (unitsAt(longest) < units) return 0;
  let row = load<i32>(chunkAt(longest), LARGER);
  for (look(); unitsAt(row) < units; look()) row = load<i32>(chunkAt(row), LARGER);
  const second = load<i32>(chunkAt(row), FORWARD);
  return second != bin && unitsAt(second) == unitsAt(row) ? second : row;
}

export function above(bin: i32): i32 {
  let from = -1 << ((bin + 1) & 31);
  for (let i = (bin + 1) >> 5; i < MARK_WORDS; i++, from = -1)
    for (let bits = word(marks, i) & from; bits != 0; bits &= bits - 1) {
      const head = (i << 5) + ctz(bits);
      const row = last(head);
      if (row != head) {
        look();
        return row;
      }
      setWord(marks, i, word(marks, i) & ~(1 << (head & 31)));
    }
  return 0;
}

function rank(row: i32, size: i32, bin: i32): i32 {
  const longest = first(bin);
  look();
  let after = bin;
  let smaller = longest;
  if (size >= unitsAt(last(bin))) {
    after = longest;
    for (look(); size < unitsAt(after); look()) after = load<i32>(chunkAt(after), SMALLER);
    if (size == unitsAt(after)) return load<i32>(chunkAt(after), FORWARD);
    smaller = after;
  }
  const larger = load<i32>(chunkAt(smaller), LARGER);
  store<i32>(chunkAt(row), smaller, SMALLER);
  store<i32>(chunkAt(row), larger, LARGER);
  store<i32>(chunkAt(larger), row, SMALLER);
  store<i32>(chunkAt(smaller), row, LARGER);
  return after;
}

@inline
function link(row: i32, before: i32, after: i32): void {
  store<i32>(chunkAt(row), before, BACK);
  store<i32>(chunkAt(row), after, FORWARD);
  store<i32>(chunkAt(before), row, FORWARD);
  store<i32>(chunkAt(after), row, BACK);
}
