/** The tries of dlmalloc's tree bins against a list that is searched from end to end. */
import { describe, expect, it } from "vitest";
import { TreeBins } from "../../../src/allocators/dlmalloc/tree-bins.ts";
import { Space } from "../../../src/space/space.ts";
import { sequenceOf } from "../../../src/testing/sequences.ts";

/** A space with holes of the given lengths, with a block of 8 bytes behind each. Returns their handles. */
function holesOf(space: Space, lengths: readonly number[]): number[] {
  let at = 0;
  const starts = lengths.map((length) => {
    const start = at;
    space.claim(space.ask(8), start + length, 8);
    at = start + length + 8;
    return start;
  });
  return starts.map((start) => space.at(start));
}

describe("TreeBins", () => {
  for (const [seed, span] of [
    [1, 40],
    [2, 600],
    [3, 5_000_000],
  ])
    it(`finds the smallest that is large enough, of equals the oldest: ${span} sizes`, () => {
      const below = sequenceOf(seed);
      const space = new Space({ granule: 8, heap: 2 ** 33 });
      const holes = holesOf(
        space,
        Array.from({ length: 300 }, () => 256 + 8 * below(span)),
      );
      const trees = new TreeBins(space, 64);
      /** Oldest first. */
      const naive: number[] = [];
      for (let step = 0; step < 3000; step++) {
        const hole = holes[below(holes.length)];
        const at = naive.indexOf(hole);
        if (at < 0) {
          naive.push(hole);
          trees.insert(hole);
        } else {
          naive.splice(at, 1);
          trees.remove(hole);
        }
        const size = 256 + 8 * below(span + 5);
        let best = 0;
        for (const one of naive)
          if (space.length(one) >= size && (best === 0 || space.length(one) < space.length(best))) best = one;
        expect(trees.bestFit(size)).toBe(best);
        const smallest = trees.smallest();
        expect(smallest && space.length(smallest)).toBe(
          naive.length && Math.min(...naive.map((one) => space.length(one))),
        );
        if (step % 10 > 0) continue;
        const found: number[] = [];
        trees.validate((chunk) => found.push(chunk));
        expect(found.toSorted()).toEqual(naive.toSorted());
      }
    });

  it("gives the place of a node that goes to the next of its size, else to a leaf below, by side 1 first", () => {
    const space = new Space({ granule: 8, heap: 65536 });
    const holes = holesOf(space, [512, 640, 704, 576, 512]);
    const trees = new TreeBins(space, 32);
    for (const hole of holes) trees.insert(hole);
    const shown = () => {
      const entries: string[] = [];
      trees.internals({
        list: (name) => entries.push(name),
        entry: (_, length, state) => entries.push(`${length} ${state}`),
      });
      return entries;
    };
    const bin = "tree bin 2 (from 512 bytes)";
    expect(shown()).toEqual([bin, "512 depth 0", "512 equal", "576 depth 1", "640 depth 1", "704 depth 2"]);
    trees.remove(holes[0]);
    expect(shown()).toEqual([bin, "512 depth 0", "576 depth 1", "640 depth 1", "704 depth 2"]);
    trees.remove(holes[4]);
    expect(shown()).toEqual([bin, "704 depth 0", "576 depth 1", "640 depth 1"]);
  });
});
