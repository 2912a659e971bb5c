/** A walk over all holes: the sums of `HoleSquares` (src/metrics/fragmentation.ts) and the orders of `addHole`. */
import { WALKED } from "../registers";
import { address } from "./memory";
import { HOLE_COUNT, LENGTH, rowOf, tally } from "./rows";
import { bindSpace, granuleLog2 } from "./space";

const PART_LOG2 = 20;
const PAGE_LOG2 = 12;
const ORDERS = 11;
/** Blocks of each order, behind the four sums. */
const FREE: usize = 32;

/** Bytes of all holes; the squares of their lengths' upper parts, products of both, squares of the lower parts. */
export function walk(): void {
  bindSpace();
  const to = address(WALKED);
  memory.fill(to, 0, FREE + 8 * ORDERS);
  let sum: i64 = 0;
  let high: i64 = 0;
  let middle: i64 = 0;
  let low: i64 = 0;
  let left = tally(HOLE_COUNT);
  for (let row = 1; left > 0; row++) {
    const at = rowOf(row);
    const granules = load<i32>(at, LENGTH);
    if (granules == 0) continue;
    left--;
    const length = (<i64>granules) << granuleLog2;
    const upper = length >> PART_LOG2;
    const lower = length & ((1 << PART_LOG2) - 1);
    sum += length;
    high += upper * upper;
    middle += upper * lower;
    low += lower * lower;
    if (length >= 1 << PAGE_LOG2) addPages((<i64>load<i32>(at)) << granuleLog2, length, to + FREE);
  }
  store<f64>(to, <f64>sum);
  store<f64>(to, <f64>high, 8);
  store<f64>(to, <f64>middle, 16);
  store<f64>(to, <f64>low, 24);
}

function addPages(start: i64, length: i64, free: usize): void {
  let page = <i32>((start + (1 << PAGE_LOG2) - 1) >> PAGE_LOG2);
  const last = <i32>((start + length) >> PAGE_LOG2);
  while (page < last) {
    let order = 0;
    while (order < ORDERS - 1 && (page & (1 << order)) == 0 && page + (2 << order) <= last) order++;
    const at = free + ((<usize>order) << 3);
    store<f64>(at, load<f64>(at) + 1);
    page += 1 << order;
  }
}
