/** Figures of each event, kept back, and their digest: what `Meter` of src/metrics/meter.ts does with them. */
import { DIGEST, FIGURES, KEPT, LIVES, METERED, MOST } from "../registers";
import { largestHole } from "./largest-hole";
import { address, register, registers, setWord } from "./memory";
import { BLOCK_GRANULES, HOLE_COUNT, LIVE_BLOCKS, live, tally } from "./rows";

export let metered: bool = false;
let lives: usize = 0;
let figures: usize = 0;
let kept: i32 = 0;
let most: i32 = 0;

export function bindMeter(): void {
  metered = register(METERED) != 0;
  lives = address(LIVES);
  figures = address(FIGURES);
  kept = register(KEPT);
  most = register(MOST);
}

export function leaveMeter(): void {
  setWord(registers, KEPT, kept);
}

/** Whether the meter has to count before another event. */
@inline
export function sample(): bool {
  store<f64>(lives + ((<usize>kept) << 3), live());
  const at = figures + ((<usize>kept) << 4);
  store<i32>(at, tally(BLOCK_GRANULES));
  store<i32>(at, tally(LIVE_BLOCKS), 4);
  store<i32>(at, tally(HOLE_COUNT), 8);
  store<i32>(at, largestHole(), 12);
  return ++kept == most;
}

/**
 * The lowest, the highest and the sum of live bytes, block granules, blocks, holes, largest hole, external and internal
 * fragmentation; the sum of heap / live; and of how many events that is. An event's four whole numbers go together, and so do its
 * two ratios, which are 0 where there is nothing to divide by.
 */
export function digest(events: i32, heap: f64, free: f64, granule: f64): void {
  lives = address(LIVES);
  figures = address(FIGURES);
  let lowLive = Infinity;
  let highLive = -Infinity;
  let sumLive: f64 = 0;
  const one = f64x2.splat(1);
  const none = f64x2.splat(0);
  let low = i32x4.splat(i32.MAX_VALUE);
  let high = i32x4.splat(i32.MIN_VALUE);
  let sumLow = i64x2.splat(0);
  let sumHigh = i64x2.splat(0);
  let lowRatios = f64x2.splat(Infinity);
  let highRatios = f64x2.splat(-Infinity);
  let sumRatios = f64x2.splat(0);
  let heapOverLive: f64 = 0;
  let eventsWithLive = 0;
  for (let i = 0; i < events; i++) {
    const live = load<f64>(lives + ((<usize>i) << 3));
    const four = v128.load(figures + ((<usize>i) << 4));
    low = i32x4.min_s(low, four);
    high = i32x4.max_s(high, four);
    sumLow = i64x2.add(sumLow, i64x2.extend_low_i32x4_s(four));
    sumHigh = i64x2.add(sumHigh, i64x2.extend_high_i32x4_s(four));
    const block = <f64>i32x4.extract_lane(four, 0);
    const used = f64x2.replace_lane(f64x2.splat(<f64>i32x4.extract_lane(four, 3)), 1, live);
    const all = f64x2.replace_lane(f64x2.splat(free - block), 1, block * granule);
    const ratios = v128.andnot(f64x2.sub(one, f64x2.div(used, all)), f64x2.eq(all, none));
    sumLive += live;
    lowLive = live < lowLive ? live : lowLive;
    highLive = live > highLive ? live : highLive;
    sumRatios = f64x2.add(sumRatios, ratios);
    lowRatios = f64x2.pmin(lowRatios, ratios);
    highRatios = f64x2.pmax(highRatios, ratios);
    if (live > 0) {
      heapOverLive += heap / live;
      eventsWithLive++;
    }
  }
  const to = address(DIGEST);
  put(to, 0, lowLive, highLive, sumLive);
  put(to, 1, i32x4.extract_lane(low, 0), i32x4.extract_lane(high, 0), <f64>i64x2.extract_lane(sumLow, 0));
  put(to, 2, i32x4.extract_lane(low, 1), i32x4.extract_lane(high, 1), <f64>i64x2.extract_lane(sumLow, 1));
  put(to, 3, i32x4.extract_lane(low, 2), i32x4.extract_lane(high, 2), <f64>i64x2.extract_lane(sumHigh, 0));
  put(to, 4, i32x4.extract_lane(low, 3), i32x4.extract_lane(high, 3), <f64>i64x2.extract_lane(sumHigh, 1));
  put(to, 5, f64x2.extract_lane(lowRatios, 0), f64x2.extract_lane(highRatios, 0), f64x2.extract_lane(sumRatios, 0));
  put(to, 6, f64x2.extract_lane(lowRatios, 1), f64x2.extract_lane(highRatios, 1), f64x2.extract_lane(sumRatios, 1));
  put(to, 7, heapOverLive, eventsWithLive, 0);
}

@inline
function put(to: usize, i: usize, low: f64, high: f64, sum: f64): void {
  const at = to + i * 24;
  store<f64>(at, low);
  store<f64>(at, high, 8);
  store<f64>(at, sum, 16);
}
