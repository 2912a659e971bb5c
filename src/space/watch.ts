/** A probe that passes everything on, and hears of collections when they have been noted. */
import type { Probe } from "./probe.ts";

export function watch(probe: Probe, collected: (cause: number) => void): Probe {
  return {
    claimed: (slot, start, length) => probe.claimed(slot, start, length),
    released: (slot) => probe.released(slot),
    died: (slot) => probe.died(slot),
    resized: (slot, start, length) => probe.resized(slot, start, length),
    moved: (slot, from, to, length) => probe.moved(slot, from, to, length),
    reserved: (slot, start, length, kind) => probe.reserved(slot, start, length, kind),
    unreserved: (slot, start) => probe.unreserved(slot, start),
    segment: (edge, start, length) => probe.segment(edge, start, length),
    unmapped: (edge) => probe.unmapped(edge),
    purged: (start, length) => probe.purged(start, length),
    collected: (cause) => {
      probe.collected(cause);
      collected(cause);
    },
  };
}
