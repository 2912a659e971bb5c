import { expect, test } from "vitest";
import { parseScenario, scenarioSchema } from "../../src/scenarios/scenario.ts";

const GOOD = {
  title: "Teeth",
  question: "Why?",
  look: [{ text: "The holes.", phase: "thin" }],
  inputs: ["workload:sawtooth:teeth=2", "traces/blog.trace"],
  heap: "16KiB",
  policies: ["first-fit:order=lifo", "./mine.ts"],
};
const parse = (changes: object) =>
  parseScenario(JSON.stringify({ ...GOOD, ...changes }, undefined, 2), "teeth.json");

test("a scenario comes back as it was written, with seed 1 where it names none", () => {
  expect(parse({})).toEqual({ ...GOOD, seed: 1 });
  expect(parse({ $schema: "x", seed: 0xffffffff }).seed).toBe(0xffffffff);
});

test.each(["grow", "1.5x", "2x", "65536", "64KiB", "1.5 MiB", "2 GiB"])("the heap may be %s", (heap) => {
  expect(parse({ heap }).heap).toBe(heap);
});

test.each([
  [{ polices: ["x"] }, 'teeth.json:19: unknown key "polices" (did you mean "policies"?): "\\"polices\\": ["'],
  [
    { polices: ["x"], policies: undefined },
    'teeth.json:15: unknown key "polices" (did you mean "policies"?): "\\"polices\\": ["',
  ],
  [
    { look: [{ text: "a", fase: "thin" }] },
    'teeth.json:7: unknown key "fase" in look[0] (did you mean "phase"?): "\\"fase\\": \\"thin\\""',
  ],
  [{ heap: undefined }, 'teeth.json:1: the key "heap" is missing: "{"'],
  [{ look: [{ phase: "thin" }] }, 'teeth.json:5: the key "text" is missing in look[0]: "{"'],
  [{ title: "" }, "teeth.json:2: title must not be empty"],
  [{ policies: [] }, "policies must not be empty"],
  [{ policies: "first-fit" }, 'policies must be a list, not the text "first-fit"'],
  [{ look: ["holes"] }, 'look[0] must be an object, not the text "holes"'],
  [{ seed: 1.5 }, "seed must be a whole number, not 1.5"],
  [{ seed: -1 }, "seed is -1; it must be at least 0"],
  [{ seed: 2 ** 32 }, "seed is 4294967296; it must be at most 4294967295"],
  [{ seed: "1" }, 'seed must be a whole number, not the text "1"'],
  [{ heap: 65536 }, "heap must be a text, not 65536"],
  [
    { heap: "64 pages" },
    'heap "64 pages" is no size; write grow, bytes as in 64KiB, or a multiple as in 1.5x',
  ],
  [{ heap: "0" }, 'heap "0" is too small; it takes at least 16 bytes'],
  [{ heap: "20.3" }, 'heap "20.3" is no size; write grow, bytes as in 64KiB, or a multiple as in 1.5x'],
  [{ inputs: ["workload:sawtoth"] }, 'unknown workload "sawtoth" (did you mean "sawtooth"?)'],
  [
    { inputs: ["workload:sawtooth:tooth=2"] },
    'teeth.json:11: workload sawtooth: unknown option "tooth" (did you mean "teeth"',
  ],
  [{ look: [{ text: "a", event: 3, phase: "thin" }] }, "look[0] has both an event and a phase to go to"],
  [{ look: [{ text: "a", event: -3 }] }, "look[0].event is -3; it must be at least 0"],
  [
    { look: [{ text: "a", policy: "first-fit" }] },
    '"first-fit" is not one of the policies (did you mean "first-fit:order=lifo"?)',
  ],
])("%j is refused with file, line and text", (changes, message) => {
  expect(() => parse(changes)).toThrow(message);
  expect(() => parse(changes)).toThrow(/^teeth[.]json:\d+: [^\n]*$/);
});

test("what is no object is refused", () => {
  expect(() => parseScenario("[]", "x.json")).toThrow(
    'x.json:1: the file must be an object, not a list: "[]"',
  );
  expect(() => parseScenario("{", "x.json")).toThrow("x.json:1:2: expected a key in quotes");
});

test("the JSON Schema names every key, says what it is for, and allows no other", () => {
  const schema = scenarioSchema() as {
    properties: Record<string, { description?: string }>;
    additionalProperties: boolean;
  };
  expect(Object.keys(schema.properties)).toEqual([
    "$schema",
    ...Object.keys({ ...GOOD, seed: 1 }).toSorted(byDeclaration),
  ]);
  for (const { description } of Object.values(schema.properties)) expect(description).toBeTruthy();
  expect(schema.additionalProperties).toBe(false);
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
});

const DECLARED = ["title", "question", "look", "inputs", "seed", "heap", "policies"];
const byDeclaration = (a: string, b: string): number => DECLARED.indexOf(a) - DECLARED.indexOf(b);
