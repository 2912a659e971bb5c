/**
 * Time series of bounded length that forget no spike: each bucket keeps the minimum, maximum and last value of the
 * events in it. When all buckets are full, neighbours are merged and each stands for twice as many events.
 *
 * All series of a replay advance together, once an event, so that they share one clock and one loop.
 */

/** Buckets at most; at least half of it once there are as many events. */
export const BUCKETS = 2048;
/** Events that are kept back, to be counted series by series: sums, minima and maxima then stay in registers. */
const KEPT_BACK = 64;

export class SeriesSet {
  /** The values of the event at hand, one a series, to be set before `push`. */
  readonly now: Float64Array;
  readonly series: readonly Series[];
  /** Value of series i at the k-th event kept back: KEPT_BACK * i + k. */
  readonly #back: Float64Array;
  #backed = 0;
  /** Of the bucket at hand. */
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #sum: Float64Array;
  #width = 1;
  #buckets = 0;
  #inBucket = 0;
  #events = 0;

  constructor(names: readonly string[]) {
    this.now = new Float64Array(names.length);
    this.#back = new Float64Array(names.length * KEPT_BACK);
    this.#low = new Float64Array(names.length).fill(Number.POSITIVE_INFINITY);
    this.#high = new Float64Array(names.length).fill(Number.NEGATIVE_INFINITY);
    this.#sum = new Float64Array(names.length);
    this.series = names.map((name, index) => new Series(name, this, index));
  }

  get events(): number {
    return this.#events;
  }
  /** Events that each bucket stands for; the last one may hold fewer. */
  get width(): number {
    return this.#width;
  }

  /** The event is over: `now` joins every series. */
  push(): void {
    const now = this.now;
    const back = this.#back;
    for (let i = 0, at = this.#backed; i < now.length; i++, at += KEPT_BACK) back[at] = now[i];
    this.#backed++;
    this.#events++;
    if (++this.#inBucket === this.#width) this.#close();
    else if (this.#backed === KEPT_BACK) this.#count();
  }

  /** What `Series` shows. */
  sum(index: number): number {
    this.#count();
    return this.#sum[index];
  }

  /** Puts the bucket at hand, which may not be full, behind the others. */
  flush(): void {
    if (this.#inBucket === 0) return;
    this.#count();
    for (let i = 0; i < this.now.length; i++)
      this.series[i].keep(this.#buckets, this.#low[i], this.#high[i], this.now[i]);
  }

  /** Counts the events kept back, all of which are of the bucket at hand. */
  #count(): void {
    const back = this.#back;
    for (let i = 0; i < this.now.length; i++) {
      const from = KEPT_BACK * i;
      let low = this.#low[i];
      let high = this.#high[i];
      let sum = this.#sum[i];
      for (let at = from; at < from + this.#backed; at++) {
        const value = back[at];
        sum += value;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      this.#low[i] = low;
      this.#high[i] = high;
      this.#sum[i] = sum;
    }
    this.#backed = 0;
  }

  #close(): void {
    this.flush();
    this.#low.fill(Number.POSITIVE_INFINITY);
    this.#high.fill(Number.NEGATIVE_INFINITY);
    this.#inBucket = 0;
    if (++this.#buckets < BUCKETS) return;
    for (const series of this.series) series.merge();
    this.#buckets = BUCKETS / 2;
    this.#width *= 2;
  }
}

/** One metric over the events of a replay. */
export class Series {
  readonly name: string;
  readonly #set: SeriesSet;
  readonly #index: number;
  readonly #min = new Float64Array(BUCKETS);
  readonly #max = new Float64Array(BUCKETS);
  readonly #last = new Float64Array(BUCKETS);

  constructor(name: string, set: SeriesSet, index: number) {
    this.name = name;
    this.#set = set;
    this.#index = index;
  }

  get events(): number {
    return this.#set.events;
  }
  /** Events that each bucket stands for; the last one may hold fewer. */
  get width(): number {
    return this.#set.width;
  }
  /** Every event weighs the same. 0 without events, as are `max`, `min` and `last`. */
  get mean(): number {
    return this.events === 0 ? 0 : this.#set.sum(this.#index) / this.events;
  }
  get max(): number {
    return this.events === 0 ? 0 : this.buckets().max.reduce((a, b) => (b > a ? b : a));
  }
  get min(): number {
    return this.events === 0 ? 0 : this.buckets().min.reduce((a, b) => (b < a ? b : a));
  }
  get last(): number {
    return this.#set.now[this.#index];
  }
  /** Copies of the buckets so far: bucket i covers the events from i * width on. */
  buckets(): { min: Float64Array; max: Float64Array; last: Float64Array } {
    this.#set.flush();
    const n = Math.ceil(this.events / this.width);
    return { min: this.#min.slice(0, n), max: this.#max.slice(0, n), last: this.#last.slice(0, n) };
  }

  /** For the set: bucket `index` is this. */
  keep(index: number, min: number, max: number, last: number): void {
    this.#min[index] = min;
    this.#max[index] = max;
    this.#last[index] = last;
  }

  /** For the set: each two buckets become one. */
  merge(): void {
    for (let i = 0; i < BUCKETS / 2; i++) {
      this.#min[i] = Math.min(this.#min[2 * i], this.#min[2 * i + 1]);
      this.#max[i] = Math.max(this.#max[2 * i], this.#max[2 * i + 1]);
      this.#last[i] = this.#last[2 * i + 1];
    }
  }
}
