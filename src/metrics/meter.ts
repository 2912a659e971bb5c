/** Reads a space after every event: the series, the peaks, and what is known only at the end. */
import { Cost } from "../space/cost.ts";
import { FIGURES, type Space } from "../space/space.ts";
import { esp8266Fragmentation, externalFragmentation, internalFragmentation } from "./fragmentation.ts";
import { addHole, extfragIndex, ORDERS, unusableFreeIndex } from "./linux-indices.ts";
import { type MetricValues, SAMPLED_NAMES, SERIES_NAMES } from "./metric.ts";
import { Samples } from "./samples.ts";
import { type Series, SeriesSet } from "./series.ts";

/** Where a row has the ratios, which the space leaves to us. */
const RATIOS = FIGURES.indexOf("");
const IN_A_ROW = FIGURES.map(
  (name, i) => name || ["externalFragmentation", "internalFragmentation"][i - RATIOS],
);
const [LIVE, BLOCK, HOLE, LARGEST, HEAP] = (
  ["liveBytes", "blockBytes", "holeBytes", "largestHole", "heapBytes"] as const
).map((name) => FIGURES.indexOf(name));

/** The metrics of one moment, in the order of SERIES_NAMES. */
export function momentOf(space: Space): Record<string, number> {
  const row = new Float64Array(IN_A_ROW.length);
  space.figures(row, 0);
  row[RATIOS] = externalFragmentation(row[LARGEST], row[HOLE]);
  row[RATIOS + 1] = internalFragmentation(row[LIVE], row[BLOCK]);
  return Object.fromEntries(SERIES_NAMES.map((name) => [name, row[IN_A_ROW.indexOf(name)]]));
}

/** What the meter must know of a refusal. */
interface Refused {
  readonly event: number;
  readonly kind: "exhausted" | "fragmented" | "policy";
}

export class Meter<R extends Refused = Refused> {
  private readonly all = new SeriesSet(IN_A_ROW, (rows, width, count) => this.derive(rows, width, count));
  private readonly samples: Samples;
  /** Events of objects that were refused or are gone. */
  skippedEvents = 0;
  private exhausted = 0;
  private fragmented = 0;
  private policyRefusals = 0;
  private first: R | undefined;
  private heapOverLive = 0;
  private eventsWithLive = 0;
  private peakLive = 0;
  private heapAtPeakLive = 0;
  private peakHeap = 0;
  private liveAtPeakHeap = 0;
  private seen = 0;
  private readonly space: Space;
  private readonly from: number;

  /** What happens before event `from` shapes the heap and is not counted. */
  constructor(space: Space, from = 0) {
    this.space = space;
    this.samples = new Samples(SAMPLED_NAMES, () => walked(space));
    this.from = from;
  }

  /** `event` events are over already, unseen. */
  resume(event: number): void {
    this.seen = event;
  }

  get series(): readonly Series[] {
    return SERIES_NAMES.map((name) => this.all.series[IN_A_ROW.indexOf(name)]);
  }

  get refusals(): number {
    return this.exhausted + this.fragmented + this.policyRefusals;
  }

  refused(refusal: R): void {
    if (refusal.event < this.from) return;
    if (refusal.kind === "exhausted") this.exhausted++;
    else if (refusal.kind === "fragmented") this.fragmented++;
    else this.policyRefusals++;
    this.first ??= refusal;
  }

  get firstRefusal(): R | undefined {
    return this.first;
  }

  /** Once after every event. */
  sample(): void {
    if (this.seen++ < this.from) {
      if (this.seen === this.from) this.forget();
      return;
    }
    const { all, space } = this;
    space.figures(all.rows, all.at);
    all.push(space.seldomChanged);
    this.samples.event();
  }

  finish(): MetricValues {
    this.all.count();
    const space = this.space;
    const values: Record<string, number> = {};
    for (const series of this.series) {
      values[series.name] = series.last;
      values[`${series.name}.mean`] = series.mean;
      values[`${series.name}.max`] = series.max;
      values[`${series.name}.last`] = series.last;
    }
    const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
    values.peakLiveBytes = this.peakLive;
    values.peakHeapBytes = this.peakHeap;
    values.peakResidentBytes = values["residentBytes.max"];
    values.jw1 = ratio(this.heapOverLive, this.eventsWithLive);
    values.jw2 = ratio(this.heapAtPeakLive, this.peakLive);
    values.jw3 = ratio(this.peakHeap, this.liveAtPeakHeap);
    values.jw4 = ratio(this.peakHeap, this.peakLive);
    values.refusals = this.refusals;
    values.exhausted = this.exhausted;
    values.fragmented = this.fragmented;
    values.policyRefusals = this.policyRefusals;
    values.fragmentationRefusals = this.fragmented + this.policyRefusals;
    values.firstRefusalEvent = this.first?.event ?? -1;
    values.skippedEvents = this.skippedEvents;
    for (const [name, cost] of Object.entries(Cost)) values[name] = space.cost(cost);
    return { ...values, ...this.samples.values() };
  }

  /** Ratios and peaks of the events of which `rows` has the figures, as FIGURES has them. */
  private derive(rows: Float64Array, width: number, count: number): void {
    for (let at = 0; at < count * width; at += width) {
      const live = rows[at + LIVE];
      const heap = rows[at + HEAP];
      rows[at + RATIOS] = externalFragmentation(rows[at + LARGEST], rows[at + HOLE]);
      rows[at + RATIOS + 1] = internalFragmentation(live, rows[at + BLOCK]);
      if (live > 0) {
        this.heapOverLive += heap / live;
        this.eventsWithLive++;
      }
      if (live > this.peakLive) {
        this.peakLive = live;
        this.heapAtPeakLive = heap;
      }
      if (heap > this.peakHeap) {
        this.peakHeap = heap;
        this.liveAtPeakHeap = live;
      }
    }
  }

  /** The next event is the first that counts. */
  private forget(): void {
    this.skippedEvents = 0;
    for (const cost of Object.values(Cost)) this.space.count(cost, -this.space.cost(cost));
  }
}

/** The metrics that need every hole, in the order of SAMPLED_NAMES. O(holes). */
export function walked(space: Space): readonly number[] {
  const lengths: number[] = [];
  const free = new Array<number>(ORDERS).fill(0);
  space.eachHole((start, end) => {
    lengths.push(end - start);
    addHole(free, start, end);
  });
  return [
    esp8266Fragmentation(lengths),
    ...free.map((_, k) => unusableFreeIndex(free, k)),
    ...free.map((_, k) => extfragIndex(free, k)),
  ];
}
