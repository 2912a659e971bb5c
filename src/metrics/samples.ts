/**
 * Metrics that need a walk over the whole heap, at evenly spaced events. When there are enough samples every second
 * one is dropped and the distance doubles, so that the mean stays one over evenly spaced events; the maximum is over
 * all that were ever taken.
 */

/** Samples kept at most; at least half as many once there are events enough. */
export const SAMPLES = 128;
const FIRST_DISTANCE = 16;

export class Samples {
  readonly #names: readonly string[];
  readonly #take: () => readonly number[];
  readonly #max: number[];
  #rows: (readonly number[])[] = [];
  #distance = FIRST_DISTANCE;
  /** Events until the next sample. */
  #left = 0;

  /** `take` gives the values of now, one a name. */
  constructor(names: readonly string[], take: () => readonly number[]) {
    this.#names = names;
    this.#take = take;
    this.#max = names.map(() => Number.NEGATIVE_INFINITY);
  }

  /** Events between two samples. */
  get distance(): number {
    return this.#distance;
  }

  /** Events up to and with the next one that is sampled, at least 1. The first one is. */
  get due(): number {
    return this.#left + 1;
  }

  /** So many events are over, at most `due`. */
  advance(events: number): void {
    this.#left -= events;
    if (this.#left >= 0) return;
    this.#rows.push(this.#sample());
    this.#left = this.#distance - 1;
    if (this.#rows.length < SAMPLES) return;
    this.#rows = this.#rows.filter((_, i) => i % 2 === 0);
    this.#distance *= 2;
  }

  /** `NAME` and `NAME.last` after the last event, `NAME.mean` over the samples kept, `NAME.max` over all and now. */
  values(): Record<string, number> {
    const last = this.#sample();
    const values: Record<string, number> = {};
    for (const [i, name] of this.#names.entries()) {
      const kept = this.#rows.length;
      values[name] = last[i];
      values[`${name}.mean`] = kept === 0 ? last[i] : this.#rows.reduce((sum, row) => sum + row[i], 0) / kept;
      values[`${name}.max`] = this.#max[i];
      values[`${name}.last`] = last[i];
    }
    return values;
  }

  #sample(): readonly number[] {
    const row = this.#take();
    for (let i = 0; i < row.length; i++) if (row[i] > this.#max[i]) this.#max[i] = row[i];
    return row;
  }
}
