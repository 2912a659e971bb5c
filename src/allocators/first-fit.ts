/** The first free range of the list that is large enough. Searches O(free ranges). */
import { defineSequentialFit } from "./parts/sequential-fit.ts";

export const firstFit = defineSequentialFit({
  name: "first-fit",
  summary: "Takes the first free range that is large enough.",
  source:
    "Knuth, The Art of Computer Programming vol. 1, section 2.5, Algorithm A (first-fit method); " +
    "Wilson, Johnstone, Neely and Boles 1995, section 3.4",
  placed: "the first of {0} free ranges looked at that holds {1} bytes: [{2}, {3})",
  placement: (list) => (wanted) => {
    let range = list.first;
    while (range !== 0 && !wanted.fits(range)) range = list.next(range);
    return range;
  },
});
