/** The first free range of the list that is large enough. O(log free ranges), where the real one looks at them in turn. */
import { LongestPages } from "./parts/longest-pages.ts";
import { defineSequentialFit } from "./parts/sequential-fit.ts";

export const firstFit = defineSequentialFit({
  name: "first-fit",
  summary: "Takes the first free range that is large enough.",
  source:
    "Knuth, The Art of Computer Programming vol. 1, section 2.5, Algorithm A (first-fit method); " +
    "Wilson, Johnstone, Neely and Boles 1995, section 3.4",
  facts: {
    author: "known since the early 1960s; named and analysed by Knuth, 1968",
    ships: "by address: FreeRTOS heap_4, newlib-nano, lwIP; Unix's core map",
    order: "one list, by address or by time; takes the low end of the first range that will do",
    bound: "M(1 + ceil(log2 n)) with the list by address (Robson 1977); by time: none known",
  },
  placed: "the first of {0} free ranges looked at that holds {1} bytes: [{2}, {3})",
  kernel: "first_fit",
  placement(list, columns) {
    const ranges = new LongestPages(list, columns);
    return (wanted) => {
      const range = wanted.after(0, ranges);
      wanted.looked += range === 0 ? list.size : list.rank(range);
      return range;
    };
  },
});
