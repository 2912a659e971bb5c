/**
 * The smallest free range that is large enough; of equal ones the list's first. O(log free ranges), where the real one
 * looks at them all.
 */
import { defineSequentialFit } from "./parts/sequential-fit.ts";
import { ShortestFirst } from "./parts/shortest-first.ts";

export const bestFit = defineSequentialFit({
  name: "best-fit",
  summary: "Takes the smallest free range that is large enough; an exact fit ends the search.",
  source:
    "Knuth, The Art of Computer Programming vol. 1, section 2.5 (best-fit method); " +
    "Shore, CACM 18(8), 1975, 433-440; Wilson, Johnstone, Neely and Boles 1995, section 3.4",
  facts: {
    author: "known since the early 1960s; analysed by Knuth, 1968",
    ships: "umm_malloc, FreeRTOS heap_2; dlmalloc and TLSF come near it",
    order:
      "one list, by address or by time; takes the low end of the shortest range that will do, the " +
      "list's first of equal ones",
    bound: "about M(n - 2) (Robson 1977; a sequence that comes near it: Knuth, section 2.5, exercise 42)",
  },
  placed: "the smallest of {0} free ranges looked at that holds {1} bytes: [{2}, {3})",
  kernel: "best_fit",
  placement(list, columns) {
    const ranges = new ShortestFirst(list, columns);
    return (wanted) => {
      let range = ranges.first(wanted.granules);
      while (range !== 0 && wanted.align !== 0 && !wanted.holds(range)) range = ranges.after(range);
      const exact = range !== 0 && list.length(range) === wanted.granules;
      wanted.looked += exact ? list.rank(range) : list.size;
      return range;
    };
  },
});
