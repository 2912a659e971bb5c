import { expect, test } from "vitest";
import * as z from "zod";
import {
  type Baseline,
  baselineSchema,
  formatBaseline,
  looksLikeBaseline,
  parseBaseline,
} from "../../src/gate/baseline.ts";
import { cellKey } from "../../src/gate/cell-key.ts";
import { configSchema } from "../../src/gate/config.ts";

const CELL = {
  metrics: { searchSteps: 5, holes: 0.5 },
  trace: "0123456789abcdef",
  parameters: "0".repeat(16),
  recording: "f".repeat(16),
  ladder: "AbCx-_",
};
const BASELINE: Baseline = {
  version: "0.1.0",
  cells: new Map([
    ["b -a x --heap grow", CELL],
    ["a -a x --heap grow", CELL],
  ]),
};

test("a baseline is sorted, a line a cell, and comes back as it was", () => {
  const text = formatBaseline(BASELINE);
  expect(text).toMatchInlineSnapshot(`
    "{
      "schema": "heapscape-baseline-1",
      "tool": "heapscape",
      "version": "0.1.0",
      "cells": {
        "a -a x --heap grow": {"metrics":{"holes":0.5,"searchSteps":5},"trace":"0123456789abcdef","parameters":"0000000000000000","recording":"ffffffffffffffff","ladder":"AbCx-_"},
        "b -a x --heap grow": {"metrics":{"holes":0.5,"searchSteps":5},"trace":"0123456789abcdef","parameters":"0000000000000000","recording":"ffffffffffffffff","ladder":"AbCx-_"}
      }
    }
    "
  `);
  expect(formatBaseline(parseBaseline(text, "base.json"))).toBe(text);
  expect(parseBaseline(text, "base.json").cells.get("b -a x --heap grow")).toEqual(CELL);
  expect(parseBaseline(formatBaseline({ version: "1", cells: new Map() }), "base.json").cells.size).toBe(0);
});

test.each([
  [
    /baseline-1/,
    "baseline-9",
    /^base\.json:2: it has the schema "heapscape-baseline-9" and this Heapscape reads/,
  ],
  [
    /"trace":"0123/,
    '"trace":"X123',
    /^base\.json:6: cells\..*trace is "X123456789abcdef", which does not fit/,
  ],
  [/,\n {2}"cells/, ',\n<<<<<<< HEAD\n  "cells', /^base\.json:5:1: expected a key in quotes/],
  [/"b -a/, '"a -a', /^base\.json:7:.* expected another key than "a -a x --heap grow"/],
])("what is wrong with it is told with file and line: %s", (from, to, message) => {
  expect(() => parseBaseline(formatBaseline(BASELINE).replace(from, to), "base.json")).toThrow(message);
});

test("a baseline is known as one, also of another version or in conflict, and nothing else is", () => {
  const text = formatBaseline(BASELINE);
  const conflict = text.replace(/( {2}"version.*\n)/, "<<<<<<< HEAD\n$1=======\n$1>>>>>>> other\n");
  expect(() => parseBaseline(conflict, "base.json")).toThrow("base.json");
  for (const one of [text, text.replace("baseline-1", "baseline-9"), conflict])
    expect(looksLikeBaseline(one)).toBe(true);
  for (const none of ["a 1 16\n", "null", "{}", JSON.stringify({ tool: "heapscape" }), `# ${text}`, ""])
    expect(looksLikeBaseline(none)).toBe(false);
});

test("a version is one line, and comes back as it was", () => {
  const version = '0.1.0 "x" \\';
  expect(parseBaseline(formatBaseline({ ...BASELINE, version }), "base.json").version).toBe(version);
  expect(() => parseBaseline(formatBaseline({ ...BASELINE, version: "1\n::error::x" }), "base.json")).toThrow(
    "version",
  );
});

test("a baseline and a configuration are what their own schemas allow", () => {
  const allows = (schema: Record<string, unknown>, document: unknown) =>
    z.fromJSONSchema(schema).safeParse(document).success;
  const baseline = JSON.parse(formatBaseline(BASELINE));
  expect(allows(baselineSchema(), baseline)).toBe(true);
  expect(allows(baselineSchema(), { ...baseline, schema: "heapscape-baseline-2" })).toBe(false);
  const config = { inputs: ["t.trace"], policies: ["first-fit", "buddy"], heap: "8MiB" };
  expect(allows(configSchema(), config)).toBe(true);
  expect(allows(configSchema(), { ...config, polices: [] })).toBe(false);
});

test("a key is what follows `heapscape run`, the same for the same cell", () => {
  const key = { input: "my traces/it's.trace", policy: "./mine.ts:step=16", heap: "8 MiB" };
  expect(cellKey(key)).toBe(String.raw`'my traces/it'\''s.trace' -a ./mine.ts:step=16 --heap 8MiB`);
  expect(cellKey({ ...key, heap: String(8 * 2 ** 20) })).toBe(cellKey(key));
  expect(
    cellKey({
      input: "workload:mqtt",
      policy: "tlsf",
      heap: "1.5x",
      seed: 7,
      from: "load",
      repeat: "until-refused",
    }),
  ).toBe("workload:mqtt -a tlsf --heap 1.5x --seed 7 --from load --repeat until-refused");
});
