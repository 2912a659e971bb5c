/**
 * A block of rows of a `.heaptrace` (src/traces/heaptrace-layout.ts) into the columns of a chunk: what RowsReader
 * (src/traces/heaptrace-rows.ts) does, but for its words about an event that cannot be, which is left untouched; and the sum
 * over it.
 */
import {
  ARGUMENT_COLUMN,
  BIRTHS,
  BYTES_COLUMN,
  BYTES_NOW,
  COUNT,
  ID_COLUMN,
  LARGEST_ID,
  OBJECTS,
  OP_COLUMN,
  ORDER,
  PEAK_BYTES,
  REALLOCATED,
  ROOM,
  ROW_COLUMN,
  ROWS,
} from "../compiled-layout";

// Operations of src/traces/trace.ts.
const CALLOC = 1;
const MEMALIGN = 2;
const REALLOC = 3;
const FREE = 4;
const MOST_BYTES: i64 = 0x7fffffff;
const MOST_ALIGN: u32 = 0x40000000;

/** Events first .. first + events - 1 of column op, two in a byte. */
export function unpackOps(from: usize, first: i32, events: i32): void {
  const low = i8x16.splat(15);
  let to = <usize>first;
  for (const end = to + events; to < end; to += 32) {
    const two = v128.load(from);
    const even = v128.and(two, low);
    const odd = i8x16.shr_u(two, 4);
    const here = i8x16.shuffle(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    v128.store(to, here, OP_COLUMN);
    v128.store(to, i8x16.shuffle(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), OP_COLUMN + 16);
    from += 16;
  }
}

/** Numbers of `width` bytes, 0 to 4, into so many words of a column. */
export function widen(from: usize, width: i32, to: usize, events: i32): void {
  const end = to + (<usize>events << 2);
  if (width == 4) memory.copy(to, from, end - to);
  else if (width == 0) memory.fill(to, 0, end - to);
  else if (width == 2)
    for (; to < end; to += 32) {
      const eight = v128.load(from);
      v128.store(to, i32x4.extend_low_i16x8_u(eight));
      v128.store(to, i32x4.extend_high_i16x8_u(eight), 16);
      from += 16;
    }
  else if (width == 3) {
    const zero = i8x16.splat(0);
    for (; to < end; to += 16) {
      v128.store(to, i8x16.shuffle(v128.load(from), zero, 0, 1, 2, 16, 3, 4, 5, 16, 6, 7, 8, 16, 9, 10, 11, 16));
      from += 12;
    }
  } else
    for (; to < end; to += 64) {
      const sixteen = v128.load(from);
      const low = i16x8.extend_low_i8x16_u(sixteen);
      const high = i16x8.extend_high_i8x16_u(sixteen);
      v128.store(to, i32x4.extend_low_i16x8_u(low));
      v128.store(to, i32x4.extend_high_i16x8_u(low), 16);
      v128.store(to, i32x4.extend_low_i16x8_u(high), 32);
      v128.store(to, i32x4.extend_high_i16x8_u(high), 48);
      from += 16;
    }
}

/**
 * Events first .. end - 1, of which all but the ids is in the columns, up to the first that cannot be. There is room for the
 * objects. Returns how many they are.
 */
export function readRows(first: i32, end: i32): i32 {
  let count = load<i32>(0, COUNT);
  let rows = load<i32>(0, ROWS);
  let lastBorn = load<i32>(0, LARGEST_ID);
  let now = <i64>load<f64>(0, BYTES_NOW);
  let peak = <i64>load<f64>(0, PEAK_BYTES);
  const room = load<u32>(0, ROOM);
  const from = <usize>first << 2;
  const last = <usize>end << 2;
  let at = from;
  for (; at < last; at += 4) {
    const op = <i32>load<u8>(at >> 2, OP_COLUMN);
    const row = load<i32>(at, ROW_COLUMN);
    const object = <usize>row << 3;
    let bytes = load<i32>(at, BYTES_COLUMN);
    const argument = load<i32>(at, ARGUMENT_COLUMN);
    if (op == FREE) {
      if (<u32>row >= room || (bytes | argument) != 0) break;
      const was = load<i64>(object, OBJECTS);
      if (<i32>was < 0) break;
      store<i32>(at, <i32>was, ID_COLUMN);
      now -= was >> 32;
      store<i32>(object, -1, OBJECTS);
      count--;
      store<i32>(<usize>count << 2, row, ORDER);
    } else if (op < REALLOC) {
      if (load<i32>(<usize>count << 2, ORDER) != row) break;
      if (op == CALLOC) {
        const product = <i64>(<u64>(<u32>argument)) * <i64>(<u64>(<u32>bytes));
        if (product > MOST_BYTES || argument < 0 || (argument == 0 && bytes != 0)) break;
        bytes = <i32>product;
        store<i32>(at, bytes, BYTES_COLUMN);
      } else if (op == MEMALIGN) {
        if (popcnt(argument) != 1 || <u32>argument > MOST_ALIGN) break;
      } else if (argument != 0) break;
      if (bytes < 0) break;
      const id = lastBorn + 1;
      if (id < 0) break;
      lastBorn = id;
      count++;
      rows = max(rows, count);
      store<i32>(at, id, ID_COLUMN);
      store<i64>(object, (<i64>bytes << 32) | <i64>id, OBJECTS);
      now += bytes;
      peak = max(peak, now);
    } else if (op == REALLOC) {
      if (<u32>row >= room || bytes < 0 || argument != 0) break;
      const was = load<i64>(object, OBJECTS);
      if (<i32>was < 0) break;
      store<i32>(at, <i32>was, ID_COLUMN);
      now += <i64>bytes - (was >> 32);
      peak = max(peak, now);
      store<i32>(object, bytes, OBJECTS + 4);
      store<i32>(0, 1, REALLOCATED);
    } else break;
  }
  store<i32>(0, load<i32>(0, BIRTHS) + lastBorn - load<i32>(0, LARGEST_ID), BIRTHS);
  store<i32>(0, lastBorn, LARGEST_ID);
  store<i32>(0, count, COUNT);
  store<i32>(0, rows, ROWS);
  store<f64>(0, <f64>now, BYTES_NOW);
  store<f64>(0, <f64>peak, PEAK_BYTES);
  return <i32>((at - from) >> 2);
}

/** The lanes of src/traces/word-sum.ts over a multiple of 64 bytes, to `lanes`. */
export function sumWords(from: usize, to: usize, lanes: usize): void {
  const word = i32x4.splat(0x85ebca77);
  const lane = i32x4.splat(0x9e3779b1);
  let a = i32x4(0, 1, 2, 3);
  let b = i32x4(4, 5, 6, 7);
  let c = i32x4(8, 9, 10, 11);
  let d = i32x4(12, 13, 14, 15);
  for (; from < to; from += 64) {
    a = i32x4.add(a, i32x4.mul(v128.load(from), word));
    b = i32x4.add(b, i32x4.mul(v128.load(from, 16), word));
    c = i32x4.add(c, i32x4.mul(v128.load(from, 32), word));
    d = i32x4.add(d, i32x4.mul(v128.load(from, 48), word));
    a = i32x4.mul(v128.or(i32x4.shl(a, 13), i32x4.shr_u(a, 19)), lane);
    b = i32x4.mul(v128.or(i32x4.shl(b, 13), i32x4.shr_u(b, 19)), lane);
    c = i32x4.mul(v128.or(i32x4.shl(c, 13), i32x4.shr_u(c, 19)), lane);
    d = i32x4.mul(v128.or(i32x4.shl(d, 13), i32x4.shr_u(d, 19)), lane);
  }
  v128.store(lanes, a);
  v128.store(lanes, b, 16);
  v128.store(lanes, c, 32);
  v128.store(lanes, d, 48);
}
