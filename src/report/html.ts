/**
 * The result as one HTML page that needs nothing else: what a comparison found, bars of the cells, and charts over the
 * events. No script, no network; light and dark as the reader's system has it.
 */
import type { Cell, Failure } from "../engine/result.ts";
import type { Finding, Verdict } from "../gate/verdict.ts";
import { change, figure } from "./figures.ts";
import { bars } from "./html/bars.ts";
import { charts, type Drawn } from "./html/charts.ts";
import { STYLE } from "./html/style.ts";
import { type Html, html } from "./markup.ts";
import type { Report, Reporter, ReportSettings } from "./reporter.ts";
import { counted, sumOf } from "./verdict-sum.ts";

export const htmlPage: Reporter<string> = {
  name: "html",
  summary: "for people: one page with charts, that needs nothing else",
  history: true,
  write,
};

/** Cells with charts, about 35 KB each. */
const MOST_DRAWN = 60;

function write(report: Report, { version }: ReportSettings): string {
  const { cells, failures, verdict } = report;
  const title = titleOf(report);
  const drawn = new Set(cells.filter(({ history }) => history).slice(0, MOST_DRAWN));
  const inputs = [...new Set(cells.map(({ input }) => input))];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Heapscape</title>
<style>${STYLE}</style>
</head>
<body>
<header><span class="mark"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M1 3h18v3H1zM1 8.5h7v3H1zM14 8.5h5v3h-5zM1 14h11v3H1z" fill="currentColor"/><path d="M8.75 8.5h4.5v3h-4.5zM12.75 14H19v3h-6.25z" fill="var(--hot-fill)"/></svg>Heapscape</span><span class="quiet">version ${version}</span></header>
<main>
<h1>${title}</h1>
${verdict ? judgement(verdict) : ""}
${failures.length > 0 && !verdict ? html`<ol class="findings">${failures.map(failed)}</ol>\n` : ""}
${inputs.map((input) =>
  section(
    input,
    cells.filter((cell) => cell.input === input),
    drawn,
  ),
)}
${drawn.size < cells.filter(({ history }) => history).length ? html`<p class="quiet">Charts are drawn of the first ${MOST_DRAWN} cells.</p>\n` : ""}
</main>
</body>
</html>
`.text;
}

/** What there is to be seen first. */
function titleOf({ cells, failures, verdict }: Report): string {
  const of = (level: Finding["level"]): number =>
    verdict?.findings.filter((finding) => finding.level === level).length ?? 0;
  if (of("error") > 0) return `The check failed: ${counted(of("error"), "error")}`;
  if (verdict)
    return of("warning") > 0
      ? `The check passed, with ${counted(of("warning"), "warning")}`
      : "The check passed";
  if (failures.length > 0) return `${counted(failures.length, "cell")} did not end`;
  if (cells.length === 0) return "Nothing was replayed";
  const policies = new Set(cells.map(({ called }) => called)).size;
  const inputs = new Set(cells.map(({ input }) => input)).size;
  return `${policies === 1 ? "1 policy" : `${policies} policies`} on ${counted(inputs, "trace")}`;
}

const judgement = (verdict: Verdict): Html => html`<p class="lead">${sumOf(verdict)}</p>
${verdict.findings.length > 0 ? html`<ol class="findings">\n${verdict.findings.map(found)}</ol>` : ""}`;

function found(finding: Finding): Html {
  const { level, kind, cell, metric, was, is, message, command } = finding;
  const share = change(finding);
  const went =
    metric === undefined
      ? html`<b>${kind}</b>: <code>${cell}</code>`
      : html`<b>${metric}</b> <span class="value">${was === undefined ? "" : `${figure(was)} → `}${figure(is)}</span>${share === "" ? "" : html`<span class="share">${share}</span>`}`;
  return html`<li class="${level}"><span class="level">${level}</span><div><p class="went">${went}</p><p class="said">${message}</p>${command === undefined ? "" : html`<pre>${command}</pre>`}</div></li>
`;
}

const failed = ({ input, policy, message }: Failure): Html =>
  html`<li class="error"><span class="level">failed</span><div><p class="went"><b>${policy}</b> on <code>${input}</code></p><p class="said">${message}</p></div></li>
`;

function section(input: string, cells: readonly Cell[], drawn: ReadonlySet<Cell>): Html {
  const own = cells.filter((cell): cell is Drawn => drawn.has(cell));
  const events = Math.max(...cells.map((cell) => cell.events));
  return html`<section>
<h2><code>${input}</code></h2>
<p class="quiet">${figure(events)} events</p>
<h3>Cells by figure</h3>
${bars(cells)}
${own.length > 0 ? html`<h3>Over the events</h3>\n${charts(own)}` : ""}</section>
`;
}
