import { describe, expect, it } from "vitest";
import { junit } from "../../src/report/junit.ts";
import { CHECKED, cell, EMPTY, FAILED, NASTY, PLAIN } from "./reports.ts";

/** What junit-10.xsd of Jenkins' xunit plugin allows of what we use: attributes, those that must be (!), and children. */
const SCHEMA: Readonly<Record<string, { attributes: readonly string[]; children: readonly string[] }>> = {
  testsuites: { attributes: ["name", "time", "tests", "failures", "errors"], children: ["testsuite"] },
  testsuite: { attributes: ["name!", "tests!", "failures!", "errors!"], children: ["testcase"] },
  testcase: {
    attributes: ["name!", "time", "classname", "group"],
    children: ["error", "failure", "system-out", "skipped"],
  },
  error: { attributes: ["type", "message"], children: [] },
  failure: { attributes: ["type", "message"], children: [] },
  "system-out": { attributes: [], children: [] },
};

interface Element {
  readonly tag: string;
  readonly attributes: Record<string, string>;
  readonly children: Element[];
  text: string;
}

const unescaped = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

/** Reads XML by its grammar, as far as we write it, and holds it to SCHEMA. */
function parse(xml: string): Element {
  const [declaration] = /^<\?xml version="1.0" encoding="UTF-8"\?>\n/.exec(xml)!;
  const root: Element = { tag: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let at = declaration.length;
  while (at < xml.length) {
    const rest = xml.slice(at);
    const here = open[open.length - 1];
    const text = /^[^<&]+|^&#\d+;/.exec(rest);
    const end = /^<\/([\w-]+)>/.exec(rest);
    const start = /^<([\w-]+)((?: [\w-]+="(?:[^<&"]|&#\d+;)*")*)(\/?)>/.exec(rest);
    if (text) here.text += unescaped(text[0]);
    else if (end) expect(open.pop()?.tag).toBe(end[1]);
    else if (start) {
      const [, tag, listed, closed] = start;
      const pairs = [...listed.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [
        name,
        unescaped(value),
      ]);
      const element: Element = { tag, attributes: Object.fromEntries(pairs), children: [], text: "" };
      const allowed = SCHEMA[tag].attributes;
      for (const [name] of pairs) expect(allowed.map((one) => one.replace("!", ""))).toContain(name);
      for (const one of allowed)
        if (one.endsWith("!")) expect(element.attributes).toHaveProperty(one.slice(0, -1));
      if (here !== root) expect(SCHEMA[here.tag].children).toContain(tag);
      here.children.push(element);
      if (!closed) open.push(element);
    } else expect.fail(`no XML: ${rest.slice(0, 80)}`);
    at += (text ?? end ?? start)![0].length;
  }
  expect(open).toEqual([root]);
  expect(root.children).toHaveLength(1);
  return root.children[0];
}

describe("the JUnit report", () => {
  it("has a suite for each input, a test for each cell, and one for each that is gone", () => {
    const written = junit.write(CHECKED, PLAIN);
    expect(written).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="heapscape" tests="4" failures="1" errors="1">
        <testsuite name="small.trace" tests="3" failures="1" errors="0">
          <testcase name="first-fit in 4 KiB" classname="small.trace">
            <failure type="changed" message="externalFragmentation.max of first-fit went from 0.25 to 0.5">error: externalFragmentation.max of first-fit went from 0.25 to 0.5
      heapscape serve small.trace</failure>
          </testcase>
          <testcase name="best-fit in a heap that grows" classname="small.trace">
            <system-out>improvement: refusals of best-fit went from 3 to 0
      heapscape baseline update</system-out>
          </testcase>
          <testcase name="tlsf in 4 KiB" classname="small.trace"/>
        </testsuite>
        <testsuite name="old.trace" tests="1" failures="0" errors="1">
          <testcase name="old.trace -a buddy --heap 1.5x" classname="old.trace">
            <error type="vanished" message="the baseline has a cell that is not there any more">error: the baseline has a cell that is not there any more</error>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
    expect(parse(written).children.map(({ children }) => children.length)).toEqual([3, 1]);
  });

  it("has an error for what did not end, whatever is in its names", () => {
    const root = parse(junit.write(FAILED, PLAIN));
    const [suite] = root.children;
    const [test] = suite.children;
    expect(root.attributes).toMatchObject({ tests: "1", failures: "0", errors: "1" });
    expect([suite.attributes.name, test.attributes.classname]).toEqual([NASTY, NASTY]);
    expect(test.attributes.name).toBe("./mine.ts in 64 B");
    expect(test.children).toMatchObject([
      { tag: "error", attributes: { type: "failed" }, text: `error: ${FAILED.failures[0].message}` },
    ]);
  });

  it("has one error for a failed cell that a comparison names as well", () => {
    const [failure] = FAILED.failures;
    const finding = {
      level: "error",
      kind: "failed",
      cell: "k",
      input: NASTY,
      message: "it failed",
    } as const;
    const verdict = { findings: [finding], compared: 1, same: 0, against: "x" };
    const root = parse(junit.write({ cells: [], failures: [{ ...failure, key: "k" }], verdict }, PLAIN));
    expect(root.attributes).toMatchObject({ tests: "1", errors: "1" });
    expect(root.children[0].children[0].children[0].text).toBe("error: it failed");
  });

  it("has no characters that XML has none for", () => {
    const written = junit.write(
      { ...EMPTY, cells: [cell("x", "grow", {}, { input: "a\u0000\u001b\ud800b" })] },
      PLAIN,
    );
    expect(parse(written).children[0].attributes.name).toBe("a\ufffd\ufffd\ufffdb");
  });

  it("is whole without a cell", () => {
    expect(parse(junit.write(EMPTY, PLAIN))).toMatchObject({
      tag: "testsuites",
      attributes: { tests: "0" },
      children: [],
    });
  });
});
