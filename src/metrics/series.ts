/**
 * Time series of bounded length that forget no spike: each bucket keeps the minimum, maximum and last value of the
 * events in it. When all buckets are full, neighbours are merged and each stands for twice as many events.
 *
 * All series of a replay advance together, once an event, so that they share one clock and one loop.
 */

/** Buckets at most; at least half of it once there are as many events. */
export const BUCKETS = 2048;
export class SeriesSet {
  readonly series: readonly Series[];
  /** Of the bucket at hand. */
  private readonly lows: Float64Array;
  private readonly highs: Float64Array;
  /** Over all events, and after the last one. */
  private readonly sums: Float64Array;
  private readonly lasts: Float64Array;
  /** Events that a bucket stands for, full buckets, and how many events the one at hand still lacks. */
  private bucketSpan = 1;
  private buckets = 0;
  private lacking = 1;
  private counted = 0;

  constructor(names: readonly string[]) {
    this.lows = new Float64Array(names.length).fill(Number.POSITIVE_INFINITY);
    this.highs = new Float64Array(names.length).fill(Number.NEGATIVE_INFINITY);
    this.sums = new Float64Array(names.length);
    this.lasts = new Float64Array(names.length);
    this.series = names.map((name, index) => new Series(name, this, index));
  }

  get events(): number {
    return this.counted;
  }
  /** Events that each bucket stands for; the last one may hold fewer. */
  get span(): number {
    return this.bucketSpan;
  }
  /** Events that the bucket at hand still takes, at least 1: no more may be counted in one go. */
  get room(): number {
    return this.lacking;
  }

  /** Over the next events, for which `advance` is called when all series have this, series `index` had these values. */
  count(index: number, low: number, high: number, sum: number, last: number): void {
    if (low < this.lows[index]) this.lows[index] = low;
    if (high > this.highs[index]) this.highs[index] = high;
    this.sums[index] += sum;
    this.lasts[index] = last;
  }

  advance(events: number): void {
    this.counted += events;
    this.lacking -= events;
    if (this.lacking === 0) this.close();
  }

  /** What `Series` shows. */
  sum(index: number): number {
    return this.sums[index];
  }
  last(index: number): number {
    return this.lasts[index];
  }

  /** Puts the bucket at hand, which may not be full, behind the others. */
  flush(): void {
    if (this.lacking === this.bucketSpan) return;
    for (let i = 0; i < this.series.length; i++)
      this.series[i].keep(this.buckets, this.lows[i], this.highs[i], this.lasts[i]);
  }

  private close(): void {
    this.flush();
    this.lows.fill(Number.POSITIVE_INFINITY);
    this.highs.fill(Number.NEGATIVE_INFINITY);
    if (++this.buckets === BUCKETS) {
      for (const series of this.series) series.merge();
      this.buckets = BUCKETS / 2;
      this.bucketSpan *= 2;
    }
    this.lacking = this.bucketSpan;
  }
}

/** A series as plain data: it can go to another thread as it is. */
export interface SeriesData {
  readonly name: string;
  /** Events that each bucket stands for; the last one may hold fewer. */
  readonly width: number;
  /** Of the values in each bucket. */
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
}

/** One metric over the events of a replay. */
export class Series {
  readonly name: string;
  private readonly set: SeriesSet;
  private readonly index: number;
  private readonly lows = new Float64Array(BUCKETS);
  private readonly highs = new Float64Array(BUCKETS);
  private readonly lasts = new Float64Array(BUCKETS);

  constructor(name: string, set: SeriesSet, index: number) {
    this.name = name;
    this.set = set;
    this.index = index;
  }

  get events(): number {
    return this.set.events;
  }
  /** Events that each bucket stands for; the last one may hold fewer. */
  get width(): number {
    return this.set.span;
  }
  /** Every event weighs the same. 0 without events, as are `max`, `min` and `last`. */
  get mean(): number {
    return this.events === 0 ? 0 : this.set.sum(this.index) / this.events;
  }
  get max(): number {
    return this.events === 0 ? 0 : this.buckets().max.reduce((a, b) => (b > a ? b : a));
  }
  get min(): number {
    return this.events === 0 ? 0 : this.buckets().min.reduce((a, b) => (b < a ? b : a));
  }
  get last(): number {
    return this.set.last(this.index);
  }
  /** Copies of the buckets so far: bucket i covers the events from i * width on. */
  buckets(): { min: Float64Array; max: Float64Array; last: Float64Array } {
    this.set.flush();
    const n = Math.ceil(this.events / this.width);
    return { min: this.lows.slice(0, n), max: this.highs.slice(0, n), last: this.lasts.slice(0, n) };
  }

  get data(): SeriesData {
    return { name: this.name, width: this.width, ...this.buckets() };
  }

  /** For the set: bucket `index` is this. */
  keep(index: number, min: number, max: number, last: number): void {
    this.lows[index] = min;
    this.highs[index] = max;
    this.lasts[index] = last;
  }

  /** For the set: each two buckets become one. */
  merge(): void {
    for (let i = 0; i < BUCKETS / 2; i++) {
      this.lows[i] = Math.min(this.lows[2 * i], this.lows[2 * i + 1]);
      this.highs[i] = Math.max(this.highs[2 * i], this.highs[2 * i + 1]);
      this.lasts[i] = this.lasts[2 * i + 1];
    }
  }
}
