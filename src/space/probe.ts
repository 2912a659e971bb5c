/**
 * Told of every change of a space, in order, in granules. Scalars only, so that a probe costs no garbage.
 * `hole` and `offset` say again where a range went: into which hole, how far from its start.
 * A realloc in place is `resized`; one that moves is `claimed` for the new slot, then `released` for the old one.
 */
export interface Probe {
  /** A block came to be. */
  claimed(slot: number, start: number, length: number, hole: number, offset: number): void;
  /** A block, live or garbage, became (part of) a hole. */
  released(slot: number): void;
  /** A live block became garbage. */
  died(slot: number): void;
  resized(slot: number, start: number, length: number, oldStart: number): void;
  /** The hole is what was there once the block had left its old place. */
  moved(slot: number, from: number, to: number, length: number, hole: number, offset: number): void;
  /**
   * The kernel has slid a segment, and hashed each move and release by itself: so many blocks were moved and given back.
   * A probe without this is told of each.
   */
  slid?(moves: number, movedGranules: number, reclaimed: number): void;
  reserved(slot: number, start: number, length: number, kind: number, hole: number, offset: number): void;
  unreserved(slot: number, start: number): void;
  /** The segment of `edge` was made, grew or shrank: it is [start, start + length) now. */
  segment(edge: number, start: number, length: number): void;
  /** The segment of `edge`, which was one hole, went. */
  unmapped(edge: number): void;
  /** The pages that lie wholly in the range were given back; the addresses stay. */
  purged(start: number, length: number): void;
  /** The pages of the range have the memory of those from `other` on. */
  shared(start: number, length: number, other: number): void;
  /** A collection begins (`cause`) or ends (-1). */
  collected(cause: number): void;
}
