/** The block that a panel points at: its lane's map pins it and brings it into view. */
import { signal } from "@preact/signals";

export interface Pointed {
  readonly lane: number;
  readonly start: number;
  readonly length: number;
}

/** A new object each time, so that the same block can be pointed at again. */
export const pointed = signal<Pointed | undefined>(undefined);
