import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { randomGraph } from "../../src/testing/random-graphs.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";

/** 16 pages of 512 bytes: eight objects of 64 in each. */
const HEAP = 16 * 512;
const BARE = "page-evacuate:header=0";
const names = (n: number) => Array.from({ length: n }, (_, i) => String.fromCharCode(65 + i));

/** Pages of 64-byte objects of which so many live. */
function pages(choice: string, ...live: number[]): { heap: Heap; all: string[][] } {
  const heap = new Heap(choice, HEAP);
  const flat = names(8 * live.length);
  for (const name of flat) heap.allocate(name, 64);
  const all = live.map((_, page) => flat.slice(8 * page, 8 * page + 8));
  heap.free(...all.flatMap((page, i) => page.slice(live[i])));
  return { heap, all };
}

describe("page-evacuate", () => {
  it("fills one page after the other, and lets no object lie across two", () => {
    const heap = new Heap(BARE, HEAP);
    expect(names(4).map((name) => heap.allocate(name, 200))).toEqual([0, 200, 512, 712]);
    heap.allocate("E", 64);
    heap.free("B");
    collect(heap);
    expect(heap.allocate("F", 250)).toBe(200); // [200, 512) is a hole, and what follows another page
  });

  it("empties the pages that the last sweep left sparse, into holes of the others", () => {
    const { heap, all } = pages(BARE, 1, 2, 3, 8);
    // What has died since the last sweep still counts: no page is known to be sparse.
    expect(costOf(heap, () => collect(heap)).moves).toBe(0);
    const { moves, movedBytes, words } = costOf(heap, () => collect(heap));
    expect([moves, movedBytes]).toEqual([3, 192]);
    // 14 live objects marked; the bitmap; two words a hole, of the first two pages, behind the third page's objects and
    // behind the last page; and what moved, with its forwarding address.
    expect(words).toBe(14 * 8 + 8192 / 512 + 2 * 3 + 3 + 2 * (192 / 8));
    expect([all[0][0], all[1][0], all[1][1]].map((name) => heap.address(name))).toEqual([1216, 1280, 1344]);
    expect(heap.freeList.slice(0, 3)).toEqual([0, 512, 2048]); // free pages
  });

  it("leaves pages that are less than 70% free, and a page alone, which would only be exchanged", () => {
    for (const live of [
      [3, 3, 8],
      [1, 8, 8],
    ]) {
      const { heap } = pages(BARE, ...live);
      collect(heap);
      expect(costOf(heap, () => collect(heap)).moves).toBe(0);
    }
  });

  it("evacuates no more than its limit", () => {
    const { heap, all } = pages(`${BARE},limit=128`, 1, 1, 1, 6);
    collect(heap);
    expect(costOf(heap, () => collect(heap)).movedBytes).toBe(128);
    expect(heap.address(all[2][0])).toBe(1024);
  });

  it("goes for memory as a last resort: 20% free are enough", () => {
    const { heap } = pages(BARE, 4, 4, 4, 4, ...Array(11).fill(8));
    // Two pages in a row are free when the one at the end has taken in the objects of the first two.
    expect(heap.allocate("老", 600)).toBe(0);
    expect(collections(heap)).toBe(2);
    expect(heap.reason).toMatch(/one for memory/);
  });

  it("gives pages in which nothing lives back to the system", () => {
    const heap = new Heap(`${BARE},page=4096`, 16 * 4096);
    for (const name of names(33)) heap.allocate(name, 512);
    const { space } = heap.run;
    expect(space.residentBytes).toBe(5 * 4096);
    heap.free(...names(32).filter((_, i) => i % 8 > 0));
    collect(heap);
    expect(space.residentBytes).toBe(5 * 4096);
    collect(heap); // four pages with an object each: into the fifth
    expect(space.residentBytes).toBe(4096);
  });

  it("keeps bytes at every collection", () => {
    for (const seed of [1, 2, 3])
      for (const size of [5000, 100_000, "grow"] as const) churn("page-evacuate", size, seed, () => {}, true);
  });

  it("keeps what is reachable, evacuated or not", () => {
    for (const seed of [1, 2, 3]) {
      const trace = randomGraph({ events: 6000, seed, roots: 150, every: 300, pins: seed > 1 });
      const choice = choosePolicy("page-evacuate:page=2048,target=30");
      for (const heap of [150_000, "grow"] as const) {
        const settings = { ...choice, heap, validateEvery: 40 };
        const { replay } = checkCollections(trace, settings, choice.policy.guarantees!(choice.options));
        const { metrics } = replay.finish();
        expect(metrics.moves).toBeGreaterThan(50);
        expect(metrics.updatedReferences).toBeGreaterThan(50);
      }
    }
  });
});
