import { describe, expect, it } from "vitest";
import { Cause, isCollector, REFUSED } from "../../src/allocators/contract.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { State } from "../../src/space/space.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { randomGraph } from "../../src/testing/random-graphs.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";

/** 16 regions of 512 bytes, of which one is kept in reserve. */
const BARE = "regions:header=0,region=512";
const HEAP = 16 * 512;
const names = (n: number) => Array.from({ length: n }, (_, i) => String.fromCharCode(65 + i));

function evacuate(heap: Heap): void {
  const { allocator } = heap.run;
  if (isCollector(allocator)) allocator.collect(Cause.young);
  heap.run.validate();
}

/** Regions full of objects of 128 bytes, four in each; those live that `keeps` says. */
function filled(
  regions: number,
  keeps: (i: number) => boolean,
  choice = BARE,
): { heap: Heap; all: string[] } {
  const heap = new Heap(choice, HEAP);
  const all = names(4 * regions);
  for (const name of all) heap.allocate(name, 128);
  heap.free(...all.filter((_, i) => !keeps(i)));
  return { heap, all };
}

describe("regions", () => {
  it("fills one region after the other, and lets no object lie across two", () => {
    const heap = new Heap(BARE, HEAP);
    expect(names(4).map((name) => heap.allocate(name, 200))).toEqual([0, 200, 512, 712]);
  });

  it("evacuates garbage first: the regions with the least that lives, but those with more than 85%", () => {
    // Region 0 has 3 live objects, region 1 one, region 2 none, region 3 all four, region 4 two.
    const live = new Set([0, 1, 2, 4, 12, 13, 14, 15, 16, 17]);
    const { heap, all } = filled(5, (i) => live.has(i), `${BARE},waste=0`);
    const cost = costOf(heap, () => evacuate(heap));
    expect(cost.moves).toBe(6);
    const places = [4, 16, 17, 0, 1, 2].map((i) => heap.address(all[i]));
    // Region 2 is free at once, and filled first; then regions 1 and 4 give room.
    expect(places).toEqual([1024, 1152, 1280, 1408, 512, 640]);
    expect([12, 13, 14, 15].map((i) => heap.address(all[i]))).toEqual([1536, 1664, 1792, 1920]);
  });

  it("leaves what is dead in regions that it does not evacuate", () => {
    const { heap } = filled(4, (i) => i !== 5, "regions:header=0,region=512,live=74");
    evacuate(heap);
    const { space } = heap.run;
    const states = [];
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node))
      states.push(node < 0 ? "hole" : space.state(node) === State.live ? "live" : "dead");
    expect(states.filter((state) => state === "dead")).toHaveLength(1);
    collect(heap); // a full compaction leaves none
    expect(space.holes).toBe(1);
  });

  it("ends when the rest would give less than the heap can waste", () => {
    const dead = new Set([0, 1, 2, 4]);
    const moves = [0, 5].map((waste) => {
      const { heap } = filled(2, (i) => !dead.has(i), `regions:header=0,region=512,waste=${waste}`);
      return costOf(heap, () => evacuate(heap)).moves;
    });
    expect(moves).toEqual([4, 1]); // 5% of the heap are 410 bytes: the one dead object of region 1 is not worth it
  });

  it("puts what is over half a region into regions of its own, and frees them when it is dead", () => {
    const heap = new Heap(BARE, HEAP);
    heap.allocate("A", 8);
    expect(heap.allocate("B", 264)).toBe(512);
    expect(heap.allocate("C", 1300)).toBe(1024);
    expect(heap.allocate("D", 8)).toBe(8);
    expect(heap.allocate("E", 264)).toBe(5 * 512);
    heap.free("B");
    expect(costOf(heap, () => collect(heap)).moves).toBe(0);
    expect(heap.address("C")).toBe(1024);
    expect(heap.allocate("F", 300)).toBe(512);
  });

  it("compacts fully when evacuation has no room to go to", () => {
    const { heap, all } = filled(16, () => true);
    heap.free(...all.filter((_, i) => i % 4 === 0));
    heap.allocate("一", 1500); // humongous: three regions in a row
    expect(heap.address("一")).not.toBe(REFUSED);
    expect(collections(heap)).toBe(2);
    expect(heap.reason).toMatch(/full compaction/);
  });

  it("has regions that follow from the heap", () => {
    const sizes = [16 * 1024, 1 << 20, 64 << 20, 2 ** 33].map((bytes) => {
      const heap = new Heap("regions:header=0", bytes);
      return heap.freeList[1];
    });
    expect(sizes).toEqual([512, 16 * 1024, 1 << 20, 4 << 20]);
  });

  it("keeps bytes at every collection", () => {
    for (const seed of [1, 2, 3])
      for (const size of [5000, 100_000, "grow"] as const) churn("regions", size, seed, () => {}, true);
  });

  it("keeps what is reachable, evacuated or compacted", () => {
    for (const seed of [1, 2, 3, 4]) {
      const trace = randomGraph({ events: 8000, seed, roots: 150, every: 400, pins: seed > 2 });
      const choice = choosePolicy("regions:region=2048");
      const { guarantees } = choice.policy;
      for (const heap of [150_000, "grow"] as const) {
        const settings = { ...choice, heap, validateEvery: 40 };
        const { replay } = checkCollections(trace, settings, guarantees!(choice.options));
        const { metrics } = replay.finish();
        expect(metrics.moves).toBeGreaterThan(100);
        expect(metrics.updatedReferences).toBeGreaterThan(100);
      }
    }
  });
});
