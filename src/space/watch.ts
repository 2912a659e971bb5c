/** A probe that passes everything on, and hears of collections when they have been noted. */
import type { Probe } from "./probe.ts";

export function watch(probe: Probe, collected: (cause: number) => void): Probe {
  return {
    claimed: (...told) => probe.claimed(...told),
    released: (...told) => probe.released(...told),
    died: (...told) => probe.died(...told),
    resized: (...told) => probe.resized(...told),
    moved: (...told) => probe.moved(...told),
    reserved: (...told) => probe.reserved(...told),
    unreserved: (...told) => probe.unreserved(...told),
    segment: (...told) => probe.segment(...told),
    unmapped: (...told) => probe.unmapped(...told),
    purged: (...told) => probe.purged(...told),
    shared: (...told) => probe.shared(...told),
    collected: (cause) => {
      probe.collected(cause);
      collected(cause);
    },
  };
}
