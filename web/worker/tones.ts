/** The tone of each live block of a lane at a moment, by what colours stand for. */
import type { Playback } from "../../src/replay/playback.ts";
import type { Slot } from "../../src/space/space.ts";
import { type Births, NEVER } from "./births.ts";
import { boundsOf, CLASSES, type Colouring, classOf } from "./colouring.ts";
import type { MoveCounts } from "./move-counts.ts";
import type { Origins } from "./origins.ts";
import { toneOf } from "./palette.ts";

/** Of a trace and a lane. */
export interface Known {
  readonly births: Births;
  readonly origins: Origins;
  readonly moveCounts: () => MoveCounts;
}

export type Tones = (slot: Slot) => number;

export function tonesOf(
  colouring: Colouring,
  playback: Playback,
  { births, origins, moveCounts }: Known,
): Tones {
  const { space, event, trace } = playback;
  const bounds = boundsOf(colouring, trace.events);
  switch (colouring) {
    case "object":
      return (slot) => toneOf(space.id(slot));
    case "size":
      return (slot) => classOf(space.payload(slot), bounds);
    case "moves": {
      const counts = moveCounts().at(event);
      return (slot) => classOf(slot < counts.length ? counts[slot] : 0, bounds);
    }
    case "age": {
      const born = bySlot(playback, births);
      return (slot) => classOf(event - born[slot] - 1, bounds);
    }
    case "lifetime": {
      const born = bySlot(playback, births);
      const { deaths } = births;
      return (slot) =>
        classOf(deaths[born[slot]] === NEVER ? NEVER : deaths[born[slot]] - born[slot], bounds);
    }
    case "phase": {
      const born = bySlot(playback, births);
      const begins = trace.phases.map((phase) => phase.event);
      return (slot) => Math.max(0, classOf(born[slot], begins) - 1) % CLASSES;
    }
    case "thread":
    case "site": {
      const born = bySlot(playback, births);
      return (slot) => origins.classOf(colouring, born[slot]);
    }
  }
}

/** The event that gave the object in a slot its birth. Garbage that no row names has 0. */
function bySlot({ space, objects, event, trace }: Playback, births: Births): Int32Array {
  const rows = births.at(event);
  const born = new Int32Array(space.slotLimit);
  for (let row = 0; row < trace.rows; row++) {
    const slot = objects.slot(row);
    if (slot !== 0) born[slot] = rows[row];
  }
  return born;
}
