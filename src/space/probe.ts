/**
 * Told of every change of a space, in order, in granules. Scalars only, so that a probe costs no garbage.
 * A realloc in place is `resized`; one that moves is `claimed` for the new slot, then `released` for the old one.
 */
export interface Probe {
  /** A block came to be. */
  claimed(slot: number, start: number, length: number): void;
  /** A block, live or garbage, became (part of) a hole. */
  released(slot: number): void;
  /** A live block became garbage. */
  died(slot: number): void;
  resized(slot: number, start: number, length: number): void;
  moved(slot: number, from: number, to: number): void;
  reserved(slot: number, start: number, length: number, kind: number): void;
  unreserved(slot: number): void;
  /** A segment was made (`length` from nothing), grew, shrank, or went (to 0). */
  segment(edge: number, start: number, length: number): void;
  /** A collection begins (`cause`) or ends (-1). */
  collected(cause: number): void;
}

/** Several probes as one, in the order given. */
export function probes(list: readonly Probe[]): Probe | undefined {
  if (list.length < 2) return list[0];
  return {
    claimed: (slot, start, length) => list.forEach((probe) => probe.claimed(slot, start, length)),
    released: (slot) => list.forEach((probe) => probe.released(slot)),
    died: (slot) => list.forEach((probe) => probe.died(slot)),
    resized: (slot, start, length) => list.forEach((probe) => probe.resized(slot, start, length)),
    moved: (slot, from, to) => list.forEach((probe) => probe.moved(slot, from, to)),
    reserved: (slot, start, length, kind) => list.forEach((probe) => probe.reserved(slot, start, length, kind)),
    unreserved: (slot) => list.forEach((probe) => probe.unreserved(slot)),
    segment: (edge, start, length) => list.forEach((probe) => probe.segment(edge, start, length)),
    collected: (cause) => list.forEach((probe) => probe.collected(cause)),
  };
}
