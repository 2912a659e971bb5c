/** Series of the library as points of a chart. */
import { area, line } from "d3-shape";
import type { LaneFacts, SeriesFacts } from "../worker/protocol.ts";
import type { Scales } from "./plot.tsx";

export function seriesOf(facts: LaneFacts, name: string): SeriesFacts {
  const found = facts.series.find((each) => each.name === name);
  if (!found) throw new Error(`there is no series ${name}`);
  return found;
}

/** Events applied when bucket i is full: where its last value holds. */
const endOf = ({ width }: SeriesFacts, i: number, events: number): number =>
  Math.min(events, (i + 1) * width);

/** The band from each bucket's minimum to its maximum. */
export function bandPath(series: SeriesFacts, { x, y }: Scales, events: number): string {
  return (
    area<number>()
      .x((_, i) => x(endOf(series, i, events)))
      .y0((_, i) => y(series.min[i]))
      .y1((_, i) => y(series.max[i]))(Array.from(series.last)) ?? ""
  );
}

export function linePath(series: SeriesFacts, { x, y }: Scales, events: number): string {
  return (
    line<number>()
      .x((_, i) => x(endOf(series, i, events)))
      .y((value) => y(value))(Array.from(series.last)) ?? ""
  );
}

/** What lies between two sums of series; nothing where the last one of `above` is 0 throughout. */
export function layerPath(
  below: SeriesFacts[],
  above: SeriesFacts[],
  { x, y }: Scales,
  events: number,
): string {
  if (above[above.length - 1].max.every((value) => value === 0)) return "";
  const sum = (series: SeriesFacts[], i: number) => series.reduce((total, { last }) => total + last[i], 0);
  return (
    area<number>()
      .x((_, i) => x(endOf(above[0], i, events)))
      .y0((_, i) => y(sum(below, i)))
      .y1((_, i) => y(sum(above, i)))(Array.from(above[0].last)) ?? ""
  );
}

/** Multiples of a power of two, at most `most` of them up to `limit`. */
export function binaryTicks(limit: number, most: number): number[] {
  const step = 2 ** Math.ceil(Math.log2(Math.max(1, limit) / most));
  return Array.from({ length: Math.floor(limit / step) + 1 }, (_, i) => i * step);
}
