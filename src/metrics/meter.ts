/** Reads a space after every event: the series, the peaks, and what is known only at the end. */
import type { Kernel, Registers } from "../kernel/kernel.ts";
import { DIGEST, FIGURES, FRESH, KEPT, LIVES, METERED, MOST, WALKED } from "../kernel/registers.ts";
import { Cost } from "../space/cost.ts";
import { Counter, type Space, TALLIES } from "../space/space.ts";
import { externalFragmentation, HOLE_SUMS, HoleSquares, internalFragmentation } from "./fragmentation.ts";
import { addHole, extfragIndex, ORDERS, unusableFreeIndex } from "./linux-indices.ts";
import { type MetricValues, SAMPLED_NAMES, SERIES_NAMES } from "./metric.ts";
import { Samples } from "./samples.ts";
import { type Series, SeriesSet } from "./series.ts";

/** The metrics of one moment, in the order of SERIES_NAMES. */
export function momentOf(space: Space): Record<string, number> {
  const { holeBytes, holes, largestHole, residentBytes } = space;
  const liveBytes = space.counter(Counter.liveBytes);
  const blockBytes = space.counter(Counter.blockBytes);
  return {
    liveBytes,
    blockBytes,
    garbageBytes: space.counter(Counter.garbageBytes),
    controlBytes: space.counter(Counter.controlBytes),
    holeBytes,
    heapBytes: space.counter(Counter.heapBytes),
    liveBlocks: space.counter(Counter.liveBlocks),
    holes,
    largestHole,
    residentBytes,
    externalFragmentation: externalFragmentation(largestHole, holeBytes),
    internalFragmentation: internalFragmentation(liveBytes, blockBytes),
  };
}

/** Places of the series in SERIES_NAMES. */
const [LIVE, BLOCK, GARBAGE, CONTROL, HOLE, HEAP, LIVE_BLOCKS, HOLES, LARGEST, RESIDENT, EXTERNAL, INTERNAL] =
  SERIES_NAMES.map((_, i) => i);

/** Events that are kept back at most. */
const KEPT_BACK = 512;

/**
 * A digest of what is kept back: the lowest, the highest and the sum of each of these; and behind them the sum of
 * heap / live over the events that have anything live, and how many that are.
 */
const [D_LIVE, D_BLOCK, D_BLOCKS, D_HOLES, D_LARGEST, D_EXTERNAL, D_INTERNAL, DIGESTED] = [
  0, 1, 2, 3, 4, 5, 6, 7,
];
const DIGEST_WORDS = 3 * DIGESTED + 3;

/** What the meter must know of a refusal. */
interface Refused {
  readonly event: number;
  readonly kind: "exhausted" | "fragmented" | "policy";
}

export class Meter<R extends Refused = Refused> {
  private readonly all = new SeriesSet(SERIES_NAMES);
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
  /** Events of which the figures are kept back: live bytes, and TALLIES numbers each, as `Space.tally` writes them. */
  private readonly lives: Float64Array;
  private readonly tallies: Int32Array;
  private readonly digested: Float64Array;
  /** The sums of `HoleSquares` and the free blocks of each order, as the kernel finds them. */
  private readonly walked: Float64Array;
  private kernel: Kernel | undefined;
  private kept = 0;
  /** How many may be, at this point. */
  private most = 1;
  /** What changes seldom, in bytes, and the space's word for whether it has. */
  private version = -1;
  private garbage = 0;
  private control = 0;
  private heap = 0;
  private resident = 0;
  /** Events still to come that do not count. */
  private unseen: number;
  private readonly space: Space;
  private readonly from: number;

  /** What happens before event `from` shapes the heap and is not counted. */
  constructor(space: Space, from = 0) {
    this.space = space;
    const { columns } = space;
    this.lives = columns.array(Float64Array, KEPT_BACK);
    this.tallies = columns.array(Int32Array, KEPT_BACK * TALLIES);
    this.digested = columns.array(Float64Array, DIGEST_WORDS);
    this.kernel = undefined;
    this.walked = columns.array(Float64Array, HOLE_SUMS + ORDERS);
    this.samples = new Samples(SAMPLED_NAMES, () => this.walk());
    this.from = from;
    this.unseen = from;
  }

  /** `event` events are over already, unseen. */
  resume(event: number): void {
    this.unseen = Math.max(this.from - event, 0);
  }

  get series(): readonly Series[] {
    this.count();
    return this.all.series;
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
    const { space } = this;
    if (this.unseen > 0) {
      if (--this.unseen === 0) this.forget();
      return;
    }
    if (space.seldomChanged !== this.version) this.turn();
    space.tally(this.lives, this.tallies, this.kept);
    if (++this.kept === this.most) this.count();
  }

  /** The kernel may keep back the figures of events to come, if those count, and digests them. */
  bind(kernel: Kernel): void {
    const { registers } = kernel;
    this.kernel = kernel;
    registers.set(METERED, this.unseen > 0 ? 0 : 1);
    if (this.unseen > 0) return;
    if (this.space.seldomChanged !== this.version) this.turn();
    registers.point(LIVES, this.lives);
    registers.point(FIGURES, this.tallies);
    registers.point(DIGEST, this.digested);
    registers.point(WALKED, this.walked);
    registers.set(KEPT, this.kept);
    registers.set(MOST, this.most);
  }

  /**
   * It goes on from what the kernel has kept back, or left unseen, in so many events. One that touched a page for the first
   * time is the last, and still to be sampled.
   */
  unbind(registers: Registers, events: number): void {
    if (this.unseen > 0) {
      this.unseen -= events;
      if (this.unseen === 0) this.forget();
      return;
    }
    this.kept = registers.get(KEPT);
    if (this.kept === this.most) this.count();
    if (registers.get(FRESH) > 0) this.sample();
  }

  /** Events still to come that do not count. */
  get ahead(): number {
    return this.unseen;
  }

  finish(): MetricValues {
    this.count();
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

  /** What changes seldom has changed: the events so far had it as it was. */
  private turn(): void {
    const { space } = this;
    this.count();
    this.version = space.seldomChanged;
    this.garbage = space.counter(Counter.garbageBytes);
    this.control = space.counter(Counter.controlBytes);
    this.heap = space.counter(Counter.heapBytes);
    this.resident = space.residentBytes;
  }

  /** Counts the events that were kept back. */
  private count(): void {
    const { all, samples, kept, heap } = this;
    if (kept > 0) {
      this.countTallies(kept);
      this.countSteady(GARBAGE, this.garbage, kept);
      this.countSteady(CONTROL, this.control, kept);
      this.countSteady(HEAP, heap, kept);
      this.countSteady(RESIDENT, this.resident, kept);
      if (heap > this.peakHeap) {
        this.peakHeap = heap;
        this.liveAtPeakHeap = this.lives[0];
      }
      all.advance(kept);
      samples.advance(kept);
      this.kept = 0;
    }
    this.most = Math.min(KEPT_BACK, all.room, samples.due);
  }

  private countSteady(index: number, value: number, events: number): void {
    this.all.count(index, value, value, value * events, value);
  }

  private countTallies(kept: number): void {
    const { all, lives, tallies, heap, digested, kernel } = this;
    const { granule } = this.space;
    const free = (heap - this.garbage - this.control) / granule;
    if (kernel !== undefined) kernel.digest(kept, heap, free, granule);
    else digest(lives, tallies, kept, heap, free, granule, digested);
    const low = (i: number) => digested[3 * i];
    const high = (i: number) => digested[3 * i + 1];
    const sum = (i: number) => digested[3 * i + 2];
    this.heapOverLive += digested[3 * DIGESTED];
    this.eventsWithLive += digested[3 * DIGESTED + 1];
    if (high(D_LIVE) > this.peakLive) {
      this.peakLive = high(D_LIVE);
      this.heapAtPeakLive = heap;
    }
    const at = (kept - 1) * TALLIES;
    const live = lives[kept - 1];
    const block = tallies[at];
    const largest = tallies[at + 3];
    const count = (series: number, i: number, unit: number, last: number) =>
      all.count(series, low(i) * unit, high(i) * unit, sum(i) * unit, last);
    count(LIVE, D_LIVE, 1, live);
    count(BLOCK, D_BLOCK, granule, block * granule);
    const freeSum = (free * kept - sum(D_BLOCK)) * granule;
    const freeLow = (free - high(D_BLOCK)) * granule;
    all.count(HOLE, freeLow, (free - low(D_BLOCK)) * granule, freeSum, (free - block) * granule);
    count(LIVE_BLOCKS, D_BLOCKS, 1, tallies[at + 1]);
    count(HOLES, D_HOLES, 1, tallies[at + 2]);
    count(LARGEST, D_LARGEST, granule, largest * granule);
    count(EXTERNAL, D_EXTERNAL, 1, externalFragmentation(largest, free - block));
    count(INTERNAL, D_INTERNAL, 1, internalFragmentation(live, block * granule));
  }

  private walk(): readonly number[] {
    const { kernel, walked: found, space } = this;
    if (!kernel?.bind()) return walked(space);
    kernel.walk();
    return indices(new HoleSquares(found), [...found.subarray(HOLE_SUMS)]);
  }

  /** The next event is the first that counts. */
  private forget(): void {
    this.skippedEvents = 0;
    for (const cost of Object.values(Cost)) this.space.count(cost, -this.space.cost(cost));
  }
}

/**
 * One pass over the events kept back, so that sums and extremes stay in registers. `heap` is bytes, `free` granules that
 * are no garbage and no control. The extremes go without branches, which nobody could predict.
 */
function digest(
  lives: Float64Array,
  tallies: Int32Array,
  kept: number,
  heap: number,
  free: number,
  granule: number,
  to: Float64Array,
): void {
  let lowLive = Number.POSITIVE_INFINITY;
  let highLive = Number.NEGATIVE_INFINITY;
  let sumLive = 0;
  let heapOverLive = 0;
  let eventsWithLive = 0;
  let lowBlock = Number.POSITIVE_INFINITY;
  let highBlock = Number.NEGATIVE_INFINITY;
  let sumBlock = 0;
  let lowBlocks = Number.POSITIVE_INFINITY;
  let highBlocks = Number.NEGATIVE_INFINITY;
  let sumBlocks = 0;
  let lowHoles = Number.POSITIVE_INFINITY;
  let highHoles = Number.NEGATIVE_INFINITY;
  let sumHoles = 0;
  let lowLargest = Number.POSITIVE_INFINITY;
  let highLargest = Number.NEGATIVE_INFINITY;
  let sumLargest = 0;
  let lowExternal = Number.POSITIVE_INFINITY;
  let highExternal = Number.NEGATIVE_INFINITY;
  let sumExternal = 0;
  let lowInternal = Number.POSITIVE_INFINITY;
  let highInternal = Number.NEGATIVE_INFINITY;
  let sumInternal = 0;
  for (let i = 0, at = 0; i < kept; i++, at += TALLIES) {
    const live = lives[i];
    const block = tallies[at];
    const blocks = tallies[at + 1];
    const holes = tallies[at + 2];
    const largest = tallies[at + 3];
    sumLive += live;
    sumBlock += block;
    sumBlocks += blocks;
    sumHoles += holes;
    sumLargest += largest;
    lowLive = Math.min(lowLive, live);
    highLive = Math.max(highLive, live);
    lowBlock = Math.min(lowBlock, block);
    highBlock = Math.max(highBlock, block);
    lowBlocks = Math.min(lowBlocks, blocks);
    highBlocks = Math.max(highBlocks, blocks);
    lowHoles = Math.min(lowHoles, holes);
    highHoles = Math.max(highHoles, holes);
    lowLargest = Math.min(lowLargest, largest);
    highLargest = Math.max(highLargest, largest);
    const external = externalFragmentation(largest, free - block);
    const internal = internalFragmentation(live, block * granule);
    sumExternal += external;
    sumInternal += internal;
    lowExternal = Math.min(lowExternal, external);
    highExternal = Math.max(highExternal, external);
    lowInternal = Math.min(lowInternal, internal);
    highInternal = Math.max(highInternal, internal);
    if (live > 0) {
      heapOverLive += heap / live;
      eventsWithLive++;
    }
  }
  to.set([lowLive, highLive, sumLive, lowBlock, highBlock, sumBlock, lowBlocks, highBlocks, sumBlocks]);
  to.set([lowHoles, highHoles, sumHoles, lowLargest, highLargest, sumLargest], 9);
  to.set([lowExternal, highExternal, sumExternal, lowInternal, highInternal, sumInternal], 15);
  to.set([heapOverLive, eventsWithLive], 3 * DIGESTED);
}

/** The metrics that need every hole, in the order of SAMPLED_NAMES. O(holes). */
export function walked(space: Space): readonly number[] {
  const squares = new HoleSquares();
  const free = new Array<number>(ORDERS).fill(0);
  space.eachHole((start, end) => {
    squares.add(end - start);
    addHole(free, start, end);
  });
  return indices(squares, free);
}

function indices(squares: HoleSquares, free: readonly number[]): readonly number[] {
  return [
    squares.fragmentation,
    ...free.map((_, k) => unusableFreeIndex(free, k)),
    ...free.map((_, k) => extfragIndex(free, k)),
  ];
}
