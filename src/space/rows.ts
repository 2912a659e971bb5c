/**
 * What a space has in rows of eight words, two tables of them: slots and holes.
 *
 *   word   0       1        2          3      4         5        6        7
 *   slot   start   length   previous   next   payload   state    offset   id
 *   hole   start   length   previous   next   the two links of    the policy's own two
 *                                             its length's list
 *
 * Starts and lengths are granules; previous and next are handles, of slots as they are, of holes negative. Row 0 is never
 * a node. Rows of vacant slots and holes are chained by their first word.
 *
 *   payload   bytes asked for, of a block; the kind, of a control range; granules, of the edge of a segment
 *   offset    where in its block the payload begins, in bytes. It and the object's number are for replay: nothing here
 *             needs them
 */
import type { Column } from "./columns.ts";

/** A slot > 0, or a hole < 0. */
export type Node = number;

/**
 * Words of a row; LOG2 of how many there are. Links of a hole: the first of its list's, and of the policy's.
 *
 * These and the entries of `tallies` are in objects, for files to take apart in constants of their own: V8 compiles those
 * into the code, and reads one that is imported by itself each time. That was a tenth of the time of a slide.
 */
export const Row = {
  LOG2: 3,
  LENGTH: 1,
  PREVIOUS: 2,
  NEXT: 3,
  PAYLOAD: 4,
  STATE: 5,
  OFFSET: 6,
  ID: 7,
  LENGTH_LINKS: 4,
  POLICY_LINKS: 6,
} as const;

/** What a slot holds. `asked` waits for its block; an `edge` is the ring of a segment. */
export const State = { vacant: 0, asked: 1, live: 2, garbage: 3, control: 4, edge: 5 } as const;
export type State = (typeof State)[keyof typeof State];

/** What an allocator's own memory is for. */
export const Control = { header: 0, table: 1, copyReserve: 2, unused: 3 } as const;
export type Control = (typeof Control)[keyof typeof Control];
export const CONTROL_NAMES = ["header", "table", "copy reserve", "unused"] as const;

/**
 * What `Space.counter` reads. All but the first, which 32 bits would not hold, are entries of `tallies`, in granules from
 * blockBytes on.
 */
export const Counter = {
  liveBytes: 0,
  liveBlocks: 1,
  blockBytes: 2,
  garbageBytes: 3,
  controlBytes: 4,
  heapBytes: 5,
} as const;

/** Entries of `tallies` behind the counters. */
export const Tally = {
  /** Whether a collection is under way. */
  COLLECTING: 6,
  /** First vacant slot. */
  VACANT: 7,
  /** First vacant row of holes, number of holes, granules in them. */
  FREE_HOLE: 8,
  HOLES: 9,
  HOLE_GRANULES: 10,
  /** Slots ever used. */
  USED: 11,
} as const;
export const TALLY_ENTRIES = 12;

const { LOG2, LENGTH, PREVIOUS, NEXT } = Row;
const { FREE_HOLE, HOLES } = Tally;

/** A vacant row for one hole more. */
export function newRow(holes: Column<Int32Array>, tallies: Int32Array): Node {
  let hole = -tallies[FREE_HOLE];
  if (hole === 0) {
    hole = -1 - tallies[HOLES]; // no vacant row below the count: the table is full up to it
    holes.grow((1 - hole) << LOG2);
  } else tallies[FREE_HOLE] = holes.data[-hole << LOG2];
  tallies[HOLES]++;
  return hole;
}

/** Chains the row of a hole that is no more. */
export function chainRow(holes: Int32Array, tallies: Int32Array, hole: Node): void {
  tallies[HOLES]--;
  holes[-hole << LOG2] = tallies[FREE_HOLE];
  tallies[FREE_HOLE] = -hole;
}

/** The hole is [start, start + length) from now on, between two slots: no two holes are neighbours. */
export function linkHole(
  holes: Int32Array,
  slots: Int32Array,
  hole: Node,
  start: number,
  length: number,
  before: Node,
  after: Node,
): void {
  const row = -hole << LOG2;
  holes[row] = start;
  holes[row + LENGTH] = length;
  holes[row + PREVIOUS] = before;
  holes[row + NEXT] = after;
  slots[(before << LOG2) + NEXT] = hole;
  slots[(after << LOG2) + PREVIOUS] = hole;
}
