/** A compaction of a segment in one pass, where every block goes down as far as it can: src/space/slide.ts. */
import { SLID } from "../registers";
import { bindGraph, graphOn, isMarked, reclaimed } from "./graph";
import { inserted, removed } from "./largest-hole";
import { address } from "./memory";
import { bindRecorder, hashMove, hashRelease } from "./recorder";
import {
  CONTROL,
  chainHoleRow,
  GARBAGE,
  holeRow,
  LENGTH,
  LIVE,
  NEXT,
  newHoleRow,
  PAYLOAD,
  PREVIOUS,
  STATE,
  slotRow,
  vacate,
} from "./rows";
import { bindSpace, leaveSpace, touchGranules } from "./space";

let freed: i32 = 0;
let given: i32 = 0;
let givenLive: i32 = 0;
let died: i32 = 0;
let diedBytes: f64 = 0;

/** There is a row for one hole more. `moved`: where to set a byte for each slot that moves. */
export function slide(edge: i32, moved: usize): void {
  bindSpace();
  bindRecorder();
  bindGraph();
  freed = given = givenLive = died = 0;
  diedBytes = 0;
  let passed = 0;
  let moves = 0;
  let movedGranules = 0;
  let last = edge;
  let gap = 0;
  let free = 0;
  let dirty = 0;
  let node = load<i32>(slotRow(edge), NEXT);
  while (node != edge) {
    if (node < 0) {
      gap = node;
      free = dirty = load<i32>(holeRow(node));
      node = absorb(node, true);
      continue;
    }
    const row = slotRow(node);
    const start = load<i32>(row);
    const state = load<i32>(row, STATE);
    let next = load<i32>(row, NEXT);
    if (state != CONTROL) passed++;
    if (state == GARBAGE || (state == LIVE && graphOn && !isMarked(node))) {
      if (gap == 0) {
        gap = next < 0 ? next : newHoleRow();
        free = dirty = start;
      }
      if (next < 0) next = absorb(next, next == gap);
      giveBack(node);
      node = next;
      continue;
    }
    const at = gap != 0 && state == LIVE ? free : start;
    if (at != start && next < 0) next = absorb(next, false);
    if (gap == 0 || at == free) {
      store<i32>(slotRow(last), node, NEXT);
      store<i32>(row, last, PREVIOUS);
    } else {
      close(gap, free, at, last, node);
      touchGranules(dirty, free);
      gap = 0;
    }
    const length = load<i32>(row, LENGTH);
    if (at != start) {
      store<i32>(row, at);
      moves++;
      movedGranules += length;
      store<u8>(moved + <usize>node, 1);
      hashMove(node, at, start);
    }
    free = at + length;
    last = node;
    node = next;
  }
  if (gap != 0) {
    const row = slotRow(edge);
    close(gap, free, load<i32>(row) + load<i32>(row, PAYLOAD), last, edge);
    touchGranules(dirty, free);
  } else {
    store<i32>(slotRow(last), edge, NEXT);
    store<i32>(slotRow(edge), last, PREVIOUS);
  }
  const sums = address(SLID);
  store<f64>(sums, passed);
  store<f64>(sums, given, 8);
  store<f64>(sums, givenLive, 16);
  store<f64>(sums, died, 24);
  store<f64>(sums, diedBytes, 32);
  store<f64>(sums, moves, 40);
  store<f64>(sums, movedGranules, 48);
  store<f64>(sums, freed, 56);
  leaveSpace();
}

@inline
function giveBack(slot: i32): void {
  const row = slotRow(slot);
  const length = load<i32>(row, LENGTH);
  hashRelease(slot);
  freed++;
  given += length;
  if (load<i32>(row, STATE) == LIVE) {
    givenLive += length;
    died++;
    diedBytes += <f64>load<i32>(row, PAYLOAD);
  }
  if (graphOn) reclaimed(slot);
  vacate(slot);
}

@inline
function absorb(hole: i32, keep: bool): i32 {
  const row = holeRow(hole);
  removed(-hole, load<i32>(row, LENGTH));
  store<i32>(row, 0, LENGTH);
  if (!keep) chainHoleRow(hole);
  return load<i32>(row, NEXT);
}

@inline
function close(gap: i32, start: i32, end: i32, before: i32, after: i32): void {
  const row = holeRow(gap);
  store<i32>(row, start);
  store<i32>(row, end - start, LENGTH);
  store<i32>(row, before, PREVIOUS);
  store<i32>(row, after, NEXT);
  store<i32>(slotRow(before), gap, NEXT);
  store<i32>(slotRow(after), gap, PREVIOUS);
  inserted(-gap, end - start);
}
