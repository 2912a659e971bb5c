/** First fit by a tree of the longest range of each page: src/allocators/parts/longest-pages.ts. */
import { OF_POLICY } from "../registers";
import { after, headOf, lengthOf, pageOf, rank } from "./free-list";
import { address, setWord, word } from "./memory";

const GROUP = 16;
const SHIFT = 4;

let maxima: usize = 0;
let pages: i32 = 0;

function firstPage(length: i32): i32 {
  let size = pages;
  let base = 0;
  for (; size > GROUP; size >>= SHIFT) base += size;
  let i = 0;
  for (; i < size; i++) if (word(maxima, base + i) >= length) break;
  if (i == size) return -1;
  while (base > 0) {
    size <<= SHIFT;
    base -= size;
    i <<= SHIFT;
    while (word(maxima, base + i) < length) i++;
  }
  return i;
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
      for (let each = group; each < group + GROUP; each++) longest = max(longest, word(maxima, each));
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
