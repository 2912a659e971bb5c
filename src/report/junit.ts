/**
 * The result as JUnit XML, as Jenkins and GitLab read it: a suite for each input, a test for each cell. A cell that did
 * not end is an error, and so is one that should be there; what a comparison calls an error is a failure.
 *
 * Elements and attributes are those of Jenkins' junit-10.xsd. Jenkins keeps one failure of a test, so that all
 * findings of a cell are in one.
 */
import type { Cell, Failure } from "../engine/result.ts";
import type { Finding } from "../gate/verdict.ts";
import { placeOf } from "./figures.ts";
import { Html, html, type Piece } from "./markup.ts";
import type { Report, Reporter } from "./reporter.ts";

export const junit: Reporter<string> = {
  name: "junit",
  summary: "for CI servers: JUnit XML with a test for each cell",
  write,
};

interface Test {
  readonly input: string;
  readonly name: string;
  /** What makes it fail, and what does not. */
  readonly failed: readonly Finding[];
  readonly told: readonly Finding[];
}

function write(report: Report): string {
  const tests = testsOf(report);
  const inputs = [...new Set(tests.map(({ input }) => input))];
  const suites = inputs.map((input) => {
    const own = tests.filter((test) => test.input === input);
    return html`  <testsuite name="${legal(input)}" ${countsOf(own)}>
${own.map(testcase)}  </testsuite>
`;
  });
  return html`${new Html(`<?xml version="1.0" encoding="UTF-8"?>`)}
<testsuites name="heapscape" ${countsOf(tests)}>
${suites}</testsuites>
`.text;
}

/** Findings that are of no cell at hand, such as of one that vanished, are tests of their own. */
function testsOf({ cells, failures, verdict }: Report): Test[] {
  const found = new Map<string, Finding[]>();
  for (const finding of verdict?.findings ?? []) {
    const { cell } = finding;
    found.set(cell, [...(found.get(cell) ?? []), finding]);
  }
  const test = (input: string, name: string, findings: readonly Finding[]): Test => ({
    input,
    name,
    failed: findings.filter(({ level }) => level === "error"),
    told: findings.filter(({ level }) => level !== "error"),
  });
  const take = ({ key }: Cell | Failure): readonly Finding[] => {
    const findings = key === undefined ? undefined : found.get(key);
    if (key !== undefined) found.delete(key);
    return findings ?? [];
  };
  const run = cells.map((cell) => test(cell.input, placeOf(cell.called, cell.heap), take(cell)));
  const broken = failures.map((failure) => {
    const { input, policy, heap, message } = failure;
    const findings = take(failure);
    const own: Finding = { level: "error", kind: "failed", cell: policy, input, message };
    return test(input, placeOf(policy, heap), findings.length > 0 ? findings : [own]);
  });
  const missing = [...found].map(([cell, findings]) => test(findings[0].input, cell, findings));
  return [...run, ...broken, ...missing];
}

const isError = ({ kind }: Finding): boolean => kind === "failed" || kind === "vanished";

function countsOf(tests: readonly Test[]): Html {
  const errors = tests.filter(({ failed }) => failed.some(isError)).length;
  const failures = tests.filter(({ failed }) => failed.length > 0).length - errors;
  return html`tests="${tests.length}" failures="${failures}" errors="${errors}"`;
}

function testcase({ input, name, failed, told }: Test): Piece {
  const head = html`    <testcase name="${legal(name)}" classname="${legal(input)}"`;
  if (failed.length === 0 && told.length === 0) return html`${head}/>\n`;
  const [worst] = failed;
  const tag = new Html(failed.some(isError) ? "error" : "failure");
  const fault = worst
    ? html`      <${tag} type="${worst.kind}" message="${legal(worst.message)}">${legal(inWords(failed))}</${tag}>\n`
    : "";
  const said = told.length > 0 ? html`      <system-out>${legal(inWords(told))}</system-out>\n` : "";
  return html`${head}>\n${fault}${said}    </testcase>\n`;
}

const inWords = (findings: readonly Finding[]): string =>
  findings
    .map(({ level, message, command }) =>
      [`${level}: ${message}`, ...(command === undefined ? [] : [command])].join("\n"),
    )
    .join("\n");

/** XML 1.0 has no words for most control characters, nor for half a surrogate pair. */
const legal = (text: string): string =>
  text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
