import { describe, expect, it } from "vitest";
import { smallestHeap } from "../../src/engine/smallest-heap.ts";

/** Looks for the smallest size of those that `willDo` allows; says which were tried. */
async function search(willDo: (size: number) => boolean, least: number, most: number) {
  const tried: number[] = [];
  const found = await smallestHeap(
    async (size) => {
      tried.push(size);
      return willDo(size);
    },
    least,
    most,
  );
  expect(new Set(tried).size).toBe(tried.length);
  for (const size of tried) expect(size >= Math.max(1, least - 1) && size <= most, `${size}`).toBe(true);
  if (found) expect(found.probes).toBe(tried.length);
  return { ...found, tried };
}

describe("the smallest heap", () => {
  it.each([100, 101, 163, 1000, 4999, 5000])(
    "is found where every larger one will do: %i",
    async (smallest) => {
      const found = await search((size) => size >= smallest, 100, 5000);
      expect(found).toMatchObject({ smallest, safe: smallest });
      expect(found.tried).toContain(smallest - 1);
      expect(found.probes).toBeLessThan(150);
    },
  );

  it("is the least size of all", async () => {
    expect(await search(() => true, 1, 1000)).toMatchObject({ smallest: 1, safe: 1 });
  });

  it("has one less that will not do, and a safe size above the last that will not", async () => {
    // 3000 and more will do, but for 3300 to 3450; below, 2400 to 2600.
    const willDo = (size: number) =>
      (size >= 3000 && (size < 3300 || size > 3450)) || (size >= 2400 && size <= 2600);
    expect(await search(willDo, 1000, 100_000)).toMatchObject({ smallest: 2400, safe: 3451 });
  });

  it("takes note of a single size beside it", async () => {
    const willDo = (size: number) => (size >= 3000 ? size !== 3009 : size === 2990);
    expect(await search(willDo, 1000, 100_000)).toMatchObject({ smallest: 2990, safe: 3010 });
  });

  it("is unknown where none will do, and safe from nowhere on where the largest will not", async () => {
    expect((await search(() => false, 100, 6400)).smallest).toBeUndefined();
    const found = await search((size) => size >= 100 && size < 150, 100, 6400);
    expect(found).toMatchObject({ smallest: 100 });
    expect(found.safe).toBeUndefined();
  });
});
