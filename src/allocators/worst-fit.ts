/**
 * The largest free range, if it is large enough; of equal ones the list's first. On a list that means to look at all
 * of them, and so it is counted; here they are in a heap besides: O(log free ranges).
 */
import { LongestFirst } from "./parts/longest-first.ts";
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
    const ranges = new LongestFirst(list, columns);
    return (wanted) => {
      const { longest } = ranges;
      const looked = wanted.looked + list.size;
      let worst = longest !== 0 && wanted.fits(longest) ? longest : 0;
      // Where it is too short once the payload is aligned, a shorter one may begin at a better address.
      if (worst === 0 && wanted.align !== 0)
        for (let range = list.first; range !== 0; range = list.next(range))
          if (wanted.fits(range) && (worst === 0 || list.map.length(range) > list.map.length(worst)))
            worst = range;
      wanted.looked = looked;
      return worst;
    };
  },
});
