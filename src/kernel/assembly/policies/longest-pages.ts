/** First fit by a tree of the longest range of each page: src/allocators/parts/longest-pages.ts. */
import { OF_POLICY } from "../../registers";
import { after, headOf, lengthOf, pageOf, rank } from "./free-list";
import { address, setWord, word } from "../memory";

const GROUP = 16;
const SHIFT = 4;

let maxima: usize = 0;
let pages: i32 = 0;

/** The first page with a range of `length` or longer; -1 if there is none. Groups are looked at as a whole. */
function firstPage(length: i32): i32 {
  let size = pages;
  let base = 0;
  for (; size > GROUP; size >>= SHIFT) base += size;
  const wanted = i32x4.splat(length);
  const long = longIn(base, wanted) & ((1 << size) - 1); // behind the last maxima are none
  if (long == 0) return -1;
  let i = ctz(long);
  while (base > 0) {
    size <<= SHIFT;
    base -= size;
    i <<= SHIFT;
    i += ctz(longIn(base + i, wanted));
  }
  return i;
}

/** A bit for each entry of a group: is it as long? */
@inline
function longIn(first: i32, wanted: v128): i32 {
  const at = maxima + ((<usize>first) << 2);
  const low = i16x8.narrow_i32x4_s(
    i32x4.ge_s(v128.load(at), wanted),
    i32x4.ge_s(v128.load(at, 16), wanted),
  );
  const high = i16x8.narrow_i32x4_s(
    i32x4.ge_s(v128.load(at, 32), wanted),
    i32x4.ge_s(v128.load(at, 48), wanted),
  );
  return i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
}

/** The longest entry of a group. */
@inline
function longestIn(first: i32): i32 {
  const at = maxima + ((<usize>first) << 2);
  const low = i32x4.max_s(v128.load(at), v128.load(at, 16));
  const high = i32x4.max_s(v128.load(at, 32), v128.load(at, 48));
  const four = i32x4.max_s(low, high);
  const two = i32x4.max_s(four, i32x4.shuffle(four, four, 2, 3, 0, 1));
  return max(i32x4.extract_lane(two, 0), i32x4.extract_lane(two, 1));
}

function set(page: i32, longest: i32): void {
  let size = pages;
  let base = 0;
  let i = page;
  for (;;) {
    const before = word(maxima, base + i);
    setWord(maxima, base + i, longest);
    if (size <= GROUP) return;
    const group = base + (i & -GROUP);
    base += size;
    size >>= SHIFT;
    i >>= SHIFT;
    const most = word(maxima, base + i);
    if (longest < most) {
      if (before < most) return;
      longest = longestIn(group);
    }
    if (longest == most) return;
  }
}

export class LongestPages {
  @inline
  bind(): void {
    maxima = address(OF_POLICY + 8);
    pages = word(address(OF_POLICY + 9), 0);
  }

  @inline
  find(length: i32): i32 {
    const page = firstPage(length);
    if (page < 0) return 0;
    let range = headOf(page);
    while (lengthOf(range) < length) range = after(range);
    return range;
  }

  @inline
  looked(range: i32, length: i32): i32 {
    return rank(range);
  }

  @inline
  inserted(range: i32, place: i32, length: i32): void {
    const page = pageOf(place);
    if (length > word(maxima, page)) set(page, length);
  }

  @inline
  removed(range: i32, place: i32, length: i32): void {
    const page = pageOf(place);
    if (length < word(maxima, page)) return;
    let longest = 0;
    for (let each = headOf(page); each != 0; each = after(each)) longest = max(longest, lengthOf(each));
    if (longest != length) set(page, longest);
  }

  @inline
  changed(range: i32, oldPlace: i32, oldLength: i32, place: i32, length: i32): void {
    changetype<LongestPages>(0).removed(range, oldPlace, oldLength);
    changetype<LongestPages>(0).inserted(range, place, length);
  }
}
