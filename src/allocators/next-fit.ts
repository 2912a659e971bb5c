/**
 * First fit from where the last search ended, by a roving pointer. O(log free ranges), where the real one
 * looks at them in turn.
 *
 * The pointer stands at the range found last: at what is left of it after the split, or, once that range leaves the
 * list (taken whole, merged into its lower neighbour, moved by a LIFO or FIFO order), at the one that followed it.
 */
import { LongestPages } from "./parts/longest-pages.ts";
import { defineSequentialFit } from "./parts/sequential-fit.ts";

export const nextFit = defineSequentialFit({
  name: "next-fit",
  summary:
    "Takes the first free range that is large enough from where the last search ended, round the list.",
  source:
    "Knuth, The Art of Computer Programming vol. 1, section 2.5, exercise 6 (roving pointer); " +
    "Bays, CACM 20(3), 1977, 191-192; Shore 1975 (modified first fit); Wilson, Johnstone, Neely and Boles 1995, section 3.4",
  facts: {
    author: "Knuth, 1968, section 2.5, exercise 6",
    ships: "Unix V7; the malloc of The C Programming Language, section 8.7",
    order:
      "one list, by address or by time; takes the low end of the first range that will do from where " +
      "the last search ended",
    bound: "none known; at least n(M - n + 1): allocate n - 1 and 1, free the n - 1, and again",
  },
  placed:
    "the first of {0} free ranges looked at from the roving pointer on that holds {1} bytes: [{2}, {3})",
  placement(list, columns) {
    const ranges = new LongestPages(list, columns);
    return (wanted) => {
      const start = list.rover;
      if (start === 0) return 0;
      let range = start;
      if (!wanted.fits(start)) {
        range = wanted.after(start, ranges) || wanted.after(0, ranges); // round the list
        const passed = range === 0 ? -1 : list.rank(range) - list.rank(start);
        wanted.looked += passed > 0 ? passed : list.size + passed;
        if (range === 0) return 0;
      }
      list.rover = range;
      return range;
    };
  },
});
