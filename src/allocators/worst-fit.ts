/**
 * The largest free range, if it is large enough; of equal ones the list's first. On a list that means to look at all
 * of them, and so it is counted; here they are in a heap besides: O(log free ranges).
 */
import { LongestPages } from "./parts/longest-pages.ts";
import { defineSequentialFit } from "./parts/sequential-fit.ts";

export const worstFit = defineSequentialFit({
  name: "worst-fit",
  summary:
    "Takes the largest free range, so that what is left of it stays useful; large ranges soon run out.",
  source: "Wilson, Johnstone, Neely and Boles 1995, sections 3.4 and 3.5 (sequential fits)",
  facts: {
    author: "known since the 1960s",
    ships: "nothing that we know of",
    order:
      "one list, by address or by time; takes the low end of the longest range, the list's first of " +
      "equal ones",
    bound: "none known",
  },
  placed: "the largest of {0} free ranges, which holds {1} bytes: [{2}, {3})",
  placement(list, columns) {
    const ranges = new LongestPages(list, columns);
    return (wanted) => {
      wanted.looked += list.size;
      const { longest } = ranges;
      if (longest < wanted.granules) return 0;
      let worst = ranges.after(0, longest);
      if (wanted.holds(worst)) return worst;
      // Too short once the payload is aligned; a shorter one may begin at a better address.
      worst = 0;
      for (let range = wanted.after(0, ranges); range !== 0; range = wanted.after(range, ranges))
        if (worst === 0 || list.length(range) > list.length(worst)) worst = range;
      return worst;
    };
  },
});
