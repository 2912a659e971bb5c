import fc from "fast-check";
import { expect, test } from "vitest";
import { type CellName, cellKey, parseCellKey } from "../../src/gate/cell-key.ts";

test("a key says what it was made of", () => {
  const odd = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("it's -a day.trace", "-a", "~x", "a\\ 'b'", "'", '"', "two\nlines"),
  );
  const name = fc.record(
    {
      input: odd,
      policy: odd,
      heap: fc.constantFrom("grow", "8MiB", "1000", "1.5x"),
      seed: fc.nat(),
      from: odd,
      repeat: fc.oneof(fc.integer({ min: 1 }), fc.constant("until-refused" as const)),
    },
    { requiredKeys: ["input", "heap"] },
  );
  fc.assert(
    fc.property(name, (each) => {
      expect(parseCellKey(cellKey(each as CellName))).toEqual(each);
    }),
  );
});

test("heaps that are the same are one key", () => {
  const of = (heap: string): string => cellKey({ input: "t", policy: "x", heap });
  expect(new Set(["1.5x", "1.50x", "01.500x"].map(of)).size).toBe(1);
  expect(of("2.0x")).toBe("t -a x --heap 2x");
});
