import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/gate/verdict.ts";
import { github, summaryOf } from "../../src/report/github.ts";
import { CHECKED, cell, EMPTY, FAILED, PLAIN, worse } from "./reports.ts";

const judged = (findings: readonly Finding[]) => ({
  ...EMPTY,
  verdict: { findings, compared: findings.length, same: 0, against: "x" },
});
const many = (times: number, level: Finding["level"]) =>
  Array.from({ length: times }, (_, i): Finding => ({ ...worse, level, message: `${level} ${i}` }));

describe("the annotations for GitHub", () => {
  it("are errors, warnings and notices with their file", () => {
    expect(github.write(CHECKED, PLAIN)).toMatchInlineSnapshot(`
      "::error file=small.trace,title=Heapscape%3A externalFragmentation.max changed::externalFragmentation.max of first-fit went from 0.25 to 0.5%0Aheapscape serve small.trace
      ::error file=old.trace,title=Heapscape%3A cell vanished::the baseline has a cell that is not there any more
      ::notice file=small.trace,title=Heapscape%3A refusals changed::refusals of best-fit went from 3 to 0%0Aheapscape baseline update
      "
    `);
  });

  it("escape what ends a property, a command or a line", () => {
    expect(github.write(FAILED, PLAIN)).toBe(
      '::error file=a%2Cb "c"|<d>&%25%3A%0D%0A`e`_*.trace,title=Heapscape%3A cell failed::mine: event 3: 50%25 <x>%0Alost\n',
    );
  });

  it("name files as the repository does, and none for what is generated", () => {
    const path = (file: string): string => `sub/${file}`;
    expect(github.write(judged([worse]), { ...PLAIN, path })).toMatch(
      /^::error file=sub\/small\.trace,title=/,
    );
    expect(github.write(judged([{ ...worse, input: "workload:mqtt:devices=4" }]), PLAIN)).toMatch(
      /^::error title=/,
    );
  });

  it("are ten of each level at most, then their number", () => {
    const lines = github
      .write(judged([...many(12, "error"), ...many(11, "warning"), ...many(2, "improvement")]), PLAIN)
      .split("\n");
    expect(lines.filter((line) => line.startsWith("::error"))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith("::warning"))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith("::notice"))).toHaveLength(2);
    expect(lines[0]).toMatch(/::error 0%0A/);
    expect(lines[10]).toBe("heapscape: 2 errors more: see the summary of the step");
    expect(lines[21]).toBe("heapscape: 1 warning more: see the summary of the step");
  });

  it("are none where all is well", () => {
    expect(github.write(judged([]), PLAIN)).toBe("");
    expect(github.write({ ...EMPTY, cells: [cell("first-fit", "grow", {})] }, PLAIN)).toBe("");
  });
});

it("the summary of a step stays below 1 MiB, together with what is there already", () => {
  const report = judged(many(20_000, "error"));
  for (const written of [0, 1_000_000, 1 << 20, 1 << 21]) {
    const size = Buffer.byteLength(summaryOf(report, written));
    expect(size + Math.min(written, (1 << 20) - 1)).toBeLessThan(1 << 20);
    if (written < 1_000_000) expect(size).toBeGreaterThan(1_000_000);
  }
});
