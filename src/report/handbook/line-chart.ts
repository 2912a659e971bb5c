/** Lines over two logarithmic axes, as SVG, each named at its end. Colours and type are the style sheet's. */

import { type Html, html } from "../markup.ts";
import { threeDigits, whole } from "./figures.ts";

export interface Line {
  readonly name: string;
  /** Of the line and its name, for the style sheet. */
  readonly className: string;
  /** By the chart's `xs`; a line ends at its first gap. */
  readonly ys: readonly (number | undefined)[];
}

export interface LineChart {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly xs: readonly number[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly Line[];
}

/** Least distance between two names, in units of the picture. */
const LEADING = 15;

export function lineChart({ title, width, height, xs, xTitle, yTitle, lines }: LineChart): Html {
  const narrow = width < 500;
  const left = 44;
  const right = width - (narrow ? 104 : 148);
  const top = 26;
  const bottom = height - 40;
  const most = Math.max(...lines.flatMap(({ ys }) => ys.map((y) => y ?? 0)));
  const decades = Array.from({ length: Math.ceil(Math.log10(most)) + 1 }, (_, i) => 10 ** i);
  const x = scale(xs[0], xs[xs.length - 1], left, right);
  const y = scale(0.8, Math.max(most * 1.3, decades[decades.length - 1]), bottom, top);
  const drawn = lines.map((line) => {
    const gap = line.ys.indexOf(undefined);
    const ys = line.ys.slice(0, gap < 0 ? undefined : gap).map((value) => y(value!));
    return { ...line, points: ys.map((at, i) => [x(xs[i]), at] as const) };
  });
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
${decades.map((value) => html`<g class="tick"><line x1="${left}" x2="${right}" y1="${round(y(value))}" y2="${round(y(value))}"/><text x="${left - 8}" y="${round(y(value) + 4)}" text-anchor="end">${whole(value)}</text></g>\n`)}
${xs.map((value, i) => (narrow && i % 2 > 0 ? "" : html`<text x="${round(x(value))}" y="${bottom + 18}" text-anchor="middle">${whole(value)}</text>\n`))}
<text class="axis" x="0" y="12">${yTitle}</text>
<text class="axis" x="${right}" y="${height - 4}" text-anchor="end">${xTitle}</text>
${drawn
  .toReversed()
  .map(
    ({ className, points }) =>
      html`<g class="${className}"><polyline points="${points.map(([at, up]) => `${round(at)},${round(up)}`).join(" ")}"/>${points.map(([at, up]) => html`<circle cx="${round(at)}" cy="${round(up)}" r="2.5"/>`)}</g>\n`,
  )}
${namesOf(drawn, right, narrow)}
</svg>
`;
}

interface Drawn extends Line {
  readonly points: readonly (readonly [number, number])[];
}

/** Names behind the ends of their lines, pushed up where two of them would overlap; above a line that ends early. */
function namesOf(lines: readonly Drawn[], right: number, narrow: boolean): Html[] {
  const ends = lines
    .filter(({ points }) => points.length > 0)
    .map((line) => ({ line, end: line.points[line.points.length - 1] }))
    .sort((a, b) => b.end[1] - a.end[1]);
  let above = Number.POSITIVE_INFINITY;
  return ends.map(({ line: { name, className, ys }, end: [x, y] }) => {
    const early = x < right;
    const at = early ? y - 10 : Math.min(y + 4, above - LEADING);
    if (!early) above = at;
    const last = ys[ys.findLastIndex((value) => value !== undefined)] ?? 0;
    const figure = narrow ? "" : html` <tspan>${threeDigits(last)}</tspan>`;
    const [start, anchor] = early ? [x, "end"] : [x + 8, "start"];
    return html`<text class="name ${className}" x="${round(start)}" y="${round(at)}" text-anchor="${anchor}">${name}${figure}</text>\n`;
  });
}

function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  const unit = (end - start) / Math.log(to / from);
  return (value) => start + Math.log(value / from) * unit;
}

const round = (value: number): number => Math.round(value * 10) / 10;
