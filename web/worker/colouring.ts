/** What the colour of a live block stands for, in classes; shared by the painter and the legend. */
export const COLOURINGS = ["object", "age", "size", "lifetime", "moves", "phase", "thread", "site"] as const;
export type Colouring = (typeof COLOURINGS)[number];

export const CLASSES = 8;

/** Bytes asked for; how often the object was moved so far. */
const SIZES = [17, 65, 257, 1025, 4097, 16385, 65537];
const MOVES = [1, 2, 3, 5, 9, 17, 33];

/**
 * Class i has the values below bounds[i], the last one those beyond. Ages and lifetimes are in events, in steps that
 * are equal on a logarithmic scale from 1 to the whole trace. Objects, phases, threads and call sites have no order.
 */
export function boundsOf(colouring: Colouring, events: number): readonly number[] {
  switch (colouring) {
    case "size":
      return SIZES;
    case "moves":
      return MOVES;
    case "age":
    case "lifetime": {
      const bounds: number[] = [];
      for (let i = 1; i < CLASSES; i++)
        bounds.push(Math.max((bounds[i - 2] ?? 0) + 1, Math.round(events ** (i / CLASSES))));
      return bounds;
    }
    default:
      return [];
  }
}

/** The class of a value. */
export function classOf(value: number, bounds: readonly number[]): number {
  let i = 0;
  while (i < bounds.length && value >= bounds[i]) i++;
  return i;
}

export const isOrdered = (colouring: Colouring): boolean =>
  colouring === "age" || colouring === "size" || colouring === "lifetime" || colouring === "moves";
