import { describe, expect, it } from "vitest";
import { paretoFront } from "../../src/metrics/pareto.ts";
import { Random } from "../../src/workloads/random.ts";

describe("a front", () => {
  it("is what no other point is better than, by rising x", () => {
    expect(paretoFront([])).toEqual([]);
    expect(
      paretoFront([
        [3, 1],
        [1, 3],
        [2, 2],
        [2, 3],
        [4, 1],
      ]),
    ).toEqual([1, 2, 0]);
    expect(
      paretoFront([
        [1, 1],
        [1, 1],
        [2, 0],
        [1, 2],
      ]),
    ).toEqual([0, 1, 2]);
  });

  it("is what looking at every pair finds", () => {
    const random = new Random(7);
    for (let round = 0; round < 50; round++) {
      const points = Array.from({ length: 30 }, () => [random.below(12), random.below(12)] as const);
      const beats = ([x, y]: readonly number[], [u, v]: readonly number[]) =>
        x <= u && y <= v && (x < u || y < v);
      const alone = points.flatMap((point, at) => (points.some((other) => beats(other, point)) ? [] : [at]));
      expect(paretoFront(points).toSorted((a, b) => a - b)).toEqual(alone);
    }
  });
});
