/**
 * What policies count about their own work: `space.count(Cost.searchSteps, 3)`. Words are 8 bytes.
 * None of it is time: each is defined by the algorithm that the policy models.
 */
export const Cost = {
  /** Blocks or free-list entries that the real algorithm would have looked at to place requests. */
  searchSteps: 0,
  /** Words read or written by collections: marking, scanning, fixing references, moving. */
  touchedWords: 1,
  /** References that a real runtime would have rewritten because their target moved. */
  updatedReferences: 2,
  /** Counted by the space itself. */
  collections: 3,
  moves: 4,
  movedBytes: 5,
  /** The most words touched within one collection. */
  pauseMaxWords: 6,
  /** Words of the objects that marking or tracing reached. Part of touchedWords. */
  markedWords: 7,
  /** Words that passes over the heap read to find objects, dead or alive, and their references. Part of touchedWords. */
  scannedWords: 8,
  /** The most bytes that one collection needed beside the heap's objects: see `Space.needExtra`. */
  extraMaxBytes: 9,
} as const;
export type Cost = (typeof Cost)[keyof typeof Cost];
export const COSTS = 10;

/** Bytes of a word in every cost that is counted in words. */
export const WORD = 8;
