/**
 * Lines of plain text into the columns of a chunk: what RequestLines (src/traces/request-lines.ts) and LiveObjects.take
 * (src/traces/live-objects.ts) do, and the hash over it, in one pass. A line that it is not sure of it leaves untouched: one
 * with an id of more than 9 digits or another number of more than 7, CR, an id that must be looked up among those driven out
 * of the window.
 *
 * Eight digits at a time: bytes less "0" are below 10 where there are digits; the first that is not ends the number, and
 * three multiplications add up pairs, fours and eights of digits (Daniel Lemire, Quickly parsing eight digits, 2022).
 */
import {
  ARGUMENT_COLUMN,
  BIRTHS,
  BYTES_COLUMN,
  BYTES_NOW,
  CONSECUTIVE,
  COUNT,
  DONE,
  DRIVEN,
  DRIVEN_OUT,
  HASH,
  ID_COLUMN,
  LARGEST_ID,
  MASK,
  OBJECTS,
  OLDER,
  OP_COLUMN,
  ORDER,
  PEAK_BYTES,
  REALLOCATED,
  ROW_COLUMN,
  ROWS,
  WINDOW,
} from "../compiled-layout";

// Operations of src/traces/trace.ts.
const MALLOC = 0;
const CALLOC = 1;
const REALLOC = 3;
const FREE = 4;
const MOST_BYTES: i64 = 0x7fffffff;

const LF = 10;
const BLANK = 32;
// A letter and the blank behind it.
const A_LINE = 0x2061;
const C_LINE = 0x2063;
const F_LINE = 0x2066;
const R_LINE = 0x2072;

// The rounds of src/traces/hash.ts.
const P1: i32 = 0x85ebca77;
const Q1: i32 = 0x9e3779b1;
const P2: i32 = 0xc2b2ae3d;
const Q2: i32 = 0x27d4eb2f;

@inline
function round1(lane: i32, word: i32): i32 {
  return rotl(lane + word * P1, 13) * Q1;
}

@inline
function round2(lane: i32, word: i32): i32 {
  return rotl(lane + word * P2, 17) * Q2;
}

/** Eight bytes, of which digits are 0 .. 9. */
@inline
function digitsAt(at: usize, offset: usize): u64 {
  return load<u64>(at + offset) ^ 0x3030303030303030;
}

/** What `widthOf` says of eight digits. */
const EIGHT = 64;

/** 8 * (how many digits they begin with) + 7; EIGHT for eight. */
@inline
function widthOf(digits: u64): u64 {
  return ctz(((digits + 0x7676767676767676) | digits) & 0x8080808080808080);
}

/** Whether a number of that width has 1 to 7 digits. */
@inline
function isNumber(width: u64): bool {
  return width - 8 < 56;
}

@inline
function numberOf(digits: u64, width: u64): i32 {
  let sums = digits << (71 - width);
  sums = ((sums * (1 + (10 << 8))) >> 8) & 0x00ff00ff00ff00ff;
  sums = ((sums * (1 + (100 << 16))) >> 16) & 0x0000ffff0000ffff;
  return <i32>((sums * (1 + (10000 << 32))) >> 32);
}

/** The address of a word in a table. */
@inline
function word(i: i32): usize {
  return <usize>i << 2;
}

@inline
function account(bytes: i64): void {
  const now = load<i64>(0, BYTES_NOW) + bytes;
  store<i64>(0, now, BYTES_NOW);
  store<i64>(0, max(now, load<i64>(0, PEAK_BYTES)), PEAK_BYTES);
}

/**
 * Reads lines from byte `from` on that end before `to` as events `first` .. `end` - 1 of the chunk, of which there is one at
 * least. There is a row for each. Returns where the first line starts that it leaves.
 */
export function readLines(from: usize, to: usize, first: i32, end: i32): usize {
  store<i64>(0, <i64>load<f64>(0, BYTES_NOW), BYTES_NOW);
  store<i64>(0, <i64>load<f64>(0, PEAK_BYTES), PEAK_BYTES);
  const mask = load<i32>(0, MASK);
  let count = load<i32>(0, COUNT);
  let hash1 = load<i32>(0, HASH);
  let hash2 = load<i32>(0, HASH + 4);
  let at = from;
  // Four bytes an event.
  let event = word(first);
  const last = word(end);
  while (at < to && event < last) {
    const letter = <i32>load<u16>(at);
    let digits = digitsAt(at, 2);
    let width = widthOf(digits);
    // The byte behind the number is at `behind` + 2.
    let behind = at + <usize>(width >> 3);
    let id = numberOf(digits, width);
    if (!isNumber(width)) {
      if (width != EIGHT) break;
      id = numberOf(digits, EIGHT + 7);
      const ninth = <u32>load<u8>(at, 10) - 48;
      if (ninth < 10) {
        id = id * 10 + ninth;
        behind++;
      }
    }
    const entry = word(id & mask);
    const shown = load<i32>(entry, WINDOW);
    const object = <usize>shown << 3;
    const shownId = load<i32>(object, OBJECTS);
    if (letter == F_LINE) {
      if (load<u8>(behind, 2) != LF || shownId != id) break;
      at = behind + 3;
      store<i64>(0, load<i64>(0, BYTES_NOW) - <i64>load<i32>(object, OBJECTS + 4), BYTES_NOW);
      store<i32>(word(--count), shown, ORDER);
      store<i32>(object, -1, OBJECTS);
      store<u8>(event >> 2, FREE, OP_COLUMN);
      store<i32>(event, shown, ROW_COLUMN);
      store<i32>(event, id, ID_COLUMN);
      store<i32>(event, 0, BYTES_COLUMN);
      store<i32>(event, 0, ARGUMENT_COLUMN);
      event += 4;
      hash1 = round1(round1(round1(round1(hash1, FREE), shown), 0), 0);
      hash2 = round2(round2(round2(round2(hash2, FREE), shown), 0), 0);
      continue;
    }
    if (load<u8>(behind, 2) != BLANK) break;
    digits = digitsAt(behind, 3);
    width = widthOf(digits);
    if (!isNumber(width)) break;
    behind += <usize>(width >> 3);
    let bytes = numberOf(digits, width);
    if (letter == R_LINE) {
      if (load<u8>(behind, 3) != LF || shownId != id) break;
      at = behind + 4;
      account(<i64>(bytes - load<i32>(object, OBJECTS + 4)));
      store<i32>(object, bytes, OBJECTS + 4);
      store<i32>(0, 1, REALLOCATED);
      store<u8>(event >> 2, REALLOC, OP_COLUMN);
      store<i32>(event, shown, ROW_COLUMN);
      store<i32>(event, id, ID_COLUMN);
      store<i32>(event, bytes, BYTES_COLUMN);
      store<i32>(event, 0, ARGUMENT_COLUMN);
      event += 4;
      hash1 = round1(round1(round1(round1(hash1, REALLOC), shown), bytes), 0);
      hash2 = round2(round2(round2(round2(hash2, REALLOC), shown), bytes), 0);
      continue;
    }
    let op = MALLOC;
    let argument = 0;
    if (letter == C_LINE) {
      if (load<u8>(behind, 3) != BLANK) break;
      digits = digitsAt(behind, 4);
      width = widthOf(digits);
      if (!isNumber(width)) break;
      behind += <usize>(width >> 3) + 1;
      argument = bytes;
      const product = <i64>numberOf(digits, width) * <i64>argument;
      if (product > MOST_BYTES) break;
      bytes = <i32>product;
      op = CALLOC;
    } else if (letter != A_LINE) break;
    if (load<u8>(behind, 3) != LF) break;
    const largest = load<i32>(0, LARGEST_ID);
    if (id <= largest && (shownId == id || load<i32>(0, OLDER) != 0)) break;
    if (id != largest + 1) store<i32>(0, 0, CONSECUTIVE);
    if (id > largest) store<i32>(0, id, LARGEST_ID);
    if (shownId >= 0 && ((shownId ^ id) & mask) == 0) {
      const driven = load<i32>(0, DRIVEN_OUT);
      store<i32>(<usize>driven << 3, shownId, DRIVEN);
      store<i32>(<usize>driven << 3, shown, DRIVEN + 4);
      store<i32>(0, driven + 1, DRIVEN_OUT);
      store<i32>(0, load<i32>(0, OLDER) + 1, OLDER);
    }
    at = behind + 4;
    const row = load<i32>(word(count), ORDER);
    count++;
    store<i32>(0, max(count, load<i32>(0, ROWS)), ROWS);
    store<i32>(0, load<i32>(0, BIRTHS) + 1, BIRTHS);
    store<i32>(entry, row, WINDOW);
    store<i64>(<usize>row << 3, (<i64>bytes << 32) | <i64>id, OBJECTS);
    account(<i64>bytes);
    store<u8>(event >> 2, <u8>op, OP_COLUMN);
    store<i32>(event, row, ROW_COLUMN);
    store<i32>(event, id, ID_COLUMN);
    store<i32>(event, bytes, BYTES_COLUMN);
    store<i32>(event, argument, ARGUMENT_COLUMN);
    event += 4;
    hash1 = round1(round1(round1(round1(hash1, op), row), bytes), argument);
    hash2 = round2(round2(round2(round2(hash2, op), row), bytes), argument);
  }
  store<i32>(0, count, COUNT);
  store<i32>(0, hash1, HASH);
  store<i32>(0, hash2, HASH + 4);
  store<i32>(0, <i32>(event >> 2) - first, DONE);
  store<f64>(0, <f64>load<i64>(0, BYTES_NOW), BYTES_NOW);
  store<f64>(0, <f64>load<i64>(0, PEAK_BYTES), PEAK_BYTES);
  return at;
}
