/** The binary buddy system: src/allocators/buddy.ts over parts/buddy-tree.ts, whose blocks, rows and state these are. */
import { OF_POLICY } from "../../registers";
import { COPIES, chosen, LEFT, STAYS } from "../events";
import { address, register, setWord, word } from "../memory";
import { holeRow, LENGTH, NEXT, OFFSET, PREVIOUS, slotRow } from "../rows";
import { countSteps, granuleLog2, holeFrom } from "../space";

const ORDERS = 31;
const MASK = 2 * ORDERS;
const END = MASK + 1;
const VACANT = MASK + 2;
const ROWS = MASK + 3;

// Words of a row, in bytes.
const ROW_LOG2 = 4;
const START: usize = 0;
const ORDER: usize = 4;
const BEFORE: usize = 8;
const AFTER: usize = 12;

let header: i32 = 0;
let shift: i32 = 0;
/** log2 of a unit's granules. */
let unitLog2: i32 = 0;
let edge: i32 = 0;
let side: i32 = 0;
let blocks: usize = 0;
let blockCount: i32 = 0;
let rows: usize = 0;
let rowCount: i32 = 0;
let state: usize = 0;

/** The free block that was chosen, its order, and the order that is wanted. */
let found: i32 = 0;
let from: i32 = 0;
let wanted: i32 = 0;

@inline
function rowAt(row: i32): usize {
  return rows + ((<usize>row) << ROW_LOG2);
}

/** Order of the least block that has so many bytes. */
@inline
function orderOf(bytes: i32): i32 {
  return 32 - clz((bytes - 1) >>> shift);
}

/** Order of the block of a slot's row. */
@inline
function orderAt(row: usize): i32 {
  return ctz(load<i32>(row, LENGTH)) - unitLog2;
}

/** There are rows for so many free blocks more. */
function roomForRows(more: i32): bool {
  if (word(state, ROWS) + more < rowCount) return true;
  let row = word(state, VACANT);
  for (let left = more; left > 0; left--) {
    if (row == 0) return false;
    row = load<i32>(rowAt(row), AFTER);
  }
  return true;
}

@inline
function slotAbove(at: i32): i32 {
  const end = word(state, END);
  for (let above = at; above < end; ) {
    const block = word(blocks, above);
    if (block > 0) return block;
    above += 1 << load<i32>(rowAt(-block), ORDER);
  }
  return 0;
}

/** The hole that has `length` granules from `start` on, if they lie below the block in use `above`, or the heap's end. */
@inline
function holeFor(above: i32, start: i32, length: i32): i32 {
  if (above != 0) return holeFrom(above, start, length);
  const last = load<i32>(slotRow(edge), PREVIOUS);
  return last < 0 && load<i32>(holeRow(last)) <= start ? last : 0;
}

function insert(at: i32, order: i32): void {
  let row = word(state, VACANT);
  if (row == 0) {
    row = word(state, ROWS) + 1;
    setWord(state, ROWS, row);
  } else setWord(state, VACANT, load<i32>(rowAt(row), AFTER));
  const to = rowAt(row);
  const after = word(state, 2 * order + 1);
  setWord(blocks, at, -row);
  store<i32>(to, at, START);
  store<i32>(to, order, ORDER);
  store<i32>(to, 0, BEFORE);
  store<i32>(to, after, AFTER);
  if (after == 0) {
    setWord(state, 2 * order, row);
    setWord(state, MASK, word(state, MASK) | (1 << order));
  } else store<i32>(rowAt(after), row, BEFORE);
  setWord(state, 2 * order + 1, row);
}

function remove(row: i32): void {
  const at = rowAt(row);
  const order = load<i32>(at, ORDER);
  const before = load<i32>(at, BEFORE);
  const after = load<i32>(at, AFTER);
  if (before == 0) setWord(state, 2 * order + 1, after);
  else store<i32>(rowAt(before), after, AFTER);
  if (after == 0) setWord(state, 2 * order, before);
  else store<i32>(rowAt(after), before, BEFORE);
  if ((before | after) == 0) setWord(state, MASK, word(state, MASK) & ~(1 << order));
  store<i32>(at, word(state, VACANT), AFTER);
  setWord(state, VACANT, row);
}

export class Buddy {
  @inline
  bind(): void {
    header = register(OF_POLICY);
    shift = register(OF_POLICY + 1);
    unitLog2 = shift - granuleLog2;
    edge = register(OF_POLICY + 2);
    side = register(OF_POLICY + 3);
    blocks = address(OF_POLICY + 4);
    blockCount = register(OF_POLICY + 5);
    rows = address(OF_POLICY + 6);
    rowCount = register(OF_POLICY + 7);
    state = address(OF_POLICY + 8);
  }

  @inline
  choose(bytes: i32, op: i32): bool {
    wanted = orderOf(header + max(bytes, 1));
    const fits = word(state, MASK) >>> wanted;
    if (fits == 0) return false;
    from = wanted + ctz(fits);
    found = word(state, 2 * from + side);
    const at = load<i32>(rowAt(found), START);
    // One row more than the halves need: a realloc puts the old block into a list as well.
    if (from > wanted && (at + (1 << (from - 1)) >= blockCount || !roomForRows(from - wanted))) return false;
    const start = at << unitLog2;
    chosen.length = 1 << (wanted + unitLog2);
    chosen.hole = holeFor(slotAbove(at + (1 << from)), start, chosen.length);
    if (chosen.hole == 0) return false;
    chosen.offset = start - load<i32>(holeRow(chosen.hole));
    chosen.payload = header;
    return true;
  }

  @inline
  placed(slot: i32): void {
    countSteps(from - wanted + 1);
    const at = load<i32>(rowAt(found), START);
    remove(found);
    for (let half = from - 1; half >= wanted; half--) insert(at + (1 << half), half);
    setWord(blocks, at, slot);
  }

  @inline
  resize(slot: i32, bytes: i32): i32 {
    const row = slotRow(slot);
    const order = orderOf(load<i32>(row, OFFSET) + max(bytes, 1));
    const before = orderAt(row);
    return order == before ? STAYS : order > before ? COPIES : LEFT;
  }

  @inline
  stayed(slot: i32): void {}

  @inline
  copied(): void {}

  @inline
  freeing(slot: i32): bool {
    if (!roomForRows(1)) return false;
    const slotAt = slotRow(slot);
    let order = orderAt(slotAt);
    let at = load<i32>(slotAt) >>> unitLog2;
    const beside = (at & (1 << order)) == 0 ? load<i32>(slotAt, NEXT) : load<i32>(slotAt, PREVIOUS);
    if (beside < 0)
      for (; order < ORDERS - 1; order++) {
        const buddy = at ^ (1 << order);
        if (buddy >= blockCount) break;
        const row = -word(blocks, buddy);
        if (row <= 0 || load<i32>(rowAt(row), ORDER) != order) break;
        remove(row);
        setWord(blocks, at | (1 << order), 0);
        at &= ~(1 << order);
      }
    insert(at, order);
    return true;
  }

  @inline
  freed(hole: i32): void {}

  @inline
  appear(hole: i32): void {}

  @inline
  vanish(hole: i32): void {}

  @inline
  change(hole: i32, oldStart: i32, oldLength: i32): void {}
}
