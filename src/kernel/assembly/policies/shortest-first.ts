/** Best fit: src/allocators/parts/shortest-first.ts over exact-lengths.ts. */
import { OF_POLICY } from "../../registers";
import { after, headOf, lengthOf, pageOf, rank, size } from "./free-list";
import { bindLengthTree, firstLong, insertLong, removeLong } from "./length-tree";
import { address, setWord, word } from "../memory";

const EXACT = 128;
const EXACT_LOG2 = 7;
const LENGTHS = EXACT / 32;
const PAGES = LENGTHS;
const BASE = LENGTHS + 1;

let bits: usize = 0;
/** Words of the first level, for each length. */
let firstWords: i32 = 0;

function mark(length: i32, page: i32): void {
  let words = firstWords;
  let base = BASE + length;
  let i = page;
  for (;;) {
    const at = base + ((i >> 5) << EXACT_LOG2);
    const before = word(bits, at);
    setWord(bits, at, before | (1 << (i & 31)));
    if (before != 0) return;
    if (words == 1) break;
    base += words << EXACT_LOG2;
    words = (words + 31) >> 5;
    i >>= 5;
  }
  setWord(bits, length >> 5, word(bits, length >> 5) | (1 << (length & 31)));
}

function unmark(length: i32, page: i32): void {
  let words = firstWords;
  let base = BASE + length;
  let i = page;
  for (;;) {
    const at = base + ((i >> 5) << EXACT_LOG2);
    const rest = word(bits, at) & ~(1 << (i & 31));
    setWord(bits, at, rest);
    if (rest != 0) return;
    if (words == 1) break;
    base += words << EXACT_LOG2;
    words = (words + 31) >> 5;
    i >>= 5;
  }
  setWord(bits, length >> 5, word(bits, length >> 5) & ~(1 << (length & 31)));
}

@inline
function shortest(length: i32): i32 {
  let at = length >> 5;
  if (at >= LENGTHS) return -1;
  let found = word(bits, at) & (-1 << (length & 31));
  while (found == 0) {
    if (++at >= LENGTHS) return -1;
    found = word(bits, at);
  }
  return (at << 5) | ctz(found);
}

/** The first page with a range of `length`, which there is. */
function lowest(length: i32): i32 {
  let base = BASE + length;
  let words = firstWords;
  if (words == 1) return ctz(word(bits, base));
  const second = base + (words << EXACT_LOG2);
  words = (words + 31) >> 5;
  let i = 0;
  if (words > 1) {
    const third = second + (words << EXACT_LOG2);
    words = (words + 31) >> 5;
    if (words > 1) {
      const fourth = third + (words << EXACT_LOG2);
      i = ctz(word(bits, fourth));
    }
    i = (i << 5) | ctz(word(bits, third + (i << EXACT_LOG2)));
  }
  i = (i << 5) | ctz(word(bits, second + (i << EXACT_LOG2)));
  return (i << 5) | ctz(word(bits, base + (i << EXACT_LOG2)));
}

/** `range`, or the next one of its page, that has `length`; 0 if there is none. */
@inline
function among(range: i32, length: i32): i32 {
  while (range != 0 && lengthOf(range) != length) range = after(range);
  return range;
}

export class ShortestFirst {
  @inline
  bind(): void {
    bits = address(OF_POLICY + 8);
    firstWords = word(bits, PAGES) >> 5;
    bindLengthTree();
  }

  @inline
  find(length: i32): i32 {
    const found = shortest(length);
    return found < 0 ? firstLong(length) : among(headOf(lowest(found)), found);
  }

  @inline
  looked(range: i32, length: i32): i32 {
    return lengthOf(range) == length ? rank(range) : size();
  }

  @inline
  inserted(range: i32, place: i32, length: i32): void {
    if (length < EXACT) mark(length, pageOf(place));
    else insertLong(range, length, place);
  }

  @inline
  removed(range: i32, place: i32, length: i32): void {
    if (length >= EXACT) {
      removeLong(range, length, place);
      return;
    }
    const page = pageOf(place);
    if (among(headOf(page), length) == 0) unmark(length, page);
  }

  @inline
  changed(range: i32, oldPlace: i32, oldLength: i32, place: i32, length: i32): void {
    changetype<ShortestFirst>(0).removed(range, oldPlace, oldLength);
    changetype<ShortestFirst>(0).inserted(range, place, length);
  }
}
