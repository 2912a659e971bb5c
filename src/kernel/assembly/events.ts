/**
 * The events of a replay: what `Replay` of src/replay/replay.ts does at malloc, calloc, realloc and free. An event is done as
 * a whole, or left before anything has changed.
 *
 * `P`, the policy, is a class without fields; its methods are called on nothing, so that each is known when this is compiled:
 *
 *   bind()                      reads its registers
 *   choose(bytes, op)           where a block for so many bytes goes: sets `chosen`; false: it is not sure, nothing is changed.
 *                               If it says true, the block is made. The operation is REALLOCATE for the copy of one
 *   placed(slot)                the block was made as chosen
 *   resize(slot, bytes)         what a realloc does: STAYS, COPIES, RESIZES to `chosen.length` from the block's start on, or
 *                               LEFT where it is not sure
 *   stayed(slot), copied()      it did that, or is about to; a block that resizes has stayed
 *   freeing(slot)               false: it is not sure about this free; never after `choose` for a copy
 *   freed(hole)                 the block of which it said true is free, in that hole
 *   appear, vanish, change      of holes, in granules: see space.ts
 */
import { BYTES, IDS, OBJECT_ROWS, OBJECTS, OPS, ROWS } from "../registers";
import { address, register, setWord, word } from "./memory";
import { bindMeter, leaveMeter, metered, sample } from "./meter";
import { bindRecorder, event, hashPayloadAt, setEvent } from "./recorder";
import {
  ask,
  countLive,
  OFFSET,
  PAYLOAD,
  roomForHoles,
  roomForSlot,
  slotRow,
  vacate,
} from "./rows";
import { bindSpace, fresh, give, leaveSpace, place, refit, touch } from "./space";

// Operations of src/traces/trace.ts.
export const ALLOCATE = 0;
export const CALLOCATE = 1;
export const REALLOCATE = 3;
const FREE = 4;

/** What `resize` answers. */
export const LEFT = 0;
export const STAYS = 1;
export const COPIES = 2;
export const RESIZES = 3;

/** Where the next block goes: in granules, but for where the payload begins in it, in bytes. */
export namespace chosen {
  export let hole: i32 = 0;
  export let offset: i32 = 0;
  export let length: i32 = 0;
  export let payload: i32 = 0;
}

/** How many events ahead is looked for where an object is, and then at its block. */
const FAR = 12;
const NEAR = 4;

const lookedAt: usize = memory.data(4);
let ops: usize = 0;
let rows: usize = 0;
let bytes: usize = 0;
let ids: usize = 0;
let objects: usize = 0;
let objectRows: i32 = 0;

/**
 * Does events `from` .. `to` - 1, up to the first that is left, to when the meter must count, or to one that touched a page
 * for the first time: that one the meter has still to sample. Returns where it stopped.
 */
export function run<P>(from: i32, to: i32): i32 {
  ops = address(OPS);
  rows = address(ROWS);
  bytes = address(BYTES);
  ids = address(IDS);
  objects = address(OBJECTS);
  objectRows = register(OBJECT_ROWS);
  bindSpace();
  bindRecorder();
  bindMeter();
  changetype<P>(0).bind();
  let i = from;
  let seen = 0;
  while (i < to) {
    seen ^= lookAhead(i);
    const op = <i32>load<u8>(ops + i);
    if (op == FREE) {
      if (!free<P>(word(rows, i))) break;
    } else if (op <= CALLOCATE) {
      if (!allocate<P>(i, op)) break;
    } else if (op != REALLOCATE || !reallocate<P>(i)) break;
    i++;
    setEvent(event + 1);
    if (metered && (fresh != 0 || sample())) break;
  }
  leaveMeter();
  leaveSpace();
  setWord(lookedAt, 0, seen);
  return i;
}

/**
 * Reads what events soon to come will ask for, where each object is, and a few events later its block's row, so that they do
 * not wait for memory when their turn comes. The answer means nothing; it has to be used, lest the compiler leave the reading
 * out.
 */
@inline
function lookAhead(i: i32): i32 {
  return slotAhead(i + FAR) ^ load<i32>(slotRow(slotAhead(i + NEAR)));
}

/** Slot 0 for what is no event. */
@inline
function slotAhead(i: i32): i32 {
  const row = word(rows, i);
  return <u32>row < <u32>objectRows ? word(objects, row) : 0;
}

@inline
function allocate<P>(i: i32, op: i32): bool {
  const row = word(rows, i);
  const size = word(bytes, i);
  if (row >= objectRows || !roomForSlot() || !roomForHoles()) return false;
  if (!changetype<P>(0).choose(size, op)) return false;
  settle(row, take<P>(size, word(ids, i)), op == CALLOCATE ? 0 : size);
  return true;
}

@inline
function free<P>(row: i32): bool {
  if (row >= objectRows || !roomForHoles()) return false;
  const slot = word(objects, row);
  if (slot == 0 || !changetype<P>(0).freeing(slot)) return false;
  changetype<P>(0).freed(give<P>(slot));
  setWord(objects, row, 0);
  return true;
}

function reallocate<P>(i: i32): bool {
  const row = word(rows, i);
  const size = word(bytes, i);
  if (row >= objectRows) return false;
  const slot = word(objects, row);
  if (slot == 0) return allocate<P>(i, ALLOCATE);
  if (!roomForSlot() || !roomForHoles()) return false;
  const how = changetype<P>(0).resize(slot, size);
  if (how == STAYS || how == RESIZES) {
    const at = slotRow(slot);
    const offset = load<i32>(at, OFFSET);
    if (how == RESIZES) refit<P>(slot, chosen.length);
    changetype<P>(0).stayed(slot);
    const asked = ask(size, word(ids, i));
    countLive(size - load<i32>(at, PAYLOAD));
    store<i32>(at, size, PAYLOAD);
    vacate(asked);
    hashPayloadAt(offset);
    touch(load<i32>(at), offset + size);
    return true;
  }
  if (how == LEFT || !changetype<P>(0).choose(size, REALLOCATE)) return false;
  changetype<P>(0).copied();
  const copy = take<P>(size, word(ids, i));
  if (!changetype<P>(0).freeing(slot)) unreachable();
  changetype<P>(0).freed(give<P>(slot));
  settle(row, copy, size);
  return true;
}

/** A slot for the object, and its block as chosen. */
@inline
function take<P>(size: i32, id: i32): i32 {
  const slot = ask(size, id);
  place<P>(chosen.hole, chosen.offset, chosen.length, slot);
  changetype<P>(0).placed(slot);
  return slot;
}

/** The row's object is in `slot` now, and of its payload `written` bytes are written. */
@inline
function settle(row: i32, slot: i32, written: i32): void {
  setWord(objects, row, slot);
  const at = slotRow(slot);
  store<i32>(at, chosen.payload, OFFSET);
  hashPayloadAt(chosen.payload);
  touch(load<i32>(at), chosen.payload + written);
}
