/**
 * Sequential fits on a list by address of ranges that are merged at once: src/allocators/parts/sequential-fit.ts over
 * merged-ranges.ts, wanted.ts and block-shape.ts. `I` finds the range: `find`, and how many it `looked` at.
 */
import { OF_POLICY } from "../../registers";
import { COPIES, chosen, LEFT, RESIZES, STAYS } from "../events";
import { bindFreeList, insert, isPlace, remove, resize } from "./free-list";
import { address, register } from "../memory";
import { holeRow, LENGTH, NEXT, slotRow } from "../rows";
import { countSteps, granuleLog2 } from "../space";

/** Larger requests are left: sums of theirs might overflow. */
const MOST = 1 << 30;

let header: i32 = 0;
let alignment: i32 = 0;
/** Smallest rest that is split off, in granules. */
let split: i32 = 0;
let recent: usize = 0;
let looked: i32 = 0;

/** Granules of a block. */
@inline
function needed(bytes: i32): i32 {
  return ((header + max(bytes, 1) + alignment - 1) & -alignment) >>> granuleLog2;
}

@inline
function withRest(length: i32, room: i32): i32 {
  return room - length < split ? room : length;
}

export class SequentialFit<I> {
  @inline
  bind(): void {
    header = register(OF_POLICY);
    alignment = register(OF_POLICY + 1);
    split = register(OF_POLICY + 2);
    recent = address(OF_POLICY + 3);
    bindFreeList();
    changetype<I>(0).bind();
  }

  @inline
  choose(bytes: i32, op: i32): bool {
    if (bytes > MOST) return false;
    const length = needed(bytes);
    const range = changetype<I>(0).find(length);
    if (range == 0) return false;
    const row = holeRow(range);
    const room = load<i32>(row, LENGTH);
    const taken = withRest(length, room);
    if (taken < room && !isPlace(load<i32>(row) + taken)) return false;
    looked = changetype<I>(0).looked(range, length);
    chosen.hole = range;
    chosen.offset = 0;
    chosen.length = taken;
    chosen.payload = header;
    return true;
  }

  @inline
  placed(slot: i32): void {
    countSteps(looked);
    store<i32>(recent, slot);
  }

  @inline
  resize(slot: i32, bytes: i32): i32 {
    if (bytes > MOST) return LEFT;
    const length = needed(bytes);
    const row = slotRow(slot);
    const before = load<i32>(row, LENGTH);
    const next = load<i32>(row, NEXT);
    const room = length > before && next < 0 ? before + load<i32>(holeRow(next), LENGTH) : before;
    if (length > room) return isPlace(load<i32>(row)) ? COPIES : LEFT;
    const kept = withRest(length, room);
    if (kept == before) return STAYS;
    chosen.length = kept;
    return isPlace(load<i32>(row) + kept) ? RESIZES : LEFT;
  }

  @inline
  stayed(slot: i32): void {
    store<i32>(recent, slot);
  }

  @inline
  copied(): void {}

  @inline
  freeing(slot: i32): bool {
    return isPlace(load<i32>(slotRow(slot)));
  }

  @inline
  freed(hole: i32): void {}

  @inline
  appear(hole: i32): void {
    const row = holeRow(hole);
    insert<I>(hole, load<i32>(row), load<i32>(row, LENGTH));
  }

  @inline
  vanish(hole: i32): void {
    remove<I>(hole);
  }

  @inline
  change(hole: i32, oldStart: i32, oldLength: i32): void {
    const row = holeRow(hole);
    resize<I>(hole, load<i32>(row), load<i32>(row, LENGTH));
  }
}
