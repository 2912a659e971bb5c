import { describe, expect, it } from "vitest";
import { MESH_CLASSES, meshClass } from "../../src/collectors/meshing/mesh-classes.ts";
import { RandomWords } from "../../src/collectors/meshing/random-words.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { Columns } from "../../src/space/columns.ts";
import { PAGE } from "../../src/space/space.ts";
import { playedBack, resumed } from "../../src/testing/replays.ts";
import { mixedTrace, sequenceOf } from "../../src/testing/sequences.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { churn, collect, costOf } from "./collected.ts";

/** Passes when asked for only. */
const MANUAL = "meshing:every=0";
const names = (n: number) => Array.from({ length: n }, (_, i) => String.fromCharCode(65 + i));

/** Spans of eight objects of 512 bytes, and one more, which is in use; those live whose places are given, span by span. */
function spans(...places: readonly number[][]): { heap: Heap; live: string[] } {
  const heap = new Heap(MANUAL, 64 * PAGE);
  const all = names(8 * places.length + 1);
  for (const name of all) heap.allocate(name, 512);
  const lives = (name: string) => {
    const place = heap.address(name) / 512;
    const span = Math.floor(place / 8);
    return span === places.length || places[span].includes(place % 8);
  };
  const live = all.filter(lives);
  heap.free(...all.filter((name) => !lives(name)));
  return { heap, live };
}

describe("meshing", () => {
  it("has Mesh's classes, in spans of a page or eight objects", () => {
    expect(MESH_CLASSES).toHaveLength(24);
    const spans = [16, 48, 1024, 16384].map((size) => MESH_CLASSES.find((each) => each.size === size));
    expect(spans.map((span) => [span?.capacity, span?.pages])).toEqual([
      [256, 1],
      [85, 1],
      [8, 2],
      [8, 32],
    ]);
    const sizes = (align: number) =>
      [1, 100, 1025].map((bytes) => MESH_CLASSES[meshClass(bytes, align)].size);
    expect(sizes(0)).toEqual([16, 112, 2048]);
    expect(sizes(128)).toEqual([128, 128, 2048]);
    expect([meshClass(16385, 0), meshClass(1, 8192)]).toEqual([-1, -1]);
  });

  it("draws numbers from a column, each as often", () => {
    const columns = new Columns();
    const random = new RandomWords(columns, 7);
    const counts = Array(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[random.below(10)]++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
    const saved = columns.save();
    const next = Array.from({ length: 20 }, () => random.below(1000));
    columns.restore(saved);
    expect(Array.from({ length: 20 }, () => random.below(1000))).toEqual(next);
    const other = new RandomWords(new Columns(), 8);
    expect(Array.from({ length: 20 }, () => other.below(1000))).not.toEqual(next);
  });

  it("takes places of a span at random, and the next span when it is full", () => {
    const places = (seed: number) => {
      const heap = new Heap(`meshing:seed=${seed}`, 64 * PAGE);
      return names(16).map((name) => heap.allocate(name, 512) / 512);
    };
    const found = places(1);
    expect(found.slice(0, 8).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(found).toEqual(places(1));
    expect(found).not.toEqual(places(2));
  });

  it("lets two spans without an object in the same place share the memory of one", () => {
    const { heap, live } = spans([0, 1, 2, 3], [4, 5, 6, 7]);
    const { space } = heap.run;
    const before = live.map((name) => heap.address(name));
    expect(space.residentBytes).toBe(3 * PAGE);
    // Two bitmaps of a word are compared, four objects copied, and a page is mapped anew.
    expect(costOf(heap, () => collect(heap))).toEqual({ moves: 0, movedBytes: 0, words: 2 + 2 * 4 * 64 + 1 });
    expect(live.map((name) => heap.address(name))).toEqual(before);
    expect(space.residentBytes).toBe(2 * PAGE);
    expect([0, 1, 2].every((page) => space.isResident(page * PAGE))).toBe(true);
    // The memory is full: seven more go to the span in use, then to a new one.
    const added = [..."abcdefgh"].map((name) => Math.floor(heap.allocate(name, 512) / PAGE));
    expect(added).toEqual([2, 2, 2, 2, 2, 2, 2, 3]);
    heap.free(...live.slice(0, 7));
    expect(space.residentBytes).toBe(3 * PAGE);
    heap.free(live[7]); // both spans go with their last object
    expect(space.residentBytes).toBe(2 * PAGE);
  });

  it("leaves spans that have objects in the same place, and those that are 80% full", () => {
    for (const places of [
      [
        [0, 1],
        [1, 2],
      ],
      [[0, 1, 2, 3, 4, 5, 6], [7]],
    ]) {
      const { heap } = spans(...places);
      collect(heap);
      expect(heap.run.space.residentBytes).toBe(3 * PAGE);
    }
  });

  it("meshes spans again that share memory already, and uses the free places of one of them only", () => {
    const { heap } = spans([0], [1], [2], [3]);
    const { space } = heap.run;
    collect(heap);
    collect(heap);
    expect(space.residentBytes).toBe(2 * PAGE);
    const added = names(20).map((_, i) =>
      Math.floor(heap.allocate(String.fromCharCode(200 + i), 512) / PAGE),
    );
    // Seven places of the span in use, four of the one that has the memory, nine of new ones.
    const [holder] = added.slice(7);
    expect(added.slice(7, 11)).toEqual([holder, holder, holder, holder]);
    expect(Math.min(...added.slice(11))).toBeGreaterThan(4);
  });

  it("brings resident bytes down where first fit's cannot", () => {
    const below = sequenceOf(5);
    const trace = new TraceBuilder("sparse");
    const ids = Array.from({ length: 8000 }, () => trace.allocate(64 + below(64)));
    for (const id of ids) if (below(10) > 0) trace.free(id);
    const built = trace.finish();
    const resident = [MANUAL, "meshing:every=200", "first-fit"].map((choice) => {
      const { metrics } = replay(built, { ...choosePolicy(choice), heap: "grow", record: false });
      return metrics["residentBytes.last"];
    });
    expect(resident[1]).toBeLessThan(0.35 * resident[0]);
    expect(resident[1]).toBeLessThan(0.35 * resident[2]);
  });

  it("is played back, and goes on from a saved state, with passes in between", () => {
    const trace = mixedTrace({ events: 2500, seed: 4, live: 150, most: 5000 });
    const { policy, options } = choosePolicy("meshing:every=60");
    expect(replay(trace, { policy, options, heap: "grow" }).metrics.collections).toBeGreaterThan(10);
    playedBack(trace, policy, options, "grow");
    resumed(trace, 1300, policy, options, "grow");
  });

  it("keeps bytes at every pass", () => {
    for (const seed of [1, 2])
      for (const size of [300_000, "grow"] as const) churn("meshing:every=50", size, seed, () => {}, true);
  });
});
