import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { randomGraph } from "../../src/testing/random-graphs.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";

const BARE = "immix:header=0";
const AREA = 32 * 1024;
const names = (n: number) => Array.from({ length: n }, (_, i) => String.fromCharCode(65 + i));
const metricsOf = (heap: Heap) => heap.run.finish().metrics;

/** Four areas of 128 objects of a line each, of which those live that `keeps` says. Collected once. */
function lined(keeps: (line: number) => boolean, areas = 4): { heap: Heap; all: string[] } {
  const heap = new Heap(BARE, 5 * AREA);
  const all = names(areas * 128);
  for (const name of all) heap.allocate(name, 256);
  heap.free(...all.filter((_, i) => !keeps(i)));
  collect(heap);
  return { heap, all };
}

describe("immix", () => {
  it("fills runs of free lines from below, recyclable areas before free ones", () => {
    const { heap } = lined((line) => line % 8 < 4, 2);
    // Of four free lines the first is left out: what begins in the line before it might reach into it.
    expect(heap.allocate("一", 256)).toBe(5 * 256);
    expect(heap.allocate("丁", 256)).toBe(6 * 256);
    expect(heap.allocate("丂", 250)).toBe(7 * 256);
    expect(heap.allocate("七", 256)).toBe(13 * 256);
  });

  it("marks only the line in which a small object begins, and every line of a medium one", () => {
    const heap = new Heap(BARE, 2 * AREA);
    heap.allocate("A", 200);
    heap.allocate("B", 200); // from line 0 into line 1
    heap.allocate("C", 256);
    heap.allocate("D", 600); // from line 2 to line 4
    heap.free("C");
    collect(heap);
    expect(heap.allocate("E", 8)).toBe(6 * 256);
    heap.free("D");
    collect(heap);
    expect(heap.allocate("F", 8)).toBe(2 * 256); // line 1 is not marked, and B lies in it
  });

  it("puts a medium object that the run does not hold into an overflow area, which was wholly free", () => {
    const { heap } = lined((line) => line % 8 < 4, 2);
    expect(heap.allocate("一", 1024)).toBe(2 * AREA);
    expect(heap.allocate("丁", 768)).toBe(2 * AREA + 1024);
    expect(heap.allocate("丂", 256)).toBe(5 * 256);
    expect(heap.allocate("七", 300)).toBe(6 * 256); // the run at hand holds it
  });

  it("puts objects over 8 KiB at the upper end, or into segments of a heap that grows, and never moves them", () => {
    const heap = new Heap(BARE, 4 * AREA);
    expect(heap.allocate("A", 10_000)).toBe(4 * AREA - 10_000);
    expect(heap.allocate("B", 8)).toBe(0);
    expect(heap.allocate("C", 30_000)).toBe(4 * AREA - 40_000);
    heap.free("A");
    collect(heap);
    expect(heap.address("C")).toBe(4 * AREA - 40_000);
    expect(heap.allocate("D", 9000)).toBe(4 * AREA - 9000);
    const growing = new Heap(BARE, "grow");
    growing.allocate("A", 9000);
    const { space } = growing.run;
    expect([...space.segments()].map((segment) => space.segmentLength(segment))).toEqual([0, 12_288]);
    growing.free("A");
    collect(growing);
    expect([...space.segments()]).toHaveLength(1);
  });

  it("evacuates the areas with the most runs, once a collection has counted them, and frees them whole", () => {
    const { heap } = lined((line) => line % 8 === 0);
    expect(metricsOf(heap).moves).toBe(0); // nothing was known of the areas
    const { space } = heap.run;
    const cost = costOf(heap, () => collect(heap));
    // 64 lines of four areas go into the free one: all of them have 16 runs.
    expect(cost.moves).toBe(64);
    expect(space.largestHole).toBe(4 * AREA);
  });

  it("leaves what has fewer than two runs, or finds no room", () => {
    const { heap } = lined((line) => line % 128 < 64);
    expect(costOf(heap, () => collect(heap)).moves).toBe(0);
    // Half of each area lives, in 32 runs each: two areas fill the free one.
    const { heap: half } = lined((line) => line % 4 < 2);
    expect(costOf(half, () => collect(half)).moves).toBe(64 + 64);
  });

  it("keeps headroom that only evacuation uses: 2%, an area at least", () => {
    const heap = new Heap(BARE, 5 * AREA);
    const all = names(5 * 128);
    const placed = all.filter((name) => heap.allocate(name, 256) !== REFUSED);
    expect(placed).toHaveLength(4 * 128);
    expect(metricsOf(heap).policyRefusals).toBe(128);
    const without = new Heap("immix:header=0,headroom=0", 5 * AREA);
    expect(all.every((name) => without.allocate(name, 256) !== REFUSED)).toBe(true);
  });

  it("collects again, and evacuates, when a collection without made no room", () => {
    const heap = new Heap(BARE, 5 * AREA);
    const all = names(4 * 128);
    for (const name of all) heap.allocate(name, 256);
    heap.free(...all.filter((_, i) => i % 8 > 0));
    heap.allocate("一", 4096); // no run holds it; the areas' runs are known after one collection
    expect(collections(heap)).toBe(2);
    expect(heap.address("一")).not.toBe(REFUSED);
  });

  it("keeps bytes at every collection", () => {
    for (const seed of [1, 2, 3])
      for (const size of [5000, 100_000, "grow"] as const) churn("immix", size, seed, () => {}, true);
  });

  it("keeps what is reachable, where evacuation has room to move it", () => {
    for (const seed of [1, 2, 3, 4]) {
      const trace = randomGraph({ events: 8000, seed, roots: 150, every: 400, pins: seed > 2 });
      const choice = choosePolicy("immix");
      const { guarantees } = choice.policy;
      for (const heap of [6 * AREA, "grow"] as const) {
        const settings = { ...choice, heap, validateEvery: 40 };
        const { replay } = checkCollections(trace, settings, guarantees!(choice.options));
        const { metrics } = replay.finish();
        expect(metrics.moves).toBeGreaterThan(100);
        expect(metrics.updatedReferences).toBeGreaterThan(100);
      }
    }
  });
});
