import { describe, expect, it } from "vitest";
import { type Cost, descend, type Point, type Range } from "../../../src/engine/sweep/descent.ts";
import { Random } from "../../../src/workloads/random.ts";

const line = (size: number, start: number): Range => ({ size, start, ordered: true });
const words = (size: number, start = 0): Range => ({ size, start, ordered: false });

/** Searches, and says what was asked for on the way: each batch of points, and each point once. */
async function search(ranges: readonly Range[], cost: (point: Point) => number | Cost, budget = 1000) {
  const batches: Point[][] = [];
  const descent = await descend(ranges, budget, async (points) => {
    batches.push([...points]);
    return points.map((point) => [cost(point)].flat());
  });
  const points = batches.flat();
  expect(new Set(points.map(String)).size).toBe(points.length);
  expect(descent.tried).toBe(points.length);
  for (const point of points)
    for (const [i, value] of point.entries()) expect(value >= 0 && value < ranges[i].size).toBe(true);
  return { ...descent, batches };
}

describe("a search on a grid", () => {
  it("finds the bottom of a bowl, far from where it began, in few steps", async () => {
    const bowl = ([x, y]: Point) => (x - 700) ** 2 + (y - 3) ** 2;
    const { best, tried, ended } = await search([line(1000, 8), line(100, 99)], bowl);
    expect({ best, ended }).toEqual({ best: [700, 3], ended: "minimum" });
    expect(tried).toBeLessThan(100);
  });

  it("gets over a local minimum that is narrower than its step, and stays in one that is wider", async () => {
    // 500 within 10 of where it begins, 900 elsewhere, down to 0 around 96.
    const narrow = ([x]: Point) => (Math.abs(x - 20) <= 10 ? 500 : Math.min(900, 20 * Math.abs(x - 96)));
    expect(await search([line(128, 20)], narrow)).toMatchObject({ best: [96] });
    // All that its steps of 64, 32, 16 .. reach is worse; 40 and 41, which are better, lie between them.
    const wide = ([x]: Point) => (x === 20 ? 1 : x === 40 || x === 41 ? 0 : 2);
    expect(await search([line(128, 20)], wide)).toMatchObject({ best: [20], ended: "minimum" });
  });

  it("tries every word, and together what is better alone", async () => {
    const cost = ([a, b, c]: Point) => Number(a !== 2) + Number(b !== 1) + c;
    const { best, batches } = await search([words(3), words(2), line(2, 1)], cost);
    expect(best).toEqual([2, 1, 0]);
    expect(batches.slice(0, 3)).toEqual([
      [[0, 0, 1]],
      [
        [1, 0, 1],
        [2, 0, 1],
        [0, 1, 1],
        [0, 0, 0],
      ],
      [[2, 1, 0]],
    ]);
  });

  it("changes nothing in vain", async () => {
    expect(await search([line(64, 5), words(4, 2), line(2, 1)], () => 7)).toMatchObject({ best: [5, 2, 1] });
  });

  it("ends where no single step is better, and no change can be undone without loss", async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = new Random(seed);
      const table = Array.from({ length: 20 * 5 * 3 }, () => random.below(12));
      const cost = ([x, y, z]: Point) => table[(x * 5 + y) * 3 + z];
      const ranges = [line(20, random.below(20)), line(5, random.below(5)), words(3, random.below(3))];
      const { best } = await search(ranges, cost);
      const near = ranges.map(({ size, ordered }, i) =>
        ordered ? [best[i] - 1, best[i] + 1].filter((value) => value >= 0 && value < size) : [0, 1, 2],
      );
      for (const [i, values] of near.entries())
        for (const value of values) expect(cost(best.with(i, value))).toBeGreaterThanOrEqual(cost(best));
      for (const [i, { start }] of ranges.entries())
        if (best[i] !== start) expect(cost(best.with(i, start))).toBeGreaterThan(cost(best));
    }
  });

  it("compares the first numbers of costs before the others", async () => {
    const cost = ([x]: Point) => (x < 30 ? [1, x] : [0, 100 - Math.abs(x - 40)]);
    const { best } = await search([line(64, 2)], cost);
    expect(best[0]).toBeGreaterThanOrEqual(30);
  });

  it.each([1, 2, 3, 10, 17])("tries no more than a budget of %i", async (budget) => {
    const { tried, ended, best, batches } = await search(
      [line(1000, 0), words(9)],
      ([x, y]) => 5000 - x - y,
      budget,
    );
    expect([tried, ended]).toEqual([budget, "budget"]);
    const values = batches.flat().map(([x, y]) => 5000 - x - y);
    expect(5000 - best[0] - best[1]).toBe(Math.min(...values));
  });

  it("ends at a minimum that takes the very last of the budget", async () => {
    const { tried } = await search([line(9, 4)], ([x]) => x);
    expect(await search([line(9, 4)], ([x]) => x, tried)).toMatchObject({ best: [0], ended: "minimum" });
    expect(await search([words(1), line(1, 0)], () => 0, 1)).toMatchObject({ tried: 1, ended: "minimum" });
  });
});
