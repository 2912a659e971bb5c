/** The style sheet of the HTML report. Colours are those of the page (web/styles/tokens.css); a test holds them to it. */
import { Html } from "../markup.ts";

const LIGHT = `
  color-scheme: light;
  --page: #f1f4f7;
  --panel: #fcfdfe;
  --ink: #14202c;
  --ink-2: #41505e;
  --ink-3: #586775;
  --rule: #d3dbe2;
  --hot: #b03a06;
  --hot-fill: #e8590c;
  --hot-wash: #fdeee5;
  --live: #2f6fb7;
  --live-soft: #9dbfe3;
  --lane-A: #1c5fae;
  --lane-C: #0b6e5f;
  --lane-D: #7d5700;
  --focus: #0b57d0;`;

const DARK = `
  color-scheme: dark;
  --page: #0c1218;
  --panel: #121a22;
  --ink: #e6edf4;
  --ink-2: #b4c1cd;
  --ink-3: #93a2b0;
  --rule: #25313c;
  --hot: #ffab66;
  --hot-fill: #ff9e3d;
  --hot-wash: #2a1d12;
  --live: #4d8fdd;
  --live-soft: #2b5a94;
  --lane-A: #6db0ff;
  --lane-C: #54cbb6;
  --lane-D: #dfb548;
  --focus: #8ab8ff;`;

export const STYLE = new Html(`:root {${LIGHT}
  --sans: "Inter", "Helvetica Neue", "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", Menlo, monospace;
}
@media (prefers-color-scheme: dark) { :root {${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 var(--sans); overflow-wrap: anywhere; }
h1, h2, h3, p, ol, figure { margin: 0; padding: 0; }
code, .value { font-family: var(--mono); font-size: .92em; font-variant-numeric: tabular-nums; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
a { color: var(--lane-A); }
header { display: flex; justify-content: space-between; gap: 16px; padding: 10px 24px; border-bottom: 1px solid var(--rule); background: var(--panel); }
.mark { display: inline-flex; align-items: center; gap: 8px; font-weight: 700; letter-spacing: -.01em; }
.mark svg { color: var(--live); }
.quiet { color: var(--ink-3); }
main { max-width: 76rem; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; font-weight: 650; letter-spacing: -.015em; line-height: 1.2; text-wrap: balance; }
h2 { margin: 48px 0 4px; font-size: 18px; font-weight: 650; line-height: 1.35; }
h2 code { font-size: 17px; }
h3 { margin: 32px 0 8px; color: var(--ink-2); font-size: 14px; font-weight: 600; }
.lead { max-width: 68ch; margin-top: 6px; color: var(--ink-2); font-size: 17px; }
.findings { margin-top: 24px; border-bottom: 1px solid var(--rule); list-style: none; }
.findings li { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 2px 16px; padding: 12px 0; border-top: 1px solid var(--rule); }
.level { color: var(--tone); font-weight: 650; }
.level::before { display: inline-block; width: 9px; height: 9px; margin-right: 8px; background: var(--tone); content: ""; }
.error { --tone: var(--hot); }
.warning { --tone: var(--lane-D); }
.improvement { --tone: var(--lane-C); }
.warning .level::before { clip-path: polygon(50% 0, 100% 100%, 0 100%); }
.improvement .level::before { border-radius: 50%; }
.went { font-size: 16px; }
.went b { font-weight: 650; }
.went .share { margin-left: 10px; color: var(--tone); font-weight: 600; }
.said { max-width: 90ch; color: var(--ink-2); font-size: 14px; }
.findings pre { margin: 6px 0 0; color: var(--ink-3); font: 13px/1.4 var(--mono); white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; border-bottom: 1px solid var(--rule); font-size: 14px; }
th, td { padding: 8px 16px 8px 0; border-top: 1px solid var(--rule); font-weight: 400; text-align: left; vertical-align: top; }
thead th { padding-block: 4px; border-top: 0; color: var(--ink-3); font-size: 13px; }
th:last-child, td:last-child { padding-right: 0; }
tbody th { min-width: 9rem; }
td { min-width: 6.5rem; }
.bar { display: block; height: 5px; margin-top: 3px; background: var(--rule); }
.bar i { display: block; height: 100%; min-width: 1px; background: var(--live); }
.bar .none { min-width: 0; }
.refused .bar i { background: var(--hot-fill); }
.charts { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 4px 24px; padding: 14px 0 18px; border-top: 1px solid var(--rule); }
.charts h4 { grid-column: 1 / -1; margin: 0; font-size: 14px; font-weight: 600; }
.charts h4 .quiet { margin-left: 8px; font-weight: 400; }
figcaption { color: var(--ink-3); font-size: 12.5px; }
figcaption b { font-weight: 400; color: var(--ink-2); }
.key::before { display: inline-block; width: 14px; height: 8px; margin-right: 5px; content: ""; }
.key-live::before { background: var(--live-soft); }
.key-heap::before { height: 2px; margin-bottom: 3px; background: var(--ink); }
.key-heap { margin-left: 12px; }
svg.chart { display: block; width: 100%; height: auto; }
.chart text { fill: var(--ink-3); font: 11px var(--mono); }
.chart .rule { stroke: var(--rule); }
.chart .live { fill: var(--live-soft); }
.chart .spread { fill: var(--lane-A); opacity: .25; }
.chart .line { fill: none; stroke: var(--lane-A); stroke-width: 1.5; stroke-linejoin: round; }
.chart .heap { fill: none; stroke: var(--ink); stroke-width: 1.25; stroke-linejoin: round; }
.chart .refusal { stroke: var(--hot-fill); stroke-width: 1.5; stroke-dasharray: 4 2; }
.chart .collections { stroke: var(--ink-3); }
@media (max-width: 760px) {
  header, main { padding-inline: 16px; }
  main { padding-top: 24px; }
  h1 { font-size: 24px; }
  .findings li { grid-template-columns: minmax(0, 1fr); }
  .charts { grid-template-columns: minmax(0, 1fr); gap: 12px; }
  thead { display: none; }
  table, tbody, tr, tbody th { display: block; }
  tr { padding: 10px 0; border-top: 1px solid var(--rule); }
  tbody th { padding: 0 0 4px; border: 0; font-weight: 600; }
  td { display: grid; grid-template-columns: 7rem 5.5rem minmax(0, 1fr); align-items: center; gap: 8px; padding: 2px 0; border: 0; }
  td::before { color: var(--ink-3); font-size: 13px; content: attr(data-name); }
  td .value { text-align: right; }
  .bar { margin: 0; }
}`);
