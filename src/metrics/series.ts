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
/** Series that are counted in one pass: their sums do not wait for each other. */
const TOGETHER = 4;

/** Completes rows `rows[0 .. count * width)` of `width` values each, the events kept back, before they are counted. */
export type Derive = (rows: Float64Array, width: number, count: number) => void;

export class SeriesSet {
  readonly series: readonly Series[];
  /** Values to an event: the series, made up to a multiple of TOGETHER. */
  private readonly width: number;
  private readonly derive: Derive | undefined;
  /**
   * The events kept back, a row each, and behind them the last one that was counted. The values of the event at hand
   * are to be written from `at` on.
   */
  readonly rows: Float64Array;
  private kept = 0;
  /** Of the bucket at hand. */
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly sums: Float64Array;
  /** Events that a bucket stands for, full buckets, and how many events the one at hand still lacks. */
  private bucketSpan = 1;
  private buckets = 0;
  private lacking = 1;
  /** Events that are counted. */
  private counted = 0;
  private version = -1;
  /** The last TOGETHER values of all rows kept back are the same. */
  private steady = false;

  constructor(names: readonly string[], derive?: Derive) {
    this.derive = derive;
    this.width = Math.ceil(names.length / TOGETHER) * TOGETHER;
    this.rows = new Float64Array(this.width * (KEPT_BACK + 1));
    this.low = new Float64Array(this.width).fill(Number.POSITIVE_INFINITY);
    this.high = new Float64Array(this.width).fill(Number.NEGATIVE_INFINITY);
    this.sums = new Float64Array(this.width);
    this.series = names.map((name, index) => new Series(name, this, index));
  }

  get events(): number {
    return this.counted + this.kept;
  }
  /** Events that each bucket stands for; the last one may hold fewer. */
  get span(): number {
    return this.bucketSpan;
  }
  get at(): number {
    return this.kept * this.width;
  }

  /**
   * The event at hand is over: what stands at `at` joins every series. The last TOGETHER values of the row are those of
   * the event before if `version` is.
   */
  push(version: number): void {
    if (version !== this.version) {
      this.version = version;
      this.steady = false;
    }
    this.kept++;
    if (--this.lacking === 0) this.close();
    else if (this.kept === KEPT_BACK) this.count();
  }

  /** What `Series` shows. */
  sum(index: number): number {
    this.count();
    return this.sums[index];
  }
  last(index: number): number {
    this.count();
    return this.counted === 0 ? 0 : this.rows[KEPT_BACK * this.width + index];
  }

  /** Puts the bucket at hand, which may not be full, behind the others. */
  flush(): void {
    if (this.lacking === this.bucketSpan) return;
    this.count();
    for (const [i, series] of this.series.entries())
      series.keep(this.buckets, this.low[i], this.high[i], this.last(i));
  }

  /** Counts the events kept back, all of which are of the bucket at hand. */
  count(): void {
    if (this.kept === 0) return;
    const rows = this.rows;
    const width = this.width;
    const end = this.kept * width;
    this.derive?.(rows, width, this.kept);
    const last = width - TOGETHER;
    for (let i = 0; i < last; i += TOGETHER) this.countFrom(i, end);
    if (this.steady) this.countSteady(last);
    else this.countFrom(last, end);
    rows.copyWithin(KEPT_BACK * width, end - width, end);
    this.counted += this.kept;
    this.kept = 0;
    this.steady = true;
  }

  /** The series from `i` on have had one value all along. */
  private countSteady(i: number): void {
    for (let s = i; s < this.width; s++) {
      const value = this.rows[s];
      this.sums[s] += value * this.kept;
      if (value < this.low[s]) this.low[s] = value;
      if (value > this.high[s]) this.high[s] = value;
    }
  }

  /** Series i .. i + 3 of the rows that end at `end`. */
  private countFrom(i: number, end: number): void {
    const rows = this.rows;
    const width = this.width;
    const low = this.low;
    const high = this.high;
    const sum = this.sums;
    let [low0, low1, low2, low3] = [low[i], low[i + 1], low[i + 2], low[i + 3]];
    let [high0, high1, high2, high3] = [high[i], high[i + 1], high[i + 2], high[i + 3]];
    let [sum0, sum1, sum2, sum3] = [sum[i], sum[i + 1], sum[i + 2], sum[i + 3]];
    for (let at = i; at < end; at += width) {
      const a = rows[at];
      const b = rows[at + 1];
      const c = rows[at + 2];
      const d = rows[at + 3];
      sum0 += a;
      sum1 += b;
      sum2 += c;
      sum3 += d;
      if (a < low0) low0 = a;
      if (b < low1) low1 = b;
      if (c < low2) low2 = c;
      if (d < low3) low3 = d;
      if (a > high0) high0 = a;
      if (b > high1) high1 = b;
      if (c > high2) high2 = c;
      if (d > high3) high3 = d;
    }
    low.set([low0, low1, low2, low3], i);
    high.set([high0, high1, high2, high3], i);
    sum.set([sum0, sum1, sum2, sum3], i);
  }

  private close(): void {
    this.flush();
    this.low.fill(Number.POSITIVE_INFINITY);
    this.high.fill(Number.NEGATIVE_INFINITY);
    if (++this.buckets === BUCKETS) {
      for (const series of this.series) series.merge();
      this.buckets = BUCKETS / 2;
      this.bucketSpan *= 2;
    }
    this.lacking = this.bucketSpan;
  }
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
