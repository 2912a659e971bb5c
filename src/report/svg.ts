/** Fronts as a picture that scales: one panel below the other for each input. */
import { metricText, placeOf } from "./figures.ts";
import { type Html, html } from "./markup.ts";
import { type Axes, type Front, frontsOf, scaleOf } from "./pareto.ts";
import type { Reporter } from "./reporter.ts";

const WIDTH = 720;
const PANEL = 420;
const LEFT = 90;
const RIGHT = 170;
const TOP = 40;
const BOTTOM = 50;

export const svg: Reporter<string> = {
  name: "svg",
  file: true,
  summary: "for documents: the front of a sweep with --pareto, as a picture",
  write({ cells, axes }) {
    const fronts = axes ? frontsOf(cells, axes) : [];
    const panels = fronts.map((front, i) => panel(front, axes!, i * PANEL));
    const height = Math.max(1, fronts.length) * PANEL;
    const picture = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#333">
<rect width="100%" height="100%" fill="#fff"/>
${axes ? panels : html`<text x="20" y="30">No axes were given: heapscape sweep --pareto X,Y</text>`}</svg>
`;
    return picture.text;
  },
};

function panel({ input, best, rest, refused }: Front, [x, y]: Axes, top: number): Html {
  const cells = [...rest, ...best];
  const across = scaleOf(cells.map(({ metrics }) => metrics[x]));
  const up = scaleOf(cells.map(({ metrics }) => metrics[y]));
  const points = cells.map((cell) => ({
    cell,
    px: tenth(LEFT + across(cell.metrics[x]) * (WIDTH - LEFT - RIGHT)),
    py: tenth(top + PANEL - BOTTOM - up(cell.metrics[y]) * (PANEL - TOP - BOTTOM)),
    words: `${placeOf(cell.called, cell.heap)}: ${x} ${metricText(x, cell.metrics[x])}, ${y} ${metricText(y, cell.metrics[y])}`,
  }));
  const front = points.slice(rest.length);
  const line = front.map(({ px, py }, i) => (i === 0 ? `M${px} ${py}` : `H${px}V${py}`)).join("");
  const ends = (name: string) => {
    const all = cells.map(({ metrics }) => metrics[name]);
    return cells.length === 0
      ? ["", ""]
      : [Math.min(...all), Math.max(...all)].map((v) => metricText(name, v));
  };
  const [low, high] = ends(y);
  const [least, most] = ends(x);
  const floor = top + PANEL - BOTTOM;
  return html`<text x="${LEFT}" y="${top + 20}" font-weight="bold">${input}${refused > 0 ? ` (without ${refused} that refused requests)` : ""}</text>
<path d="M${LEFT} ${top + TOP}V${floor}H${WIDTH - RIGHT}" fill="none" stroke="#999"/>
<text x="${LEFT - 6}" y="${top + TOP + 4}" text-anchor="end">${high}</text><text x="${LEFT - 6}" y="${floor}" text-anchor="end">${low}</text>
<text x="${LEFT}" y="${floor + 18}">${least}</text><text x="${WIDTH - RIGHT}" y="${floor + 18}" text-anchor="end">${most}</text>
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${floor + 36}" text-anchor="middle">${x}</text>
<text transform="translate(16 ${top + PANEL / 2}) rotate(-90)" text-anchor="middle">${y}</text>
${points.slice(0, rest.length).map(({ px, py, words }) => html`<circle cx="${px}" cy="${py}" r="3" fill="#bbb"><title>${words}</title></circle>\n`)}<path d="${line}" fill="none" stroke="#1f6feb" stroke-dasharray="4 3"/>
${front.map(({ cell, px, py, words }) => html`<circle cx="${px}" cy="${py}" r="4" fill="#1f6feb"><title>${words}</title></circle><text x="${px + 7}" y="${py - 5}">${cell.called}</text>\n`)}`;
}

const tenth = (value: number): number => Math.round(10 * value) / 10;
