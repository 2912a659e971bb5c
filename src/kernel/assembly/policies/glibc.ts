/**
 * ptmalloc: src/allocators/glibc.ts. Mapped chunks, memalign, and what sbrk and trim do are TypeScript's.
 */
import { LIMIT } from "../../glibc-registers";
import { OF_POLICY } from "../../registers";
import { ALLOCATE, COPIES, chosen, LEFT, RESIZES, STAYS } from "../events";
import {
  bindArena,
  give,
  growIntoTop,
  mayGive,
  mayGiveRest,
  take,
  takeCached,
  taken,
  takesAtOnce,
  topHolds,
  topStart,
} from "./glibc/arena";
import { bindBins, forgetLooks, looked, remove } from "./glibc/bins";
import { bindCaches, cacheHasRoom, cacheIsOpen, fastHead } from "./glibc/caches";
import {
  binned,
  bindChunks,
  CACHED,
  chunkAt,
  drop,
  freeAt,
  holeAround,
  PLACE,
  roomForChunk,
  tagCount,
  unitsAt,
  use,
} from "./glibc/chunks";
import {
  bindLayout,
  blockOf,
  granulesOf,
  large,
  mostFast,
  sizeOf,
  smallest,
  unitOf,
  unitsOf,
  word,
} from "./glibc/layout";
import { register } from "../memory";
import { holeRow, LENGTH, NEXT, slotRow } from "../rows";
import { countSteps } from "../space";

let limit: i32 = 0;

/** The chunk that is freed. */
let freedStart: i32 = 0;
let freedSize: i32 = 0;

export class Glibc {
  @inline
  bind(): void {
    limit = register(OF_POLICY + LIMIT);
    bindLayout();
    bindChunks();
    bindCaches();
    bindBins();
    bindArena();
  }

  @inline
  choose(bytes: i32, op: i32): bool {
    const units = unitsOf(bytes);
    if (!cacheIsOpen()) return false;
    if ((op != ALLOCATE || !takeCached(units)) && !take(units)) return false;
    const hole = holeAround(taken.start, taken.start + taken.size, topStart());
    chosen.hole = hole;
    chosen.offset = blockOf(taken.start) - load<i32>(holeRow(hole));
    chosen.length = granulesOf(taken.size);
    chosen.payload = word;
    return true;
  }

  @inline
  placed(slot: i32): void {
    use(taken.start, taken.size, slot);
    countSteps(looked);
    forgetLooks();
  }

  resize(slot: i32, bytes: i32): i32 {
    const row = slotRow(slot);
    if (load<i32>(row) >= limit || !cacheIsOpen()) return LEFT;
    const units = unitsOf(bytes);
    const start = unitOf(load<i32>(row));
    const size = sizeOf(load<i32>(row, LENGTH));
    const how = fits(start, size, units);
    if (how != COPIES) return how;
    return moves(start, size, units) && roomForChunk() && mayGive(start, size) ? COPIES : LEFT;
  }

  @inline
  stayed(slot: i32): void {
    if (refitted.kept != 0) settle(slot);
  }

  @inline
  copied(): void {}

  @inline
  freeing(slot: i32): bool {
    const row = slotRow(slot);
    if (load<i32>(row) >= limit || !cacheIsOpen()) return false;
    freedStart = unitOf(load<i32>(row));
    freedSize = sizeOf(load<i32>(row, LENGTH));
    return roomForChunk() && mayGive(freedStart, freedSize);
  }

  @inline
  freed(hole: i32): void {
    give(freedStart, freedSize, hole);
  }

  @inline
  appear(hole: i32): void {}

  @inline
  vanish(hole: i32): void {}

  @inline
  change(hole: i32, oldStart: i32, oldLength: i32): void {}
}

/** The chunk that resizes in place: its units, those it gives back, those of top, and the free chunk that it takes in. */
namespace refitted {
  export let kept: i32 = 0;
  export let rest: i32 = 0;
  export let fromTop: i32 = 0;
  export let next: i32 = 0;
}

/** Whether the chunk [start, start + size) does for `units` where it is: STAYS, RESIZES, LEFT; COPIES if it does not. */
function fits(start: i32, size: i32, units: i32): i32 {
  const end = start + size;
  refitted.kept = 0;
  refitted.fromTop = 0;
  refitted.next = 0;
  let room = size;
  if (size < units) {
    if (end == topStart()) {
      if (!topHolds(units - size)) return COPIES;
      if (start + units > tagCount) return LEFT;
      refitted.fromTop = units - size;
      room = units;
    } else {
      const next = binned(end);
      if (next == 0 || size + unitsAt(next) < units) return COPIES;
      refitted.next = next;
      room = size + unitsAt(next);
    }
  }
  const rest = room - units;
  const splits = rest >= smallest;
  if (size >= units && !splits) return STAYS;
  if (splits && !(roomForChunk() && mayGiveRest(rest, start + room))) return LEFT;
  refitted.kept = splits ? units : room;
  refitted.rest = splits ? rest : 0;
  chosen.length = granulesOf(refitted.kept);
  return RESIZES;
}

/** The block of `slot` has been resized. */
function settle(slot: i32): void {
  const start = unitOf(load<i32>(slotRow(slot)));
  const kept = refitted.kept;
  const rest = refitted.rest;
  if (refitted.next != 0) {
    remove(refitted.next);
    drop(refitted.next);
  }
  growIntoTop(refitted.fromTop);
  use(start, kept, slot);
  if (rest != 0) give(start + kept, rest, load<i32>(slotRow(slot), NEXT));
}

/**
 * The chunk [start, start + size), too short for `units`, surely moves, and whatever is done to find another changes nothing
 * about whether it may be given.
 */
function moves(start: i32, size: i32, units: i32): bool {
  const end = start + size;
  const next = end == topStart() ? 0 : freeAt(end);
  const place = next == 0 ? CACHED : load<i32>(chunkAt(next), PLACE);
  // The one behind it is what is found.
  if (takesAtOnce(units)) return units > mostFast || next == 0 || fastHead(units) != next;
  // Fast chunks are merged: what is behind it may come to be found.
  if (units >= large && place != CACHED) return false;
  return cacheHasRoom(size) || size <= mostFast;
}
