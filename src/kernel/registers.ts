/**
 * What a replay tells the kernel, and it the replay: numbered words at the start of the memory they share. An address is
 * that of a column's first entry, in bytes from the memory's start.
 *
 * This file is TypeScript and AssemblyScript: both sides read it.
 */

/** How many registers there are, and the first of those that the policy at hand gives a meaning of its own. */
export const REGISTERS = 80;
export const OF_POLICY = 56;

// The space: addresses of its tables, and how many rows or words the ones that grow have room for.
export const GRANULE_LOG2 = 0;
export const SLOTS = 1;
export const SLOT_ROWS = 2;
export const HOLES = 3;
export const HOLE_ROWS = 4;
export const TALLIES = 5;
export const LIVE_BYTES = 6;
export const COSTS = 7;
export const PAGES = 8;
export const LONGEST = 10;
export const LONGEST_HEADS = 11;
/** Slots by the trace's rows. */
export const OBJECTS = 12;
export const OBJECT_ROWS = 13;

// The recorder: 1 if changes are hashed, the hash's state, and where the last payload lay in its block.
export const HASHED = 14;
export const HASH = 15;
export const LAST_OFFSET = 16;

// The meter: 1 if events are counted, the figures of those not counted yet, how many these are, and may be.
export const METERED = 17;
export const LIVES = 18;
export const FIGURES = 19;
export const KEPT = 20;
export const MOST = 21;
/** Where a digest of the figures goes, and what a walk over the holes sums. */
export const DIGEST = 22;
export const WALKED = 23;

// The trace: addresses of a chunk's columns, and the number of the event at hand.
export const OPS = 24;
export const ROWS = 25;
export const BYTES = 26;
export const IDS = 27;
export const EVENT = 28;

// The object graph: 1 where the trace has references, slots that have room in its tables, and these.
export const GRAPH_ON = 32;
export const GRAPH_SLOTS = 33;
export const FIRSTS = 34;
export const FLAGS = 35;
export const CELLS = 36;
export const POOL_LISTS = 37;
export const MARKS = 38;
export const QUEUE = 39;
/** The trace's rows by slots. */
export const ROWS_BY_SLOT = 40;
/** Where a slide puts what it did, in the order in which `Space.slide` takes it. */
export const SLID = 41;
export const SLID_WORDS = 8;

/** Pages: how many are resident, and how many of them the kernel was the first to touch since it was bound. */
export const RESIDENT = 29;
export const FRESH = 30;
