/**
 * Seeded integers for workloads: xoroshiro128+ (Blackman & Vigna, 2018) as pure-rand has it, on 32-bit integers.
 *
 * Math.log, exp, pow and sin differ between engines, so the two curved distributions are tables of integers:
 * 33 quantiles in thousandths, one of 32 equally likely intervals is drawn and a point in it. Everything else is
 * + - * / and floor on integers below 2^53, and so equal bit for bit in Node and every browser.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Draws thrown away at the start: the first ones still show the seed (the very first is -1 - seed). */
const WARM_UP = 32;

/** Exponential distribution of mean 1000; the last interval ends where the mean of its tail is kept. */
const EXPONENTIAL: readonly number[] = [
  0, 32, 65, 98, 134, 170, 208, 247, 288, 330, 375, 421, 470, 521, 575, 633, 693, 758, 827, 901, 981, 1068,
  1163, 1269, 1386, 1520, 1674, 1856, 2079, 2367, 2773, 3466, 5466,
];

/** Lognormal distribution of median 1000 and sigma 0.7 (mean 1278); tails cut at 0.133 and 6.203 medians. */
const LOGNORMAL: readonly number[] = [
  133, 271, 342, 397, 447, 493, 537, 581, 624, 667, 710, 755, 800, 847, 896, 947, 1000, 1056, 1116, 1181,
  1250, 1325, 1408, 1500, 1603, 1722, 1861, 2028, 2237, 2516, 2927, 3684, 6203,
];

/** A value and how often it is drawn, relative to the others of its table: `[["json", 3], ["xml", 1]]`. */
export type Weighted<T> = readonly (readonly [value: T, weight: number])[];

export class Random {
  readonly #source: ReturnType<typeof xoroshiro128plus>;

  /** `seed` is a 32-bit unsigned integer. */
  constructor(seed: number) {
    this.#source = xoroshiro128plus(seed);
    for (let i = 0; i < WARM_UP; i++) this.#source.next();
  }

  /** 0 .. n - 1, each equally likely; n is 1 .. 2^32. */
  below(n: number): number {
    return uniformInt(this.#source, 0, n - 1);
  }

  /** low .. high, both included, each equally likely. */
  between(low: number, high: number): number {
    return uniformInt(this.#source, low, high);
  }

  /** True `permille` times in a thousand. */
  chance(permille: number): boolean {
    return this.below(1000) < permille;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  weighted<T>(table: Weighted<T>): T {
    let total = 0;
    for (const [, weight] of table) total += weight;
    let left = this.below(total);
    for (const [value, weight] of table) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new RangeError("the weights are not positive whole numbers");
  }

  /** Exponential with this mean, 0 .. 5.466 means, floored: gaps between events that know nothing of each other. */
  exponential(mean: number): number {
    return this.#scaled(EXPONENTIAL, mean);
  }

  /** Lognormal (sigma 0.7) with this median, 0.133 .. 6.203 medians, floored: lengths of texts, network delays. */
  lognormal(median: number): number {
    return this.#scaled(LOGNORMAL, median);
  }

  /** Reorders `items` in place: Fisher and Yates, as Durstenfeld wrote it (CACM 7:7, 1964). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }

  #scaled(quantiles: readonly number[], unit: number): number {
    const i = this.below(quantiles.length - 1);
    return Math.floor((this.between(quantiles[i], quantiles[i + 1]) * unit) / 1000);
  }
}
