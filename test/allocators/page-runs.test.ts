import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PageRuns } from "../../src/allocators/parts/page-runs.ts";
import { RunTree } from "../../src/allocators/parts/run-tree.ts";
import { Columns } from "../../src/space/columns.ts";
import { Cost } from "../../src/space/cost.ts";
import { Space } from "../../src/space/space.ts";

const PAGE = 512;

/** What `PageRuns` does, by walking the runs from the lowest free page up. Steps are runs looked at. */
class Walk {
  steps = 0;
  #lowest = 0;
  /** Pages of the run in use that begins at a page, less the pages back to it behind, 0 where free. */
  readonly #lengths: number[];
  readonly #most: number;

  constructor(pages: number, most: number) {
    this.#lengths = new Array(pages).fill(0);
    this.#most = most;
  }

  take(count: number, align: number): number {
    const lengths = this.#lengths;
    const step = Math.max(align / PAGE, 1);
    let lowest = -1;
    for (let at = this.#lowest; ; at += lengths[at]) {
      const from = at;
      while (at < lengths.length && lengths[at] === 0) at++;
      const last = at === lengths.length;
      if (lowest < 0 && (at > from || last)) lowest = from;
      const start = Math.ceil(from / step) * step;
      this.steps++;
      if (start + count <= at || (last && start + count <= this.#most)) {
        while (lengths.length < start + count) lengths.push(0);
        for (let i = 0; i < count; i++) lengths[start + i] = i === 0 ? count : -i;
        this.#lowest = start === lowest ? start + count : lowest;
        return start;
      }
      if (last) {
        this.#lowest = lowest;
        return -1;
      }
    }
  }

  give(page: number): void {
    this.#lengths.fill(0, page, page + this.#lengths[page]);
    this.#lowest = Math.min(this.#lowest, page);
  }

  /** First page of the next run in use below a page; -1 if there is none. */
  below(page: number): number {
    let run = page - 1;
    while (run >= 0 && this.#lengths[run] <= 0) run--;
    return run;
  }
}

/** Pages to take and their alignment, or which of the runs in use to give back. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ count: fc.integer({ min: 1, max: 5 }), shift: fc.constant(0) }) },
  {
    weight: 1,
    arbitrary: fc.record({ count: fc.integer({ min: 1, max: 30 }), shift: fc.integer({ min: 0, max: 13 }) }),
  },
  { weight: 3, arbitrary: fc.record({ give: fc.nat() }) },
);

describe("runs of pages", () => {
  it.each([
    ["a fixed arena", 61 * PAGE + 40],
    ["a heap that grows", "grow"],
  ] as const)("are taken and counted as by a walk, in %s", (_, heap) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const space = new Space({ granule: 8, heap });
        const runs = new PageRuns(space, PAGE);
        const walk =
          heap === "grow" ? new Walk(0, Number.POSITIVE_INFINITY) : new Walk(61, Math.floor(heap / PAGE));
        const used: number[] = [];
        for (const each of steps) {
          if ("count" in each) {
            const align = each.shift === 0 ? 0 : 2 ** each.shift;
            const page = runs.take(each.count, align);
            expect(page).toBe(walk.take(each.count, align));
            if (page >= 0) used.push(page);
          } else if (used.length > 0) {
            const [page] = used.splice(each.give % used.length, 1);
            runs.give(page);
            walk.give(page);
          }
          expect(space.cost(Cost.searchSteps)).toBe(walk.steps);
          for (const page of used) expect(runs.below(page)).toBe(walk.below(page));
          expect([...runs.runs()]).toEqual([...used].sort((a, b) => a - b));
          runs.validate();
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("lead from any page to the first, and keep the slot noted there until they are given back", () => {
    const runs = new PageRuns(new Space({ granule: 8, heap: "grow" }), PAGE);
    expect([runs.take(1), runs.take(3)]).toEqual([0, 1]);
    runs.note(1, 77);
    expect([0, PAGE, 2 * PAGE + 8, 4 * PAGE - 1].map((address) => runs.first(address))).toEqual([0, 1, 1, 1]);
    expect(runs.slot(1)).toBe(77);
    runs.give(1);
    expect(runs.take(2)).toBe(1);
    expect(runs.slot(1)).toBe(0);
  });
});

describe("the tree of runs", () => {
  it("finds the lowest free run that is long enough, and counts runs in use, as looking at each does", () => {
    const change = fc.record({
      page: fc.nat(90),
      free: fc.oneof(fc.constant(0), fc.nat(9)),
      used: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const tree = new RunTree(new Columns());
        const pages = Array.from({ length: 100 }, () => [0, 0] as [number, number]);
        for (const { page, free, used } of changes) {
          pages[page] = used ? [0, 1] : [free, 0];
          tree.set(page, ...(pages[page] as [number, 0 | 1]));
        }
        for (let count = 1; count <= 10; count++)
          for (let from = 0; from < 100; from += 7)
            expect(tree.firstFree(count, from)).toBe(
              pages.findIndex(([free], page) => page >= from && free >= count),
            );
        for (let page = 0; page <= 100; page++)
          expect(tree.usedBelow(page)).toBe(pages.slice(0, page).filter(([, used]) => used === 1).length);
        tree.validate((page) => pages[page] ?? [0, 0]);
      }),
      { seed: 2, numRuns: 100 },
    );
  });
});
