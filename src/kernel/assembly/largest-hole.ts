/** The largest hole under a cached maximum: what src/space/largest-hole.ts says, on the same lists. */
import { LONGEST, LONGEST_HEADS } from "../registers";
import { address, addWord, setWord, word } from "./memory";
import { rowOf } from "./rows";

const STEPS = 32;
const CLASSES = STEPS + 26 * STEPS;
const FEW = 64;
const MANY = 1024;

/** Entries of the state. */
const LARGEST = 0;
const FROM = 1;
const MEMBERS = 2;
const MOST = 3;
const TOP = 4;
const ROWS = 5;

/** Where a hole's row has its length and its two links, in bytes. */
const LENGTH: usize = 4;
const BEFORE: usize = 16;
const AFTER: usize = 20;

let state: usize = 0;
let heads: usize = 0;
const counts: usize = memory.data(4 * CLASSES);

export function bindLargestHole(): void {
  state = address(LONGEST);
  heads = address(LONGEST_HEADS);
}

function classOf(length: i32): i32 {
  if (length < STEPS) return length;
  const power = 31 - clz(length);
  return (power - 4) * STEPS + ((length >> (power - 5)) & (STEPS - 1));
}

function shortestOf(index: i32): i32 {
  if (index < STEPS) return index;
  const power = (index >> 5) + 4;
  return (1 << power) + (index & (STEPS - 1)) * (1 << (power - 5));
}

@inline
export function inserted(row: i32, length: i32): void {
  if (row > word(state, ROWS)) setWord(state, ROWS, row);
  if (length >= word(state, FROM)) insertListed(row, length);
}

@inline
export function removed(row: i32, length: i32): void {
  if (length >= word(state, FROM)) removeListed(row, length);
}

@inline
export function changed(row: i32, before: i32, after: i32): void {
  const from = word(state, FROM);
  if (before >= from || after >= from) changeListed(row, before, after);
}

/** In granules, 0 where there is none. */
@inline
export function largestHole(): i32 {
  const largest = word(state, LARGEST);
  return largest >= 0 ? largest : search(~largest);
}

function insertListed(row: i32, length: i32): void {
  list(row, length);
  const largest = word(state, LARGEST);
  if (largest >= 0 ? length > largest : length >= ~largest) setWord(state, LARGEST, length);
}

function removeListed(row: i32, length: i32): void {
  unlist(row, length);
  if (length == word(state, LARGEST)) setWord(state, LARGEST, ~length);
}

function changeListed(row: i32, before: i32, after: i32): void {
  const from = word(state, FROM);
  if (before < from || after < from || classOf(before) != classOf(after)) {
    if (before >= from) unlist(row, before);
    if (after >= from) list(row, after);
  }
  const largest = word(state, LARGEST);
  if (before == largest && after < before) setWord(state, LARGEST, ~before);
  else if (largest >= 0 ? after > largest : after >= ~largest) setWord(state, LARGEST, after);
}

function list(row: i32, length: i32): void {
  const index = classOf(length);
  const at = rowOf(row);
  const next = word(heads, index);
  store<i32>(at, 0, BEFORE);
  store<i32>(at, next, AFTER);
  if (next != 0) store<i32>(rowOf(next), row, BEFORE);
  setWord(heads, index, row);
  if (index > word(state, TOP)) setWord(state, TOP, index);
  addWord(state, MEMBERS, 1);
  if (word(state, MEMBERS) > word(state, MOST)) relist();
}

function unlist(row: i32, length: i32): void {
  const at = rowOf(row);
  const before = load<i32>(at, BEFORE);
  const after = load<i32>(at, AFTER);
  if (before == 0) setWord(heads, classOf(length), after);
  else store<i32>(rowOf(before), after, AFTER);
  if (after != 0) store<i32>(rowOf(after), before, BEFORE);
  addWord(state, MEMBERS, -1);
}

function search(limit: i32): i32 {
  if (word(state, MEMBERS) == 0 && word(state, FROM) > 1) relist();
  let top = word(state, TOP);
  while (top > 0 && word(heads, top) == 0) top--;
  setWord(state, TOP, top);
  const enough = min(limit, shortestOf(top + 1) - 1);
  let most = 0;
  for (let row = word(heads, top); row != 0 && most < enough; row = load<i32>(rowOf(row), AFTER))
    most = max(most, load<i32>(rowOf(row), LENGTH));
  setWord(state, LARGEST, most);
  return most;
}

function relist(): void {
  memory.fill(counts, 0, 4 * CLASSES);
  const rows = word(state, ROWS);
  let holes = 0;
  for (let row = 1; row <= rows; row++) {
    const length = load<i32>(rowOf(row), LENGTH);
    if (length == 0) continue;
    addWord(counts, classOf(length), 1);
    holes++;
  }
  let index = CLASSES - 1;
  for (let longer = 0; index > 0; index--) {
    longer += word(counts, index);
    if (longer >= max(FEW, holes >> 4)) break;
  }
  const from = shortestOf(index);
  setWord(state, FROM, from);
  setWord(state, MEMBERS, 0);
  setWord(state, MOST, i32.MAX_VALUE);
  setWord(state, TOP, 0);
  memory.fill(heads, 0, 4 * CLASSES);
  for (let row = 1; row <= rows; row++) {
    const length = load<i32>(rowOf(row), LENGTH);
    if (length > 0 && length >= from) list(row, length);
  }
  setWord(state, MOST, max(MANY, 2 * word(state, MEMBERS)));
}
