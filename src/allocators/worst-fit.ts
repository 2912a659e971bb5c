/** The largest free range, if it is large enough; of equal ones the list's first. Searches all free ranges. */
import { defineSequentialFit } from "./parts/sequential-fit.ts";

export const worstFit = defineSequentialFit({
  name: "worst-fit",
  summary: "Takes the largest free range, so that what is left of it stays useful; large ranges soon run out.",
  source: "Wilson, Johnstone, Neely and Boles 1995, sections 3.4 and 3.5",
  placed: "the largest of {0} free ranges, which holds {1} bytes: [{2}, {3})",
  place(list, wanted) {
    let worst = 0;
    let most = 0;
    for (let range = list.first; range !== 0; range = list.next(range)) {
      if (!wanted.fits(range)) continue;
      const length = list.map.length(range);
      if (length > most) {
        worst = range;
        most = length;
      }
    }
    return worst;
  },
});
