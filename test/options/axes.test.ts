import { describe, expect, it } from "vitest";
import { axesOf } from "../../src/options/axes.ts";
import type { OptionSpecs } from "../../src/options/options.ts";

const SPECS: OptionSpecs = {
  order: { type: "choice", default: "lifo", choices: ["fifo", "lifo"], about: "" },
  depth: { type: "integer", default: 3, min: 0, max: 9, about: "" },
  block: { type: "integer", default: 64, min: 16, max: 128, powerOfTwo: true, about: "" },
  trim: { type: "integer", default: 100_000, min: 0, max: 2 ** 30, unit: "bytes", about: "" },
  split: { type: "flag", default: true, about: "" },
  table: { type: "text", default: "16", pattern: "[0-9/]+", form: "SIZE/SIZE", about: "" },
};
const axes = (text: string) =>
  Object.fromEntries(axesOf("policy p", SPECS, text).map((axis) => [axis.key, axis]));
const values = (key: string, text: string) => axes(text)[key].values;

describe("the axes of a call", () => {
  it("have all values that are declared, and begin at the defaults", () => {
    const all = axes("");
    expect(Object.keys(all)).toEqual(Object.keys(SPECS));
    for (const [key, { values, start }] of Object.entries(all))
      expect(values[start]).toBe(SPECS[key].default);
    expect(all.order).toMatchObject({ values: ["fifo", "lifo"], ordered: false });
    expect(all.depth).toMatchObject({ values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], ordered: true });
    expect(all.block).toMatchObject({ values: [16, 32, 64, 128], ordered: true });
    expect(all.split).toMatchObject({ values: [false, true], ordered: false });
    expect(all.table).toMatchObject({ values: ["16"] });
  });

  it("of a long range have what a few steps reach, its ends and the default", () => {
    const trim = values("trim", "");
    expect(trim.slice(0, 16)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28]);
    expect(trim).toContain(100_000);
    expect(trim.at(-1)).toBe(2 ** 30);
    expect(trim).toHaveLength(9 + 4 * 27 + 1);
    expect(values("trim", "trim=5000..6000").slice(-2)).toEqual([5896, 6000]);
    expect(values("trim", "trim=0..999")).toHaveLength(1000);
  });

  it("have only what the call leaves open, and begin nearest to the default", () => {
    expect(axes("depth=7|5,block=16..32,order=fifo,split=0,table=8|4")).toMatchObject({
      depth: { values: [5, 7], start: 0 },
      block: { values: [16, 32], start: 1 },
      order: { values: ["fifo"], start: 0 },
      split: { values: [false], start: 0 },
      table: { values: ["8", "4"], start: 0 },
    });
    expect(values("trim", "trim=1KiB")).toEqual([1024]);
  });

  it.each([
    ["dept=3", 'policy p: unknown option "dept" (did you mean "depth"?)'],
    ["depth=10", 'policy p: depth is "10"; it must be a whole number from 0 to 9'],
    ["depth=5..3", 'policy p: depth is "5..3"; it must go up'],
    ["depth=0..20", 'policy p: depth is "10"'],
    ["trim=9..5", 'policy p: trim is "9..5"; it must go up'],
    ["depth", 'policy p: option "depth" has no value'],
    ["depth=1,depth=2", 'policy p: option "depth" is given twice'],
    ["table=*", 'policy p: table is "*"; it takes SIZE/SIZE'],
  ])("%j is refused", (text, message) => expect(() => axes(text)).toThrow(message));
});
