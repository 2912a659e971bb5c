/**
 * ptmalloc: src/allocators/glibc.ts. Mapped chunks, memalign, what sbrk and trim do, and blocks that shrink or grow in place
 * are TypeScript's.
 */
import { LIMIT } from "../glibc-registers";
import { COSTS, OF_POLICY } from "../registers";
import { ALLOCATE, COPIES, chosen, LEFT, STAYS } from "./events";
import {
  bindArena,
  give,
  mayGive,
  take,
  takeCached,
  taken,
  takesAtOnce,
  topHolds,
  topStart,
} from "./glibc/arena";
import { bindBins, forgetLooks, looked } from "./glibc/bins";
import { bindCaches, cacheHasRoom, cacheIsOpen, fastHead } from "./glibc/caches";
import {
  BINNED,
  bindChunks,
  CACHED,
  chunkAt,
  freeAt,
  holeAround,
  PLACE,
  roomForChunk,
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
import { address, register } from "./memory";
import { holeRow, LENGTH, slotRow } from "./rows";

let limit: i32 = 0;
let searchSteps: usize = 0;

/** The chunk that is freed. */
let freedStart: i32 = 0;
let freedSize: i32 = 0;

export class Glibc {
  @inline
  bind(): void {
    limit = register(OF_POLICY + LIMIT);
    searchSteps = address(COSTS);
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
    store<f64>(searchSteps, load<f64>(searchSteps) + <f64>looked);
    forgetLooks();
  }

  resize(slot: i32, bytes: i32): i32 {
    const row = slotRow(slot);
    if (load<i32>(row) >= limit || !cacheIsOpen()) return LEFT;
    const units = unitsOf(bytes);
    const start = unitOf(load<i32>(row));
    const size = sizeOf(load<i32>(row, LENGTH));
    if (size >= units) return size - units < smallest ? STAYS : LEFT;
    return moves(start, size, units) && roomForChunk() && mayGive(start, size) ? COPIES : LEFT;
  }

  @inline
  stayed(slot: i32): void {}

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

/**
 * The chunk [start, start + size), too short for `units`, surely moves, and whatever is done to find another changes nothing
 * about whether it may be given.
 */
function moves(start: i32, size: i32, units: i32): bool {
  const end = start + size;
  if (end == topStart() && topHolds(units - size)) return false;
  const next = end == topStart() ? 0 : freeAt(end);
  const place = next == 0 ? CACHED : load<i32>(chunkAt(next), PLACE);
  if (place == BINNED && size + unitsAt(next) >= units) return false;
  // The one behind it is what is found.
  if (takesAtOnce(units)) return units > mostFast || next == 0 || fastHead(units) != next;
  // Fast chunks are merged: what is behind it may come to be found.
  if (units >= large && place != CACHED) return false;
  return cacheHasRoom(size) || size <= mostFast;
}
