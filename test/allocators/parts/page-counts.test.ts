import fc from "fast-check";
import { expect, it } from "vitest";
import { PageCounts } from "../../../src/allocators/parts/page-counts.ts";
import { Columns } from "../../../src/space/columns.ts";
import { SEED } from "../../traces/traces.ts";

it("counts what lies before a page, and finds the page of the n-th range", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(40), fc.nat(5000)), { maxLength: 300, size: "max" }), (pages) => {
      const counts = new PageCounts(new Columns());
      const sorted: number[] = [];
      for (const [i, page] of pages.entries()) {
        counts.grow(page);
        counts.add(page, 1);
        sorted.push(page);
        if (i % 3 === 2) counts.add(sorted.splice(page % sorted.length, 1)[0], -1);
      }
      sorted.sort((a, b) => a - b);
      for (const page of pages) expect(counts.before(page)).toBe(sorted.filter((each) => each < page).length);
      expect(sorted.map((_, i) => counts.pageOf(i + 1))).toEqual(sorted);
      counts.validate((page) => sorted.filter((each) => each === page).length);
    }),
    { seed: SEED, numRuns: 50 },
  );
});
