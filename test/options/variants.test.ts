import { describe, expect, it } from "vitest";
import type { OptionSpecs } from "../../src/options/options.ts";
import { variantsOf } from "../../src/options/variants.ts";

const SPECS: OptionSpecs = {
  order: { type: "choice", default: "fifo", choices: ["fifo", "lifo"], about: "" },
  depth: { type: "integer", default: 3, min: 0, max: 9, about: "" },
  block: { type: "integer", default: 64, min: 16, max: 128, powerOfTwo: true, about: "" },
  split: { type: "flag", default: true, about: "" },
  table: { type: "text", default: "16", pattern: "[0-9/]+", form: "SIZE/SIZE", about: "" },
};
const variants = (text: string) => variantsOf("policy p", SPECS, text);

describe("several values of an option", () => {
  it.each([
    ["", [""]],
    ["depth=3", ["depth=3"]],
    ["depth=3|5", ["depth=3", "depth=5"]],
    ["depth=3..5", ["depth=3", "depth=4", "depth=5"]],
    ["depth=1|7..8", ["depth=1", "depth=7", "depth=8"]],
    ["block=16..100", ["block=16", "block=32", "block=64"]],
    ["block=*", ["block=16", "block=32", "block=64", "block=128"]],
    [
      "split=*,order=*",
      ["split=0,order=fifo", "split=0,order=lifo", "split=1,order=fifo", "split=1,order=lifo"],
    ],
    ["table=16/32|64", ["table=16/32", "table=64"]],
  ])("%j are the calls %j", (text, calls) => expect(variants(text)).toEqual(calls));

  it("are left for whoever reads the call, where they are wrong", () => {
    expect(variants("deep=3..5,order")).toEqual(["deep=3..5,order"]);
  });

  it.each([
    ["depth=5..3", 'policy p: depth is "5..3"; it must go up'],
    ["block=33..63", "policy p: block: there is no power of two from 33 to 63"],
    ["table=*", 'policy p: table is "*"; it takes SIZE/SIZE, of which there is no end'],
    ["depth=0..100000", "policy p: depth from 0 to 100000 is more than 100000 values"],
    ["depth=0..999,depth=0..999", 'policy p: "depth=0..999,depth=0..999" stands for more than 100000 calls'],
  ])("%j is refused", (text, message) => expect(() => variants(text)).toThrow(message));
});
