/** Reads a space after every event: the series, the peaks, and what is known only at the end. */
import { Cost } from "../space/cost.ts";
import { Counter, type Space } from "../space/space.ts";
import { esp8266Fragmentation, externalFragmentation, internalFragmentation } from "./fragmentation.ts";
import { addHole, extfragIndex, ORDERS, unusableFreeIndex } from "./linux-indices.ts";
import { type MetricValues, SAMPLED_NAMES, SERIES_NAMES } from "./metric.ts";
import { Samples } from "./samples.ts";
import { type Series, SeriesSet } from "./series.ts";

/** The metrics of one moment, in the order of SERIES_NAMES. */
export function momentOf(space: Space): Record<string, number> {
  const liveBytes = space.counter(Counter.liveBytes);
  const blockBytes = space.counter(Counter.blockBytes);
  const { holeBytes, largestHole } = space;
  return {
    liveBytes,
    blockBytes,
    garbageBytes: space.counter(Counter.garbageBytes),
    controlBytes: space.counter(Counter.controlBytes),
    holeBytes,
    heapBytes: space.counter(Counter.heapBytes),
    liveBlocks: space.counter(Counter.liveBlocks),
    holes: space.holes,
    largestHole,
    residentBytes: space.residentBytes,
    externalFragmentation: externalFragmentation(largestHole, holeBytes),
    internalFragmentation: internalFragmentation(liveBytes, blockBytes),
  };
}

/** What the meter must know of a refusal. */
interface Refused {
  readonly event: number;
  readonly kind: "exhausted" | "fragmented" | "policy";
}

export class Meter<R extends Refused = Refused> {
  readonly #set = new SeriesSet(SERIES_NAMES);
  readonly #samples: Samples;
  /** Events of objects that were refused or are gone. */
  skippedEvents = 0;
  #exhausted = 0;
  #fragmented = 0;
  #policyRefusals = 0;
  #firstRefusal: R | undefined;
  #heapOverLive = 0;
  #eventsWithLive = 0;
  #peakLive = 0;
  #heapAtPeakLive = 0;
  #peakHeap = 0;
  #liveAtPeakHeap = 0;
  #events = 0;
  readonly #space: Space;
  readonly #from: number;

  /** What happens before event `from` shapes the heap and is not counted. */
  constructor(space: Space, from = 0) {
    this.#space = space;
    this.#samples = new Samples(SAMPLED_NAMES, () => walked(space));
    this.#from = from;
  }

  /** `event` events are over already, unseen. */
  resume(event: number): void {
    this.#events = event;
  }

  get series(): readonly Series[] {
    return this.#set.series;
  }

  get refusals(): number {
    return this.#exhausted + this.#fragmented + this.#policyRefusals;
  }

  refused(refusal: R): void {
    if (refusal.event < this.#from) return;
    if (refusal.kind === "exhausted") this.#exhausted++;
    else if (refusal.kind === "fragmented") this.#fragmented++;
    else this.#policyRefusals++;
    this.#firstRefusal ??= refusal;
  }

  get firstRefusal(): R | undefined {
    return this.#firstRefusal;
  }

  /** Once after every event. */
  sample(): void {
    const space = this.#space;
    if (this.#events++ < this.#from) {
      if (this.#events === this.#from) this.#forget();
      return;
    }
    const live = space.counter(Counter.liveBytes);
    const block = space.counter(Counter.blockBytes);
    const heap = space.counter(Counter.heapBytes);
    const { holeBytes, largestHole } = space;
    const { now } = this.#set;
    now[0] = live;
    now[1] = block;
    now[2] = space.counter(Counter.garbageBytes);
    now[3] = space.counter(Counter.controlBytes);
    now[4] = holeBytes;
    now[5] = heap;
    now[6] = space.counter(Counter.liveBlocks);
    now[7] = space.holes;
    now[8] = largestHole;
    now[9] = space.residentBytes;
    now[10] = externalFragmentation(largestHole, holeBytes);
    now[11] = internalFragmentation(live, block);
    this.#set.push();
    this.#samples.event();
    if (live > 0) {
      this.#heapOverLive += heap / live;
      this.#eventsWithLive++;
    }
    if (live > this.#peakLive) {
      this.#peakLive = live;
      this.#heapAtPeakLive = heap;
    }
    if (heap > this.#peakHeap) {
      this.#peakHeap = heap;
      this.#liveAtPeakHeap = live;
    }
  }

  finish(): MetricValues {
    const space = this.#space;
    const values: Record<string, number> = {};
    for (const series of this.series) {
      values[series.name] = series.last;
      values[`${series.name}.mean`] = series.mean;
      values[`${series.name}.max`] = series.max;
      values[`${series.name}.last`] = series.last;
    }
    const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
    values.peakLiveBytes = this.#peakLive;
    values.peakHeapBytes = this.#peakHeap;
    values.peakResidentBytes = values["residentBytes.max"];
    values.jw1 = ratio(this.#heapOverLive, this.#eventsWithLive);
    values.jw2 = ratio(this.#heapAtPeakLive, this.#peakLive);
    values.jw3 = ratio(this.#peakHeap, this.#liveAtPeakHeap);
    values.jw4 = ratio(this.#peakHeap, this.#peakLive);
    values.refusals = this.refusals;
    values.exhausted = this.#exhausted;
    values.fragmented = this.#fragmented;
    values.policyRefusals = this.#policyRefusals;
    values.fragmentationRefusals = this.#fragmented + this.#policyRefusals;
    values.firstRefusalEvent = this.#firstRefusal?.event ?? -1;
    values.skippedEvents = this.skippedEvents;
    for (const [name, cost] of Object.entries(Cost)) values[name] = space.cost(cost);
    return { ...values, ...this.#samples.values() };
  }

  /** The next event is the first that counts. */
  #forget(): void {
    this.skippedEvents = 0;
    for (const cost of Object.values(Cost)) this.#space.count(cost, -this.#space.cost(cost));
  }
}

/** The metrics that need every hole, by a walk in address order; in the order of SAMPLED_NAMES. */
export function walked(space: Space): readonly number[] {
  const holes: number[] = [];
  const free = new Array<number>(ORDERS).fill(0);
  for (const segment of space.segments())
    for (let node = space.next(segment); node !== segment; node = space.next(node))
      if (node < 0) {
        holes.push(space.length(node));
        addHole(free, space.start(node), space.end(node));
      }
  return [
    esp8266Fragmentation(holes),
    ...free.map((_, k) => unusableFreeIndex(free, k)),
    ...free.map((_, k) => extfragIndex(free, k)),
  ];
}
