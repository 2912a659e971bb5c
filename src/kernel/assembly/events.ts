/**
 * The events of a replay: what `Replay` of src/replay/replay.ts does at malloc, calloc, realloc and free. An event is done as
 * a whole, or left before anything has changed.
 *
 * `P`, the policy, is a class without fields; its methods are called on nothing, so that each is known when this is compiled:
 *
 *   bind()                      reads its registers
 *   choose(bytes)               where a block for so many bytes goes: sets `chosen`; false: it is not sure, nothing is changed
 *   placed(slot)                the block was made as chosen
 *   resize(slot, bytes)         what a realloc does: STAYS, COPIES, or LEFT where it is not sure
 *   stayed(slot), copied()      it did that
 *   freeing(slot)               false: it is not sure about this free; else its own lists have it back
 *   appear, vanish, change      of holes, in granules: see space.ts
 */
import { BYTES, IDS, OBJECT_ROWS, OBJECTS, OPS, ROWS } from "../registers";
import { address, register, setWord, word } from "./memory";
import { bindMeter, leaveMeter, metered, sample } from "./meter";
import { bindRecorder, event, hashPayloadAt, setEvent } from "./recorder";
import {
  ask,
  countLive,
  holeRow,
  OFFSET,
  PAYLOAD,
  roomForHoles,
  roomForSlot,
  slotRow,
  vacate,
} from "./rows";
import { bindSpace, give, isTouched, place } from "./space";
import { EVENT } from "../registers";

// Operations of src/traces/trace.ts.
const CALLOCATE = 1;
const REALLOCATE = 3;
const FREE = 4;

/** What `resize` answers. */
export const LEFT = 0;
export const STAYS = 1;
export const COPIES = 2;

/** Events between a look at an object's entry, one at its slot, and the event itself. */
const AHEAD = 4;
const seen: usize = memory.data(4);

/** Where the next block goes: in granules, but for where the payload begins in it, in bytes. */
export namespace chosen {
  export let hole: i32 = 0;
  export let offset: i32 = 0;
  export let length: i32 = 0;
  export let payload: i32 = 0;
}

let ops: usize = 0;
let rows: usize = 0;
let bytes: usize = 0;
let ids: usize = 0;
let objects: usize = 0;
let objectRows: i32 = 0;

/** Does events `from` .. `to` - 1, up to the first that is left or to when the meter must count. Returns where it stopped. */
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
  setEvent(register(EVENT));
  let i = from;
  while (i < to) {
    const op = <i32>load<u8>(ops + i);
    lookAhead(i);
    if (op == FREE) {
      if (!free<P>(word(rows, i))) break;
    } else if (op <= CALLOCATE) {
      if (!allocate<P>(i, op)) break;
    } else if (op != REALLOCATE || !reallocate<P>(i)) break;
    i++;
    setEvent(event + 1);
    if (metered && sample()) break;
  }
  leaveMeter();
  return i;
}

/**
 * Reads what events further on will need, which by then is in the cache: where many objects live, a free waits for its
 * object's entry, and then for its slot's row. What is stored is of no use, but that the loads are not left out.
 */
@inline
function lookAhead(i: i32): void {
  const far = word(rows, i + 2 * AHEAD);
  const near = word(rows, i + AHEAD);
  let sum = 0;
  if (<u32>far < <u32>objectRows) sum += word(objects, far);
  if (<u32>near < <u32>objectRows) sum += load<i32>(slotRow(word(objects, near)));
  store<i32>(seen, sum);
}

@inline
function allocate<P>(i: i32, op: i32): bool {
  const row = word(rows, i);
  const size = word(bytes, i);
  if (row >= objectRows || !roomForSlot() || !roomForHoles()) return false;
  if (!changetype<P>(0).choose(size)) return false;
  const touched = chosen.payload + (op == CALLOCATE ? 0 : size);
  if (touched > 0 && !isTouched(load<i32>(holeRow(chosen.hole)) + chosen.offset, touched)) return false;
  settle(row, take<P>(size, word(ids, i)));
  return true;
}

@inline
function free<P>(row: i32): bool {
  if (row >= objectRows || !roomForHoles()) return false;
  const slot = word(objects, row);
  if (slot == 0 || !changetype<P>(0).freeing(slot)) return false;
  give<P>(slot);
  setWord(objects, row, 0);
  return true;
}

function reallocate<P>(i: i32): bool {
  const row = word(rows, i);
  const size = word(bytes, i);
  if (row >= objectRows) return false;
  const slot = word(objects, row);
  if (slot == 0) return allocate<P>(i, REALLOCATE);
  if (!roomForSlot() || !roomForHoles()) return false;
  const how = changetype<P>(0).resize(slot, size);
  if (how == STAYS) {
    const at = slotRow(slot);
    const offset = load<i32>(at, OFFSET);
    if (!isTouched(load<i32>(at), offset + size)) return false;
    changetype<P>(0).stayed(slot);
    const asked = ask(size, word(ids, i));
    countLive(size - load<i32>(at, PAYLOAD));
    store<i32>(at, size, PAYLOAD);
    vacate(asked);
    hashPayloadAt(offset);
    return true;
  }
  if (how == LEFT || !changetype<P>(0).choose(size)) return false;
  if (!isTouched(load<i32>(holeRow(chosen.hole)) + chosen.offset, chosen.payload + size)) return false;
  changetype<P>(0).copied();
  const copy = take<P>(size, word(ids, i));
  if (!changetype<P>(0).freeing(slot)) unreachable();
  give<P>(slot);
  settle(row, copy);
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

@inline
function settle(row: i32, slot: i32): void {
  setWord(objects, row, slot);
  store<i32>(slotRow(slot), chosen.payload, OFFSET);
  hashPayloadAt(chosen.payload);
}
