import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import { State } from "../../src/space/space.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { randomGraph } from "../../src/testing/random-graphs.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, collections, costOf } from "./collected.ts";

/** 16 pages of 512 bytes. */
const BARE = "mostly-copying:header=0,page=512";
const HEAP = 16 * 512;

/** Replays a trace and gives starts of objects by row, and what is in each page, in words. */
function replayed(trace: TraceBuilder, choice: string) {
  const chosen = choosePolicy(choice);
  const settings = { ...chosen, heap: HEAP, validateEvery: 1 };
  const { replay } = checkCollections(trace.finish(), settings, chosen.policy.guarantees!(chosen.options));
  const { space, objects } = replay;
  const startOf = (row: number) => (objects.slot(row) === 0 ? -1 : space.start(objects.slot(row)));
  let dead = 0;
  for (let node = space.next(space.heap); node !== space.heap; node = space.next(node))
    if (node > 0 && space.state(node) === State.garbage) dead++;
  return { startOf, dead, metrics: replay.finish().metrics };
}

/** Three objects of a page, of which the second is pinned and the third dies; and one of the next page. */
function pinned(): TraceBuilder {
  const trace = new TraceBuilder("pinned");
  const [a, b, c, d] = [160, 160, 160, 160].map((bytes) => trace.allocate(bytes));
  for (const id of [a, b, d]) trace.root(id);
  trace.pin(b);
  trace.free(c);
  trace.collect();
  return trace;
}

describe("mostly-copying", () => {
  it("fills one page after the other, and lets no object of at most a page lie across two", () => {
    const heap = new Heap(BARE, HEAP);
    expect([..."ABC"].map((name) => heap.allocate(name, 208))).toEqual([0, 208, 512]);
    expect(heap.allocate("D", 512)).toBe(1024);
    expect(heap.allocate("E", 513)).toBe(1536); // two pages of its own
    expect(heap.allocate("F", 8)).toBe(2560);
  });

  it("copies all that lives to free pages, even what has no gaps", () => {
    const heap = new Heap(BARE, HEAP);
    for (const name of "ABCD") heap.allocate(name, 256);
    const places = () => [..."ABCD"].map((name) => heap.address(name));
    expect(costOf(heap, () => collect(heap)).moves).toBe(4);
    expect(places()).toEqual([1024, 1280, 1536, 1792]);
    collect(heap);
    expect(places()).toEqual([0, 256, 512, 768]);
  });

  it("leaves the whole page of a pinned object, its dead included, and copies the others", () => {
    const { startOf, dead, metrics } = replayed(pinned(), BARE);
    expect([0, 1, 3].map(startOf)).toEqual([0, 160, 1024]);
    expect([dead, metrics.moves]).toEqual([1, 1]);
  });

  it("leaves the pinned object alone if pins hold objects: nothing else is on its page", () => {
    const { startOf, dead, metrics } = replayed(pinned(), `${BARE},pins=object`);
    expect([0, 1, 3].map(startOf)).toEqual([1024, 160, 1184]);
    expect([dead, metrics.moves]).toEqual([0, 2]);
  });

  it("copies breadth-first from the roots", () => {
    const trace = new TraceBuilder("tree");
    const [e, d, c, b] = [0, 0, 0, 2].map((fields) => trace.allocate(32, fields));
    const a = trace.allocate(32, 2);
    trace.root(a);
    for (const [source, field, target] of [
      [a, 0, b],
      [a, 1, c],
      [b, 0, d],
      [b, 1, e],
    ])
      trace.store(source, field, target);
    trace.collect();
    const { startOf } = replayed(trace, BARE);
    expect([4, 3, 2, 1, 0].map(startOf)).toEqual([512, 544, 576, 608, 640]);
  });

  it("moves objects longer than a page, but from four pages on", () => {
    const heap = new Heap(BARE, HEAP);
    heap.allocate("A", 1000);
    heap.allocate("B", 2048);
    expect([heap.address("A"), heap.address("B")]).toEqual([0, 1024]);
    expect(costOf(heap, () => collect(heap)).moves).toBe(1);
    expect([heap.address("A"), heap.address("B")]).toEqual([3072, 1024]);
  });

  it("collects when half of the pages are taken, and uses the rest only if that does not help", () => {
    const heap = new Heap(BARE, HEAP);
    for (const name of "ABCDEFGH") heap.allocate(name, 512);
    heap.free("A");
    heap.allocate("I", 512);
    expect(collections(heap)).toBe(1);
    expect(heap.allocate("J", 512)).toBeGreaterThanOrEqual(0);
    expect(collections(heap)).toBe(1);
  });

  it("counts what is copied and scanned, and the pages of the table", () => {
    const heap = new Heap(BARE, HEAP);
    for (const name of "ABC") heap.allocate(name, 64); // 8 words each
    heap.free("B");
    expect(costOf(heap, () => collect(heap))).toEqual({
      moves: 2,
      movedBytes: 128,
      words: 16 + 16 + 2 + 2 * 16,
    });
    expect(heap.run.space.extraBytes).toBe(512);
  });

  it("keeps bytes at every collection, and frees every page when all are dead", () => {
    const choices = ["mostly-copying", "mostly-copying:pins=object,page=1024"];
    for (const choice of choices)
      for (const size of [100_000, "grow"] as const) churn(choice, size, 5, () => {}, true);
    const heap = new Heap(BARE, HEAP);
    for (const name of "ABCD") heap.allocate(name, 700);
    heap.free(..."ABCD");
    collect(heap);
    expect(heap.run.space.largestHole).toBe(HEAP);
  });

  it("keeps what is reachable, around pins", () => {
    for (const seed of [1, 2, 3, 4]) {
      const trace = randomGraph({ events: 8000, seed, roots: 150, every: 400, pins: seed > 1 });
      const choice = choosePolicy(`mostly-copying:page=2048,pins=${seed % 2 ? "page" : "object"}`);
      const { guarantees } = choice.policy;
      for (const heap of [200_000, "grow"] as const) {
        const settings = { ...choice, heap, validateEvery: 40 };
        const { replay } = checkCollections(trace, settings, guarantees!(choice.options));
        const { metrics } = replay.finish();
        expect(metrics.moves).toBeGreaterThan(100);
        expect(metrics.updatedReferences).toBeGreaterThan(100);
      }
    }
  });
});
