import { expect, test } from "vitest";
import { Random } from "../../src/workloads/random.ts";

const DRAWS = 20_000;
const draw = (seed: number, one: (random: Random) => number): number[] => {
  const random = new Random(seed);
  return Array.from({ length: DRAWS }, () => one(random));
};
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

test("the same seed gives the same numbers, and these numbers in every engine", () => {
  const random = new Random(1);
  expect(Array.from({ length: 8 }, () => random.below(1000))).toEqual([
    992, 110, 649, 538, 227, 361, 614, 957,
  ]);
  expect(draw(7, (r) => r.below(2 ** 32))).toEqual(draw(7, (r) => r.below(2 ** 32)));
});

test("seeds that differ by one give numbers that have nothing to do with each other", () => {
  const firsts = Array.from({ length: 1000 }, (_, seed) => new Random(seed).below(1000));
  expect(new Set(firsts).size).toBeGreaterThan(500);
  expect(mean(firsts)).toBeGreaterThan(450);
  expect(mean(firsts)).toBeLessThan(550);
});

test("the largest seed and the largest range are allowed", () => {
  for (const value of draw(0xffffffff, (r) => r.below(2 ** 32)).slice(0, 100)) {
    expect(Number.isInteger(value)).toBe(true);
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(2 ** 32);
  }
});

test("below and between reach both ends and nothing beyond", () => {
  expect([...new Set(draw(2, (r) => r.below(3)))].toSorted()).toEqual([0, 1, 2]);
  expect([...new Set(draw(2, (r) => r.between(-1, 1)))].toSorted((a, b) => a - b)).toEqual([-1, 0, 1]);
  expect(draw(2, (r) => r.between(5, 5)).every((value) => value === 5)).toBe(true);
});

test("chance keeps its share", () => {
  const share = mean(draw(3, (r) => Number(r.chance(250))));
  expect(share).toBeGreaterThan(0.24);
  expect(share).toBeLessThan(0.26);
  expect(mean(draw(3, (r) => Number(r.chance(0))))).toBe(0);
  expect(mean(draw(3, (r) => Number(r.chance(1000))))).toBe(1);
});

test("weighted draws follow their weights, and a weight of 0 is never drawn", () => {
  const values = draw(4, (r) =>
    r.weighted([
      [1, 3],
      [2, 0],
      [3, 1],
    ]),
  );
  expect(new Set(values)).toEqual(new Set([1, 3]));
  expect(mean(values.map((value) => Number(value === 1)))).toBeCloseTo(0.75, 1);
});

test("the exponential table has mean 1 and median ln 2, and ends at 5.466", () => {
  const values = draw(5, (r) => r.exponential(10_000));
  expect(mean(values) / 10_000).toBeCloseTo(1, 1);
  expect(median(values) / 10_000).toBeCloseTo(Math.LN2, 1);
  expect(Math.max(...values)).toBeLessThanOrEqual(54_660);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
});

test("the lognormal table has median 1 and mean 1.28, and lies in 0.133 .. 6.203", () => {
  const values = draw(6, (r) => r.lognormal(10_000));
  expect(median(values) / 10_000).toBeCloseTo(1, 1);
  expect(mean(values) / 10_000).toBeCloseTo(1.28, 1);
  expect(Math.max(...values)).toBeLessThanOrEqual(62_030);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(1330);
});

test("a shuffle keeps every item and favours no place", () => {
  const places = [0, 0, 0, 0, 0];
  const random = new Random(8);
  for (let i = 0; i < 5000; i++) {
    const items = random.shuffle(["a", "b", "c", "d", "e"]);
    expect(items.toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    places[items.indexOf("a")]++;
  }
  for (const times of places) expect(Math.abs(times - 1000)).toBeLessThan(120);
});
