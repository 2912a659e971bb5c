/**
 * Blocks in and out of holes: `carve` and `dissolve` of src/space/block-map.ts, and what `place` and `give` of
 * src/space/space.ts count. `P` is the policy, whose `appear`, `vanish` and `change` are told of holes as a `HoleIndex` is; all
 * in granules.
 */
import { COSTS, FRESH, GRANULE_LOG2, PAGES, RESIDENT } from "../registers";
import { bindLargestHole, changed, inserted, removed } from "./largest-hole";
import { addWord, address, register, registers, setWord, word } from "./memory";
import { hashClaim, hashRelease, hashResize } from "./recorder";
import {
  BLOCK_GRANULES,
  bindRows,
  chainHoleRow,
  count,
  countLive,
  HOLE_GRANULES,
  holeRow,
  LENGTH,
  LIVE,
  LIVE_BLOCKS,
  NEXT,
  newHoleRow,
  PAYLOAD,
  PREVIOUS,
  STATE,
  slotRow,
  vacate,
} from "./rows";

const PAGE_LOG2 = 12;

/** log2 of the granule's bytes. */
export let granuleLog2: i32 = 0;
/** Pages touched for the first time. */
export let fresh: i32 = 0;
let pages: usize = 0;
let resident: usize = 0;
/** The costs, the first of which is searchSteps. */
let costs: usize = 0;

export function bindSpace(): void {
  granuleLog2 = register(GRANULE_LOG2);
  fresh = 0;
  pages = address(PAGES);
  resident = address(RESIDENT);
  costs = address(COSTS);
  bindRows();
  bindLargestHole();
}

/** The policy has looked at so many blocks or ranges to place a request. */
@inline
export function countSteps(steps: i32): void {
  store<f64>(costs, load<f64>(costs) + <f64>steps);
}

export function leaveSpace(): void {
  setWord(registers, FRESH, fresh);
}

/** Every page is resident from now on that the first `bytes` from granule `start` on reach into. */
@inline
export function touch(start: i32, bytes: i32): void {
  if (bytes <= 0) return;
  const last = (start + ((bytes - 1) >>> granuleLog2)) >>> (PAGE_LOG2 - granuleLog2);
  for (let page = start >>> (PAGE_LOG2 - granuleLog2); page <= last; page++)
    if ((word(pages, page >>> 5) & (1 << (page & 31))) == 0) touchFirst(page);
}

function touchFirst(page: i32): void {
  setWord(pages, page >>> 5, word(pages, page >>> 5) | (1 << (page & 31)));
  addWord(resident, 0, 1);
  fresh++;
}

/** The same of granules [start, end). */
export function touchGranules(start: i32, end: i32): void {
  if (end <= start) return;
  const last = (end - 1) >>> (PAGE_LOG2 - granuleLog2);
  for (let page = start >>> (PAGE_LOG2 - granuleLog2); page <= last; page++)
    if ((word(pages, page >>> 5) & (1 << (page & 31))) == 0) touchFirst(page);
}

/**
 * The hole that has `length` granules from `start` on, by the links from the slot `near` of the same segment: `nodeFrom` of
 * src/space/block-map.ts, but that no slot may begin between the hole and a `near` below it. 0 if there is none.
 */
@inline
export function holeFrom(near: i32, start: i32, length: i32): i32 {
  let node = near;
  let row = slotRow(node);
  let at = load<i32>(row);
  if (at <= start) {
    node = load<i32>(row, NEXT);
    if (node >= 0) return 0;
    row = holeRow(node);
    at = load<i32>(row);
    if (at > start) return 0;
  }
  while (at > start) {
    node = load<i32>(row, PREVIOUS);
    row = node < 0 ? holeRow(node) : slotRow(node);
    const before = load<i32>(row);
    if (before >= at) return 0;
    at = before;
  }
  return node < 0 && start + length <= at + load<i32>(row, LENGTH) ? node : 0;
}

/** The block of `slot`, for which was asked, is `length` granules of `hole`, `offset` from its start. */
@inline
export function place<P>(hole: i32, offset: i32, length: i32, slot: i32): void {
  carve<P>(hole, offset, length, slot);
  const row = slotRow(slot);
  store<i32>(row, LIVE, STATE);
  countLive(load<i32>(row, PAYLOAD));
  count(LIVE_BLOCKS, 1);
  count(BLOCK_GRANULES, length);
  hashClaim(load<i32>(row), length);
}

/** The block of `slot`, which is live, is free, and so is the slot. Returns the hole that it lies in. */
@inline
export function give<P>(slot: i32): i32 {
  const row = slotRow(slot);
  countLive(-load<i32>(row, PAYLOAD));
  count(LIVE_BLOCKS, -1);
  count(BLOCK_GRANULES, -load<i32>(row, LENGTH));
  hashRelease(slot);
  const hole = dissolve<P>(slot);
  vacate(slot);
  return hole;
}

/** The live block of `slot` is of `length` granules from its start on now: what is beside it above shrinks or grows. */
export function refit<P>(slot: i32, length: i32): void {
  const row = slotRow(slot);
  const start = load<i32>(row);
  const old = load<i32>(row, LENGTH);
  const next = load<i32>(row, NEXT);
  count(BLOCK_GRANULES, length - old);
  store<i32>(row, length, LENGTH);
  if (next >= 0) newHole<P>(start + length, old - length, slot, next);
  else {
    const rest = load<i32>(holeRow(next), LENGTH) + old - length;
    if (rest > 0) setHole<P>(next, start + length, rest);
    else {
      const after = load<i32>(holeRow(next), NEXT);
      store<i32>(row, after, NEXT);
      store<i32>(slotRow(after), slot, PREVIOUS);
      dropHole<P>(next);
    }
  }
  hashResize(slot, start, length);
}

/** A hole's neighbours are slots, always: no two holes lie side by side. */
@inline
function carve<P>(hole: i32, offset: i32, length: i32, slot: i32): void {
  const from = holeRow(hole);
  const to = slotRow(slot);
  const start = load<i32>(from);
  const rest = load<i32>(from, LENGTH) - offset - length;
  const next = load<i32>(from, NEXT);
  store<i32>(to, start + offset);
  store<i32>(to, length, LENGTH);
  if (offset == 0) {
    const previous = load<i32>(from, PREVIOUS);
    store<i32>(to, previous, PREVIOUS);
    store<i32>(slotRow(previous), slot, NEXT);
    if (rest > 0) {
      store<i32>(to, hole, NEXT);
      store<i32>(from, slot, PREVIOUS);
      setHole<P>(hole, start + length, rest);
    } else {
      store<i32>(to, next, NEXT);
      store<i32>(slotRow(next), slot, PREVIOUS);
      dropHole<P>(hole);
    }
    return;
  }
  setHole<P>(hole, start, offset);
  store<i32>(from, slot, NEXT);
  store<i32>(to, hole, PREVIOUS);
  store<i32>(to, next, NEXT);
  store<i32>(slotRow(next), slot, PREVIOUS);
  if (rest > 0) newHole<P>(start + offset + length, rest, slot, next);
}

@inline
function dissolve<P>(slot: i32): i32 {
  const row = slotRow(slot);
  const start = load<i32>(row);
  const length = load<i32>(row, LENGTH);
  const previous = load<i32>(row, PREVIOUS);
  const next = load<i32>(row, NEXT);
  if (previous < 0) {
    const below = holeRow(previous);
    let merged = load<i32>(below, LENGTH) + length;
    let after = next;
    if (next < 0) {
      merged += load<i32>(holeRow(next), LENGTH);
      after = load<i32>(holeRow(next), NEXT);
      dropHole<P>(next);
    }
    store<i32>(below, after, NEXT);
    store<i32>(slotRow(after), previous, PREVIOUS);
    setHole<P>(previous, load<i32>(below), merged);
    return previous;
  }
  if (next >= 0) return newHole<P>(start, length, previous, next);
  store<i32>(slotRow(previous), next, NEXT);
  store<i32>(holeRow(next), previous, PREVIOUS);
  setHole<P>(next, start, load<i32>(holeRow(next), LENGTH) + length);
  return next;
}

@inline
function newHole<P>(start: i32, length: i32, before: i32, after: i32): i32 {
  const hole = newHoleRow();
  const row = holeRow(hole);
  count(HOLE_GRANULES, length);
  store<i32>(row, start);
  store<i32>(row, length, LENGTH);
  store<i32>(row, before, PREVIOUS);
  store<i32>(row, after, NEXT);
  store<i32>(slotRow(before), hole, NEXT);
  store<i32>(slotRow(after), hole, PREVIOUS);
  inserted(-hole, length);
  changetype<P>(0).appear(hole);
  return hole;
}

@inline
function setHole<P>(hole: i32, start: i32, length: i32): void {
  const row = holeRow(hole);
  const oldStart = load<i32>(row);
  const oldLength = load<i32>(row, LENGTH);
  store<i32>(row, start);
  store<i32>(row, length, LENGTH);
  changed(-hole, oldLength, length);
  count(HOLE_GRANULES, length - oldLength);
  changetype<P>(0).change(hole, oldStart, oldLength);
}

@inline
function dropHole<P>(hole: i32): void {
  changetype<P>(0).vanish(hole);
  const row = holeRow(hole);
  const length = load<i32>(row, LENGTH);
  removed(-hole, length);
  count(HOLE_GRANULES, -length);
  store<i32>(row, 0, LENGTH);
  chainHoleRow(hole);
}
