/**
 * First fit from where the last search ended, by a roving pointer. Searches O(free ranges), often few.
 *
 * The pointer stands at the range found last: at what is left of it after the split, or, once that range leaves the
 * list (taken whole, merged into its lower neighbour, moved by a LIFO or FIFO order), at the one that followed it.
 */
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
  placement: (list) => (wanted) => {
    const start = list.rover;
    let range = start;
    while (range !== 0 && !wanted.fits(range)) {
      range = list.next(range) || list.first;
      if (range === start) return 0;
    }
    list.rover = range;
    return range;
  },
});
