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

@inline
function external(largest: f64, free: f64): f64 {
  return free == 0 ? 0 : 1 - largest / free;
}

@inline
function internal(live: f64, block: f64): f64 {
  return block == 0 ? 0 : 1 - live / block;
}

/**
 * The lowest, the highest and the sum of live bytes, block granules, blocks, holes, largest hole, external and internal
 * fragmentation; the sum of heap / live; and of how many events that is.
 */
export function digest(events: i32, heap: f64, free: f64, granule: f64): void {
  lives = address(LIVES);
  figures = address(FIGURES);
  let lowLive = Infinity;
  let highLive = -Infinity;
  let sumLive: f64 = 0;
  let lowBlock = i32.MAX_VALUE;
  let highBlock = i32.MIN_VALUE;
  let sumBlock: i64 = 0;
  let lowBlocks = i32.MAX_VALUE;
  let highBlocks = i32.MIN_VALUE;
  let sumBlocks: i64 = 0;
  let lowHoles = i32.MAX_VALUE;
  let highHoles = i32.MIN_VALUE;
  let sumHoles: i64 = 0;
  let lowLargest = i32.MAX_VALUE;
  let highLargest = i32.MIN_VALUE;
  let sumLargest: i64 = 0;
  let lowExternal = Infinity;
  let highExternal = -Infinity;
  let sumExternal: f64 = 0;
  let lowInternal = Infinity;
  let highInternal = -Infinity;
  let sumInternal: f64 = 0;
  let heapOverLive: f64 = 0;
  let eventsWithLive = 0;
  let at = figures;
  for (let i = 0; i < events; i++, at += 16) {
    const live = load<f64>(lives + ((<usize>i) << 3));
    const block = load<i32>(at);
    const blocks = load<i32>(at, 4);
    const holes = load<i32>(at, 8);
    const largest = load<i32>(at, 12);
    sumLive += live;
    sumBlock += block;
    sumBlocks += blocks;
    sumHoles += holes;
    sumLargest += largest;
    lowLive = live < lowLive ? live : lowLive;
    highLive = live > highLive ? live : highLive;
    lowBlock = min(lowBlock, block);
    highBlock = max(highBlock, block);
    lowBlocks = min(lowBlocks, blocks);
    highBlocks = max(highBlocks, blocks);
    lowHoles = min(lowHoles, holes);
    highHoles = max(highHoles, holes);
    lowLargest = min(lowLargest, largest);
    highLargest = max(highLargest, largest);
    const outside = external(<f64>largest, free - <f64>block);
    const inside = internal(live, <f64>block * granule);
    sumExternal += outside;
    sumInternal += inside;
    lowExternal = outside < lowExternal ? outside : lowExternal;
    highExternal = outside > highExternal ? outside : highExternal;
    lowInternal = inside < lowInternal ? inside : lowInternal;
    highInternal = inside > highInternal ? inside : highInternal;
    if (live > 0) {
      heapOverLive += heap / live;
      eventsWithLive++;
    }
  }
  const to = address(DIGEST);
  put(to, 0, lowLive, highLive, sumLive);
  put(to, 1, <f64>lowBlock, <f64>highBlock, <f64>sumBlock);
  put(to, 2, <f64>lowBlocks, <f64>highBlocks, <f64>sumBlocks);
  put(to, 3, <f64>lowHoles, <f64>highHoles, <f64>sumHoles);
  put(to, 4, <f64>lowLargest, <f64>highLargest, <f64>sumLargest);
  put(to, 5, lowExternal, highExternal, sumExternal);
  put(to, 6, lowInternal, highInternal, sumInternal);
  put(to, 7, heapOverLive, <f64>eventsWithLive, 0);
}

@inline
function put(to: usize, i: usize, low: f64, high: f64, sum: f64): void {
  const at = to + i * 24;
  store<f64>(at, low);
  store<f64>(at, high, 8);
  store<f64>(at, sum, 16);
}
