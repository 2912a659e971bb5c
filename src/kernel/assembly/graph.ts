/** The object graph for collections: marking, and what goes with an object that was not reached (src/space/graph.ts). */
import {
  CELLS,
  FIRSTS,
  FLAGS,
  GRAPH_ON,
  GRAPH_SLOTS,
  MARKS,
  OBJECT_ROWS,
  OBJECTS,
  POOL_LISTS,
  QUEUE,
  ROWS_BY_SLOT,
} from "../registers";
import { address, register, setWord, word } from "./memory";

/** `slot` was led to once more than its mark can count. */
@external("env", "beyond")
declare function beyond(slot: i32): void;

const BATCH = 64;
const MOST_MARKS: u32 = 255;
/** Flags that outlive the object: that a list has the slot. */
const LISTED = 8 | 16;

const runs: usize = memory.data(4 * BATCH);

export let graphOn: bool = false;
let graphSlots: i32 = 0;
let marks: usize = 0;
let firsts: usize = 0;
let flags: usize = 0;
let cells: usize = 0;
let lists: usize = 0;
let rows: usize = 0;
let objects: usize = 0;
let objectRows: i32 = 0;

export function bindGraph(): void {
  graphOn = register(GRAPH_ON) != 0;
  graphSlots = register(GRAPH_SLOTS);
  marks = address(MARKS);
  firsts = address(FIRSTS);
  flags = address(FLAGS);
  cells = address(CELLS);
  lists = address(POOL_LISTS);
  rows = address(ROWS_BY_SLOT);
  objects = address(OBJECTS);
  objectRows = register(OBJECT_ROWS);
}

@inline
export function isMarked(slot: i32): bool {
  return load<u8>(marks + <usize>slot) != 0;
}

/** Goes on from the first `from` slots of the queue. Returns how many there are at the end. */
export function mark(from: i32): i32 {
  bindGraph();
  const queue = address(QUEUE);
  let end = from;
  for (let done = 0; done < end; ) {
    const some = min(end - done, BATCH);
    for (let i = 0; i < some; i++) setWord(runs, i, word(firsts, word(queue, done + i)));
    done += some;
    for (let i = 0; i < some; i++) {
      const first = word(runs, i);
      if (first == 0) continue;
      const last = first + word(cells, first - 1);
      for (let at = first; at < last; at++) {
        const target = word(cells, at);
        const mark = <u32>load<u8>(marks + <usize>target);
        setWord(queue, end, target);
        end += mark == 0 ? 1 : 0;
        if (mark == MOST_MARKS) beyond(target);
        else store<u8>(marks + <usize>target, <u8>(mark + (target != 0 ? 1 : 0)));
      }
    }
  }
  return end;
}

/** The sum of the marks of those of the first `slots` slots that are chosen, each by a byte of 0 or 1. */
export function references(slots: i32, chosen: usize): f64 {
  const marks = address(MARKS);
  let sums = i64x2.splat(0);
  let slot: usize = 0;
  for (const end = <usize>(slots & -16); slot < end; slot += 16) {
    const a = v128.load(marks + slot);
    const b = v128.load(chosen + slot);
    const products = i16x8.add(i16x8.extmul_low_i8x16_u(a, b), i16x8.extmul_high_i8x16_u(a, b));
    const four = i32x4.extadd_pairwise_i16x8_u(products);
    sums = i64x2.add(sums, i64x2.add(i64x2.extend_low_i32x4_u(four), i64x2.extend_high_i32x4_u(four)));
  }
  let sum = i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
  for (; slot < <usize>slots; slot++) sum += <i64>load<u8>(marks + slot) * <i64>load<u8>(chosen + slot);
  return <f64>sum;
}

/** A collection takes the object in `slot` away: its fields go back to the pool, and no row has it any more. */
@inline
export function reclaimed(slot: i32): void {
  if (slot >= graphSlots) return;
  const first = word(firsts, slot);
  if (first != 0) {
    const size = classOf(word(cells, first - 1));
    setWord(cells, first, word(lists, size));
    setWord(lists, size, first);
    setWord(firsts, slot, 0);
  }
  const flag = flags + <usize>slot;
  store<u8>(flag, load<u8>(flag) & LISTED);
  const row = word(rows, slot);
  if (row < objectRows && word(objects, row) == slot) setWord(objects, row, 0);
}

/** The class of a run of the field pool: src/space/field-pool.ts. */
@inline
function classOf(fields: i32): i32 {
  if (fields <= 16) return fields;
  const shift = 29 - clz(fields);
  return 8 + 4 * shift + (((fields - 1) >>> shift) + 1);
}
