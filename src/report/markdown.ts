/** The result as Markdown, for a comment on a pull request: what a comparison found, worst first, then the cells. */
import type { Cell, Failure } from "../engine/result.ts";
import type { Finding } from "../gate/verdict.ts";
import { change, figure, metricText } from "./figures.ts";
import type { Report, Reporter } from "./reporter.ts";
import { counted, sumOf } from "./verdict-sum.ts";

/** UTF-16 units that GitHub takes in a comment; bytes are no fewer, so bytes are what is counted. */
const COMMENT = 65_536;

export const markdown: Reporter<string> = {
  name: "markdown",
  summary: "for a comment on a pull request: findings, worst first, and a table of the cells",
  write: (report) => markdownOf(report, COMMENT),
};

const encoder = new TextEncoder();

/** At most `most` bytes: of what does not fit, the number is said; nothing where there is not even room for that. */
export function markdownOf({ cells, failures, verdict }: Report, most: number): string {
  const page = new Page(most);
  page.add("### Heapscape\n");
  if (verdict) page.add(`\n${escaped(sumOf(verdict))}\n`);
  if (verdict && verdict.findings.length > 0) {
    const { findings } = verdict;
    page.table(FINDINGS, findings, findingRow, "finding");
    page.folded("In words, and how to see it", "", findings, inWords, "finding");
  }
  if (failures.length > 0) page.table("", failures, failed, "cell that failed");
  if (cells.length > 0 && verdict) page.folded(counted(cells.length, "cell"), CELLS, cells, cellRow, "cell");
  else if (cells.length > 0) page.table(CELLS, cells, cellRow, "cell");
  return page.bytes <= most ? page.text : "";
}

const metric =
  (name: string) =>
  ({ metrics }: Cell): string =>
    metricText(name, metrics[name]);

const COLUMNS: readonly (readonly [title: string, of: (cell: Cell) => string, align: string])[] = [
  ["input", ({ input }) => inTable(input), "---"],
  ["policy", ({ called }) => inTable(called), "---"],
  ["heap", ({ heap }) => (heap === "grow" ? "grows" : metricText("heapBytes", heap)), "--:"],
  ["peak live", metric("peakLiveBytes"), "--:"],
  ["peak heap", metric("peakHeapBytes"), "--:"],
  ["ext. frag", metric("externalFragmentation.mean"), "--:"],
  ["max", metric("externalFragmentation.max"), "--:"],
  ["refused", metric("refusals"), "--:"],
];

const CELLS = `| ${COLUMNS.map(([title]) => title).join(" | ")} |
|${COLUMNS.map(([, , align]) => align).join("|")}|
`;

const cellRow = (cell: Cell): string => `| ${COLUMNS.map(([, of]) => of(cell)).join(" | ")} |\n`;

const FINDINGS = "| | cell | metric | was | is | change |\n|---|---|---|--:|--:|--:|\n";

function findingRow(finding: Finding): string {
  const { level, kind, cell, metric, was, is } = finding;
  const what = metric === undefined ? kind : inTable(metric);
  const figures = [figure(was), figure(is)].map(escaped);
  return `| **${level}** | ${inTable(cell)} | ${[what, ...figures, change(finding)].join(" | ")} |\n`;
}

const inWords = ({ message, command }: Finding): string =>
  `- ${escaped(message)}${command === undefined ? "" : `<br>${code(command)}`}\n`;

const failed = ({ input, message }: Failure): string => `- **failed** ${code(input)}: ${escaped(message)}\n`;

/** What Markdown would take for its own, and GitHub for a mention. */
const escaped = (text: string): string =>
  text
    .replace(/[\\`*_[\]|~#]/g, "\\$&")
    .replace(/[<>&@]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/\s+/g, " ");

/** A span of code, whatever backticks it holds. */
function code(text: string): string {
  const fence = "`".repeat(1 + Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length)));
  const pad = /^`|`$/.test(text) ? " " : "";
  return `${fence}${pad}${text.replace(/\s+/g, " ")}${pad}${fence}`;
}

/** The same in a table, where a bar ends its cell even there. */
const inTable = (text: string): string => code(text).replaceAll("|", "\\|");

/** What is kept free for the words about what was left out, and the ends of folds. */
const SPARE = 300;

class Page {
  text = "";
  #left: number;

  constructor(most: number) {
    this.#left = most - SPARE;
  }

  get bytes(): number {
    return encoder.encode(this.text).length;
  }

  /** All of it, or nothing where there is no room. */
  add(text: string): boolean {
    const bytes = encoder.encode(text).length;
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    this.text += text;
    return true;
  }

  /** As many of the items as there is room for, under the head of a table, or without one as a list. */
  table<T>(head: string, items: readonly T[], line: (item: T) => string, what: string): void {
    const room = this.add(`\n${head}`);
    const fitting = room ? items.findIndex((item) => !this.add(line(item))) : 0;
    if (fitting >= 0) this.#leaveOut(items.length - fitting, what);
  }

  folded<T>(title: string, head: string, items: readonly T[], line: (item: T) => string, what: string): void {
    if (!this.add(`\n<details><summary>${title}</summary>\n`)) return;
    this.table(head, items, line, what);
    this.text += "\n</details>\n";
  }

  #leaveOut(rows: number, what: string): void {
    this.text += `\n${counted(rows, what)} more: there is no room for ${rows === 1 ? "it" : "them"} here.\n`;
    this.#left = 0;
  }
}
