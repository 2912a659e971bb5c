import { expect, test } from "vitest";
import { parseJson } from "../../src/scenarios/located-json.ts";

const read = (text: string) => parseJson(text, "x.json").value;

test("reads what JSON.parse reads", () => {
  for (const text of [
    "{}",
    "[]",
    "null",
    "-0.5e-3",
    '"\\u00e9\\n\\"\\\\/\\/"',
    ' { "a" : [ 1 , true , { "b" : null } ] , "" : "é" }\r\n',
    '{"__proto__":{"a":1},"constructor":2}',
    "[[[[[1]]]]]",
    "1e400",
  ])
    expect(read(text)).toEqual(JSON.parse(text));
});

test("a byte order mark is let pass", () => {
  expect(read("\ufeff[1]")).toEqual([1]);
});

test.each([
  ["", "x.json:1:1: expected a value, found the end of the file"],
  ["{", 'x.json:1:2: expected a key in quotes or "}", found the end of the file'],
  ['{\n  "a": 1\n  "b": 2\n}', 'x.json:3:3: expected "," or "}", found "\\"b\\": 2"'],
  ['{\n  "a": 1,\n}', 'x.json:3:1: expected a key in quotes, found "}"'],
  ["{ a: 1 }", 'x.json:1:3: expected a key in quotes or "}", found "a: 1 }"'],
  ["{'a': 1}", 'x.json:1:2: expected a key in quotes or "}", found "\'a\': 1}"'],
  ['{"a" 1}', 'x.json:1:6: expected ":", found "1}"'],
  ["[1 2]", 'x.json:1:4: expected "," or "]", found "2]"'],
  ["[1,]", 'x.json:1:4: expected a value, found "]"'],
  ["[01]", 'x.json:1:3: expected "," or "]", found "1]"'],
  ["[.5]", 'x.json:1:2: expected a value, found ".5]"'],
  ["[1] // note", 'x.json:1:5: expected the end of the file, found "// note"'],
  ['"a\nb"', 'x.json:1:1: expected a string that is closed on its line, with JSON\'s escapes, found "\\"a"'],
  ['"\\x41"', "x.json:1:1: expected a string that is closed on its line, with JSON's escapes, found"],
  [
    '{"a": 1, "a": 2}',
    'x.json:1:10: expected another key than "a", which is already there, found "\\"a\\": 2}"',
  ],
  ["[".repeat(100), "x.json:1:65: expected at most 64 levels, found"],
  [`[${"1".repeat(10)}${"x".repeat(100)}`, `found "${"x".repeat(60)}..."`],
])("%j is refused with line and column", (text, message) => {
  expect(() => read(text)).toThrow(message);
  expect(() => JSON.parse(text === '{"a": 1, "a": 2}' || text.length > 90 ? "" : text)).toThrow();
});

test("says where a key or an element stands, or else what it would be in", () => {
  const json = parseJson('{\n  "a": [\n    1,\n    { "b": 2 }\n  ]\n}', "x.json");
  expect(json.describe(["a"], "odd")).toBe('x.json:2: odd: "\\"a\\": ["');
  expect(json.describe(["a", 0], "odd")).toBe('x.json:3: odd: "1,"');
  expect(json.describe(["a", 1, "b"], "odd")).toBe('x.json:4: odd: "{ \\"b\\": 2 }"');
  expect(json.describe(["a", 1, "missing"], "odd")).toBe('x.json:4: odd: "{ \\"b\\": 2 }"');
  expect(json.describe([], "odd")).toBe('x.json:1: odd: "{"');
  expect(json.at(["a", 1, "b"])).toBe(2);
  expect(json.at(["a", 5, "b"])).toBeUndefined();
});
