/**
 * The smallest heap in which nothing is refused, as far as probing can tell. That a heap will do does not mean that a
 * larger one will (a block may come to lie where it splits what the next request needs), so there is no way to be sure
 * without trying every size. What is tried:
 *
 *   1. upwards from the least size in steps that double, until one will do
 *   2. bisection between that and the size before, down to neighbours: one granule less will not do
 *   3. the NEAR sizes below, and SPREAD at even distances down to the least; if one of them will do, bisection again from
 *      the lowest such, and so on until none does
 *   4. the NEAR sizes above, and SPREAD at even distances up to twice as much; if one of them will not do, bisection between
 *      the largest such and the next that will, and so on upwards from there: the size from which on all that were tried do
 *
 * Every size is tried once. With a heap that is 20 bits of granules long that is some 130 replays, each of which ends with
 * its first refusal.
 */

/** Sizes beside the one that was found, on either side. */
const NEAR = 16;
/** Sizes at even distances. */
const SPREAD = 32;

export interface Found {
  /** Granules of the smallest heap that will do. */
  readonly smallest: number;
  /** Every heap of at least so many granules that was tried will do; undefined where the largest of all will not. */
  readonly safe?: number;
  /** Sizes that were tried. */
  readonly probes: number;
}

/** Heaps of `least` .. `most` granules. Undefined if none will do, as far as was tried. */
export async function smallestHeap(
  willDo: (granules: number) => Promise<boolean>,
  least: number,
  most: number,
): Promise<Found | undefined> {
  const probes = new Probes(willDo);
  let low = least - 1;
  let high = least;
  for (let step = Math.ceil(least / 64); !(await probes.test(high)); step *= 2) {
    if (high >= most) return undefined;
    low = high;
    high = Math.min(most, high + step);
  }
  let smallest = await probes.edge(low, high);
  for (;;) {
    await probes.scan(Math.max(least, smallest - NEAR), smallest, NEAR);
    await probes.scan(least, smallest, SPREAD);
    const lowest = probes.lowest();
    if (lowest === smallest) break;
    smallest = await probes.edge(probes.failedBelow(lowest, least - 1), lowest);
  }
  let safe = smallest;
  for (;;) {
    const end = Math.min(most, 2 * Math.max(smallest, safe));
    await probes.scan(safe, Math.min(most, safe + NEAR), NEAR);
    await probes.scan(safe, end, SPREAD);
    const failed = probes.failedBelow(Number.POSITIVE_INFINITY, 0);
    if (failed < safe) break;
    const next = probes.passedAbove(failed);
    if (next !== undefined) safe = await probes.edge(failed, next);
    else if (failed >= most) return { smallest, probes: probes.count };
    else await probes.test(Math.min(most, 2 * failed));
  }
  return { smallest, safe, probes: probes.count };
}

class Probes {
  private readonly willDo: (granules: number) => Promise<boolean>;
  private readonly known = new Map<number, boolean>();

  constructor(willDo: (granules: number) => Promise<boolean>) {
    this.willDo = willDo;
  }

  get count(): number {
    return this.known.size;
  }

  async test(size: number): Promise<boolean> {
    const known = this.known.get(size);
    if (known !== undefined) return known;
    const outcome = await this.willDo(size);
    this.known.set(size, outcome);
    return outcome;
  }

  /** Of [low, high], of which the high end will do and the low one, unless it is 0, will not: a size that will, above one that will not. */
  async edge(low: number, high: number): Promise<number> {
    let [fails, passes] = [low, high];
    while (passes - fails > 1) {
      const middle = Math.floor((fails + passes) / 2);
      if (await this.test(middle)) passes = middle;
      else fails = middle;
    }
    if (fails > 0) await this.test(fails);
    return passes;
  }

  /** `parts` sizes at even distances in [from, to]. */
  async scan(from: number, to: number, parts: number): Promise<void> {
    for (let i = 0; i <= parts; i++) await this.test(from + Math.round(((to - from) * i) / parts));
  }

  /** The least size that will do. */
  lowest(): number {
    return this.sizes(true).reduce((a, b) => Math.min(a, b));
  }

  /** The largest size below `size` that will not do; `otherwise` if there is none. */
  failedBelow(size: number, otherwise: number): number {
    return this.sizes(false).reduce((a, b) => (b < size ? Math.max(a, b) : a), otherwise);
  }

  /** The least size above `size` that will do. */
  passedAbove(size: number): number | undefined {
    const above = this.sizes(true).filter((other) => other > size);
    return above.length === 0 ? undefined : above.reduce((a, b) => Math.min(a, b));
  }

  private sizes(outcome: boolean): number[] {
    return [...this.known].flatMap(([size, found]) => (found === outcome ? [size] : []));
  }
}
