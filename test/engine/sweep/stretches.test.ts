import { describe, expect, it } from "vitest";
import { Stretches } from "../../../src/engine/sweep/stretches.ts";

const taken = (stretches: Stretches<number>, ...threads: number[]) =>
  threads.map((thread) => stretches.next(thread));

describe("the jobs of threads", () => {
  it("are neighbours", () => {
    expect(taken(new Stretches([0, 1, 2, 3, 4, 5], 2), 0, 1, 0, 1, 0, 1)).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it("are those of others, from the end of the longest stretch, once its own are begun", () => {
    const stretches = new Stretches([0, 1, 2, 3, 4, 5, 6, 7, 8], 3);
    expect(taken(stretches, 0, 0, 0, 1, 0, 0, 0)).toEqual([0, 1, 2, 3, 8, 5, 7]);
    expect(taken(stretches, 2, 1, 2, 0)).toEqual([6, 4, undefined, undefined]);
  });

  it("are each done once, however many threads there are", () => {
    const stretches = new Stretches([0, 1, 2], 5);
    const found = taken(stretches, 4, 3, 2, 1, 0, 0, 4);
    expect(found.filter((job) => job !== undefined).sort()).toEqual([0, 1, 2]);
    expect(stretches.next(2)).toBeUndefined();
  });
});
