/**
 * The least of a function on a grid, as far as a search from one point finds it: compass search with halving steps (Kolda,
 * Lewis & Torczon, Optimization by direct search, SIAM Review 45(3), 2003, section 1.2). The same every time.
 */

/** One coordinate of a point, 0 .. size - 1. */
export interface Range {
  readonly size: number;
  /** Where the search begins. */
  readonly start: number;
  /** Steps are taken along it, and halved; otherwise each of its values is a step away from each. */
  readonly ordered: boolean;
}

export type Point = readonly number[];

/** The less the better: by its first number, then by its second, and so on. Costs are of one length. */
export type Cost = readonly number[];

export interface Descent {
  readonly best: Point;
  /** Points that were tried, each once. */
  readonly tried: number;
  /** `minimum`: no single step from the best is better. `budget`: there was more to try. */
  readonly ended: "minimum" | "budget";
}

/**
 * Tries at most `budget` points, at least the one where it begins. Each step tries all neighbours of the best at once, in
 * one call of `costs`, and then what the better ones among them come to together. Of equal points the one that differs
 * from the start in fewer coordinates is better, then the one that was tried earlier: no coordinate is changed in vain.
 */
export async function descend(
  ranges: readonly Range[],
  budget: number,
  costs: (points: readonly Point[]) => Promise<readonly Cost[]>,
): Promise<Descent> {
  const known = new Map<string, Cost>();
  let spent = false;
  /** What of the points has a cost, now that what the budget allows has been tried. */
  const attempt = async (points: readonly Point[]): Promise<Point[]> => {
    const fresh = [...new Map(points.map((point) => [String(point), point])).values()];
    const wanted = fresh.filter((point) => !known.has(String(point)));
    const allowed = wanted.slice(0, budget - known.size);
    spent ||= allowed.length < wanted.length;
    if (allowed.length > 0)
      for (const [i, cost] of (await costs(allowed)).entries()) known.set(String(allowed[i]), cost);
    return points.filter((point) => known.has(String(point)));
  };
  const start = ranges.map((range) => range.start);
  const changed = (point: Point): number => point.filter((value, i) => value !== start[i]).length;
  const costOf = (point: Point): Cost => known.get(String(point))!;
  const better = (a: Point, b: Point): boolean =>
    (compare(costOf(a), costOf(b)) || changed(a) - changed(b)) < 0;
  const least = (best: Point, points: readonly Point[]): Point =>
    points.reduce((least, point) => (better(point, least) ? point : least), best);

  const steps = ranges.map(firstStep);
  await attempt([start]);
  let best: Point = start;
  for (;;) {
    const from = best;
    const tried = await attempt(ranges.flatMap((range, i) => neighbours(from, range, i, steps[i])));
    const together = from.map((value, i) => {
      const along = least(
        from,
        tried.filter((point) => point[i] !== value),
      );
      return compare(costOf(along), costOf(from)) < 0 ? along[i] : value;
    });
    best = least(from, [...tried, ...(await attempt([together]))]);
    if (spent) return { best, tried: known.size, ended: "budget" };
    if (best !== from) continue;
    if (steps.every((step) => step === 1)) return { best, tried: known.size, ended: "minimum" };
    for (let i = 0; i < steps.length; i++) steps[i] = Math.ceil(steps[i] / 2);
  }
}

/** A power of two, from anywhere at least to the nearer end. */
const firstStep = ({ size, ordered }: Range): number =>
  ordered && size > 1 ? 2 ** Math.floor(Math.log2(size - 1)) : 1;

/** Points that differ from it in coordinate `i` only: a step down, a step up, no further than to the ends; and back at the start. */
function neighbours(from: Point, { size, start, ordered }: Range, i: number, step: number): Point[] {
  const values = ordered
    ? [Math.max(0, from[i] - step), Math.min(size - 1, from[i] + step), start]
    : Array.from({ length: size }, (_, value) => value);
  return values.filter((value) => value !== from[i]).map((value) => from.with(i, value));
}

function compare(a: Cost, b: Cost): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at] < b[at] ? -1 : 1;
}
