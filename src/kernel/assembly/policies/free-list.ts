/**
 * The free list by address: src/allocators/parts/free-list.ts over page-counts.ts. `I` is what ranges are looked for in,
 * whose `inserted`, `removed` and `changed` are told as a `ListIndex` is. Places are starts, in granules; ranges are handles
 * of holes.
 */
import { OF_POLICY } from "../../registers";
import { address, addWord, setWord, word } from "../memory";

const PAGE_SHIFT = 8;

// Words of a row, in bytes; the first is the range before.
const AFTER: usize = 4;
const PLACE: usize = 8;
export const LENGTH: usize = 12;

// Entries of the state.
const ROVER = 0;
const SIZE = 1;

let rows: usize = 0;
let heads: usize = 0;
let sums: usize = 0;
let state: usize = 0;
let pages: i32 = 0;

export function bindFreeList(): void {
  rows = address(OF_POLICY + 4);
  heads = address(OF_POLICY + 5);
  sums = address(OF_POLICY + 6);
  state = address(OF_POLICY + 7);
  pages = word(sums, 0);
}

@inline
export function at(range: i32): usize {
  return rows - ((<usize>range) << 4);
}

@inline
export function pageOf(place: i32): i32 {
  return place >> PAGE_SHIFT;
}

@inline
export function isPlace(place: i32): bool {
  return place >> PAGE_SHIFT < pages;
}

@inline
export function headOf(page: i32): i32 {
  return word(heads, page);
}

@inline
export function after(range: i32): i32 {
  return load<i32>(at(range), AFTER);
}

@inline
export function placeOf(range: i32): i32 {
  return load<i32>(at(range), PLACE);
}

@inline
export function lengthOf(range: i32): i32 {
  return load<i32>(at(range), LENGTH);
}

/** Ranges in the list. */
@inline
export function size(): i32 {
  return word(state, SIZE);
}

export function rank(range: i32): i32 {
  let rank = 1;
  for (let page = pageOf(placeOf(range)); page > 0; page &= page - 1) rank += word(sums, page);
  for (let each = load<i32>(at(range)); each != 0; each = load<i32>(at(each))) rank++;
  return rank;
}

@inline
export function insert<I>(range: i32, place: i32, length: i32): void {
  addWord(state, SIZE, 1);
  store<i32>(at(range), place, PLACE);
  store<i32>(at(range), length, LENGTH);
  link(range, place);
  changetype<I>(0).inserted(range, place, length);
}

@inline
export function remove<I>(range: i32): void {
  addWord(state, SIZE, -1);
  const place = placeOf(range);
  unlink(range, pageOf(place));
  changetype<I>(0).removed(range, place, lengthOf(range));
}

/** The range keeps its neighbours in the list. */
@inline
export function resize<I>(range: i32, place: i32, length: i32): void {
  const row = at(range);
  const oldPlace = load<i32>(row, PLACE);
  const oldLength = load<i32>(row, LENGTH);
  store<i32>(row, place, PLACE);
  store<i32>(row, length, LENGTH);
  if (pageOf(place) != pageOf(oldPlace)) {
    unlink(range, pageOf(oldPlace));
    link(range, place);
  }
  changetype<I>(0).changed(range, oldPlace, oldLength, place, length);
}

function link(range: i32, place: i32): void {
  const page = pageOf(place);
  let before = 0;
  let next = headOf(page);
  while (next != 0 && placeOf(next) < place) {
    before = next;
    next = after(next);
  }
  store<i32>(at(range), before);
  store<i32>(at(range), next, AFTER);
  if (before == 0) setWord(heads, page, range);
  else store<i32>(at(before), range, AFTER);
  if (next != 0) store<i32>(at(next), range);
  count(page, 1);
}

function unlink(range: i32, page: i32): void {
  const before = load<i32>(at(range));
  const next = after(range);
  if (before == 0) setWord(heads, page, next);
  else store<i32>(at(before), next, AFTER);
  if (next != 0) store<i32>(at(next), before);
  count(page, -1);
}

@inline
function count(page: i32, more: i32): void {
  for (let i = page + 1; i <= pages; i += i & -i) addWord(sums, i, more);
}
