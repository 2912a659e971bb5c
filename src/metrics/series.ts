/**
 * A time series of bounded length that forgets no spike: each bucket keeps the minimum, maximum and last value of
 * the events in it. When all buckets are full, neighbours are merged and each stands for twice as many events.
 */

/** Buckets at most; always more than half of it once there are as many events. */
export const BUCKETS = 2048;

export class Series {
  readonly name: string;
  readonly #min = new Float64Array(BUCKETS);
  readonly #max = new Float64Array(BUCKETS);
  readonly #last = new Float64Array(BUCKETS);
  #width = 1;
  #buckets = 0;
  #inBucket = 0;
  #events = 0;
  #sum = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = Number.NEGATIVE_INFINITY;
  #now = 0;

  constructor(name: string) {
    this.name = name;
  }

  push(value: number): void {
    let bucket = this.#buckets - 1;
    if (this.#inBucket === 0) {
      if (this.#buckets === BUCKETS) this.#merge();
      bucket = this.#buckets++;
      this.#min[bucket] = value;
      this.#max[bucket] = value;
    } else if (value < this.#min[bucket]) this.#min[bucket] = value;
    else if (value > this.#max[bucket]) this.#max[bucket] = value;
    this.#last[bucket] = value;
    if (++this.#inBucket === this.#width) this.#inBucket = 0;
    this.#events++;
    this.#sum += value;
    if (value < this.#lowest) this.#lowest = value;
    if (value > this.#highest) this.#highest = value;
    this.#now = value;
  }

  get events(): number {
    return this.#events;
  }
  /** Events that each bucket stands for; the last one may hold fewer. */
  get width(): number {
    return this.#width;
  }
  /** Every event weighs the same. 0 without events, as are `max`, `min` and `last`. */
  get mean(): number {
    return this.#events === 0 ? 0 : this.#sum / this.#events;
  }
  get max(): number {
    return this.#events === 0 ? 0 : this.#highest;
  }
  get min(): number {
    return this.#events === 0 ? 0 : this.#lowest;
  }
  get last(): number {
    return this.#now;
  }
  /** Copies of the buckets so far: bucket i covers the events from i * width on. */
  buckets(): { min: Float64Array; max: Float64Array; last: Float64Array } {
    const n = this.#buckets;
    return { min: this.#min.slice(0, n), max: this.#max.slice(0, n), last: this.#last.slice(0, n) };
  }

  #merge(): void {
    for (let i = 0; i < BUCKETS / 2; i++) {
      this.#min[i] = Math.min(this.#min[2 * i], this.#min[2 * i + 1]);
      this.#max[i] = Math.max(this.#max[2 * i], this.#max[2 * i + 1]);
      this.#last[i] = this.#last[2 * i + 1];
    }
    this.#buckets = BUCKETS / 2;
    this.#width *= 2;
  }
}
