/** The rows of slots and holes, and the tallies: src/space/rows.ts has what their words are. */
import { HOLE_ROWS, HOLES, LIVE_BYTES, SLOT_ROWS, SLOTS, TALLIES } from "../registers";
import { address, addWord, register, setWord, word } from "./memory";

// Words of a row, in bytes.
export const LENGTH: usize = 4;
export const PREVIOUS: usize = 8;
export const NEXT: usize = 12;
export const PAYLOAD: usize = 16;
export const STATE: usize = 20;
export const OFFSET: usize = 24;
export const ID: usize = 28;
/** Of a hole: the policy's own two. */
export const LINK: usize = 24;
export const LINK_AFTER: usize = 28;

const ROW_LOG2: usize = 5;

/** What a slot holds. */
export const VACANT = 0;
export const LIVE = 2;
export const GARBAGE = 3;
export const CONTROL = 4;

// Entries of the tallies.
export const LIVE_BLOCKS = 1;
export const BLOCK_GRANULES = 2;
const VACANT_SLOT = 7;
const FREE_HOLE = 8;
export const HOLE_COUNT = 9;
export const HOLE_GRANULES = 10;
const USED = 11;

let slots: usize = 0;
let slotRows: i32 = 0;
let holes: usize = 0;
let holeRows: i32 = 0;
let tallies: usize = 0;
let liveBytes: usize = 0;

export function bindRows(): void {
  slots = address(SLOTS);
  slotRows = register(SLOT_ROWS);
  holes = address(HOLES);
  holeRows = register(HOLE_ROWS);
  tallies = address(TALLIES);
  liveBytes = address(LIVE_BYTES);
}

@inline
export function slotRow(slot: i32): usize {
  return slots + ((<usize>slot) << ROW_LOG2);
}

/** Of a hole's handle, which is negative. */
@inline
export function holeRow(hole: i32): usize {
  return holes + ((<usize>-hole) << ROW_LOG2);
}

/** Of a hole by its number, which is positive. */
@inline
export function rowOf(row: i32): usize {
  return holes + ((<usize>row) << ROW_LOG2);
}

@inline
export function tally(i: i32): i32 {
  return word(tallies, i);
}

@inline
export function count(i: i32, more: i32): void {
  addWord(tallies, i, more);
}

@inline
export function live(): f64 {
  return load<f64>(liveBytes);
}

@inline
export function countLive(bytes: i32): void {
  store<f64>(liveBytes, load<f64>(liveBytes) + <f64>bytes);
}

/** There are rows for two holes more: what one event makes at most. */
@inline
export function roomForHoles(): bool {
  if (tally(HOLE_COUNT) + 2 < holeRows) return true;
  const free = tally(FREE_HOLE);
  return free != 0 && load<i32>(rowOf(free)) != 0;
}

@inline
export function roomForSlot(): bool {
  return tally(VACANT_SLOT) != 0 || tally(USED) + 2 <= slotRows;
}

@inline
export function ask(bytes: i32, id: i32): i32 {
  let slot = tally(VACANT_SLOT);
  if (slot == 0) {
    count(USED, 1);
    slot = tally(USED);
  } else setWord(tallies, VACANT_SLOT, load<i32>(slotRow(slot)));
  const row = slotRow(slot);
  store<i32>(row, bytes, PAYLOAD);
  store<i32>(row, id, ID);
  return slot;
}

@inline
export function vacate(slot: i32): void {
  const row = slotRow(slot);
  store<i32>(row, VACANT, STATE);
  store<i32>(row, tally(VACANT_SLOT));
  setWord(tallies, VACANT_SLOT, slot);
}

@inline
export function newHoleRow(): i32 {
  let hole = -tally(FREE_HOLE);
  if (hole == 0) hole = -1 - tally(HOLE_COUNT);
  else setWord(tallies, FREE_HOLE, load<i32>(holeRow(hole)));
  count(HOLE_COUNT, 1);
  return hole;
}

@inline
export function chainHoleRow(hole: i32): void {
  count(HOLE_COUNT, -1);
  store<i32>(holeRow(hole), tally(FREE_HOLE));
  setWord(tallies, FREE_HOLE, -hole);
}
