import { describe, expect, it } from "vitest";
import { known } from "../../src/options/options.ts";

const NAMES = ["first-fit", "best-fit", "umm", "slab", "mqtt", "mqtt-hello"];

describe("a name that nobody knows", () => {
  it.each([
    ["frist-fit", ' (did you mean "first-fit", "best-fit"?)'],
    ["uum", ' (did you mean "umm"?)'],
    ["mqt", ' (did you mean "mqtt", "mqtt-hello"?)'],
    ["salb", ' (did you mean "slab"?)'],
    ["slab-2", ' (did you mean "slab"?)'],
    ["zzz", ` (known: ${NAMES.join(", ")})`],
    ["x", ` (known: ${NAMES.join(", ")})`],
    ["", ` (known: ${NAMES.join(", ")})`],
  ])("is near to some: %s", (wanted, told) => {
    expect(known(wanted, NAMES)).toBe(told);
  });

  it("is not answered with a list that nobody reads", () => {
    const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
    expect(known("other", names)).toBe(" (known: n0, n1, n2, n3, n4, n5, n6, n7, and 12 more)");
    expect(known("other", names.slice(0, 9))).toBe(` (known: ${names.slice(0, 9).join(", ")})`);
    expect(known("other", [])).toBe(" (there are none)");
  });
});
