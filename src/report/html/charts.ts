/** What happened on the way, a row for each cell of an input: all on the same axes, so that they can be compared. */
import type { Cell, History } from "../../engine/result.ts";
import { figure, metricText, placeOf } from "../figures.ts";
import { type Html, html } from "../markup.ts";

/** A cell whose history was kept. */
export type Drawn = Cell & { readonly history: History };

/** Units of the picture, about CSS pixels. */
const WIDTH = 380;
const HEIGHT = 140;
const LEFT = 62;
const RIGHT = WIDTH - 2;
const TOP = 8;
const BOTTOM = HEIGHT - 22;

/** Columns that a line has at most; each keeps the extremes of what is in it. */
const COLUMNS = 220;

/** Marks of collections that are drawn. */
const MARKS = 200;

export function charts(cells: readonly Drawn[]): Html[] {
  const most = (name: string): number => Math.max(1, ...cells.map(({ metrics }) => metrics[`${name}.max`]));
  // Live bytes lie in the heap.
  const [bytes, holes] = [topOf(most("heapBytes"), BINARY), topOf(most("holes"), DECIMAL)];
  const events = Math.max(...cells.map((cell) => cell.events));
  return cells.map((cell) => {
    const axis = { cell, events };
    return html`<div class="charts">
<h4><code>${placeOf(cell.called, cell.heap)}</code>${note(cell)}</h4>
${memory({ ...axis, most: bytes })}
${lineChart("Holes", "holes", { ...axis, most: holes })}
${lineChart("External fragmentation", "externalFragmentation", { ...axis, most: 1 })}
</div>
`;
  });
}

/** Multiples of powers of the base that make good ends of an axis: half of them is round as well. */
const BINARY = { base: 2, ends: [1, 1.25, 1.5, 2] };
const DECIMAL = { base: 10, ends: [2, 4, 6, 8, 10, 20] };

/** The least of them that is not below. */
function topOf(most: number, { base, ends }: typeof BINARY): number {
  let power = 1;
  while (ends[ends.length - 1] * power < most) power *= base;
  return power * ends.find((end) => end * power >= most)!;
}

interface Axes {
  readonly cell: Drawn;
  /** At the right end. */
  readonly events: number;
  /** At the top. */
  readonly most: number;
}

function note({ firstRefusal, history }: Drawn): Html {
  const collections = history.collections.length;
  const said = [
    ...(firstRefusal ? [`first refusal at event ${figure(firstRefusal.event)}`] : []),
    ...(collections > 0 ? [`${figure(collections)} collections`] : []),
  ];
  return said.length > 0 ? html` <span class="quiet">${said.join(", ")}</span>` : html``;
}

function memory(axes: Axes): Html {
  const live = columns(axes, "liveBytes");
  const heap = columns(axes, "heapBytes");
  const floor = BOTTOM.toFixed(1);
  const area = `M${live[0]?.x ?? LEFT},${floor}${live.map(({ x, high }) => `L${x},${high}`).join("")}L${live.at(-1)?.x ?? LEFT},${floor}Z`;
  const caption = html`<b class="key key-live">live bytes</b><b class="key key-heap">heap bytes</b>`;
  const drawn = html`<path class="live" d="${area}"/><path class="heap" d="${path(heap)}"/>`;
  return chart(
    axes,
    "heapBytes",
    caption,
    `Live and heap bytes: ${spanOf(axes, "liveBytes")}; ${spanOf(axes, "heapBytes")}`,
    drawn,
  );
}

function lineChart(title: string, name: string, axes: Axes): Html {
  const points = columns(axes, name);
  const back = points.toReversed().map(({ x, low }) => `L${x},${low}`);
  const spread = `M${points.map(({ x, high }) => `${x},${high}`).join("L")}${back.join("")}Z`;
  const drawn = html`<path class="spread" d="${points.length > 0 ? spread : ""}"/><path class="line" d="${path(points)}"/>`;
  return chart(axes, name, html`<b>${title}</b>`, `${title}: ${spanOf(axes, name)}`, drawn);
}

function chart(
  { cell, events, most }: Axes,
  metric: string,
  caption: Html,
  label: string,
  drawn: Html,
): Html {
  const { firstRefusal, from = 0, history } = cell;
  const ticks = [0, most / 2, most].map((value) => {
    const y = yOf(value, most);
    return html`<line class="rule" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/><text x="${LEFT - 6}" y="${(Number(y) + 3.5).toFixed(1)}" text-anchor="end">${metricText(metric, value).replace(".0%", "%")}</text>`;
  });
  const at = (event: number): string => xOf(event, events);
  const step = Math.ceil(history.collections.length / MARKS);
  const marks = history.collections.filter((_, i) => i % step === 0);
  const rug = marks.map(({ event }) => `M${at(event)},${BOTTOM}v4`).join("");
  return html`<figure>
<figcaption>${caption}</figcaption>
<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${ticks}
${drawn}
${rug === "" ? "" : html`<path class="collections" d="${rug}"/>`}
${firstRefusal ? html`<line class="refusal" x1="${at(firstRefusal.event)}" x2="${at(firstRefusal.event)}" y1="${TOP}" y2="${BOTTOM}"><title>first refusal: event ${figure(firstRefusal.event)}</title></line>` : ""}
<text x="${LEFT}" y="${HEIGHT - 5}">${figure(from)}</text><text x="${RIGHT}" y="${HEIGHT - 5}" text-anchor="end">${figure(events)} events</text>
</svg>
</figure>
`;
}

/** For who does not see the picture. */
function spanOf({ cell: { metrics } }: Axes, name: string): string {
  const text = (end: string): string => metricText(name, metrics[`${name}.${end}`]);
  return `${name} at most ${text("max")}, on average ${text("mean")}, in the end ${text("last")}`;
}

interface Column {
  readonly x: string;
  readonly low: string;
  readonly high: string;
  readonly last: string;
}

function columns({ cell, events, most }: Axes, name: string): Column[] {
  const { history, from = 0 } = cell;
  const series = history.series.find((each) => each.name === name);
  if (!series) return [];
  const { width, min, max, last } = series;
  const step = Math.ceil(last.length / COLUMNS);
  return Array.from({ length: Math.ceil(last.length / step) }, (_, i) => {
    const [start, end] = [i * step, Math.min((i + 1) * step, last.length)];
    return {
      x: xOf(Math.min(from + end * width, cell.events), events),
      low: yOf(Math.min(...min.subarray(start, end)), most),
      high: yOf(Math.max(...max.subarray(start, end)), most),
      last: yOf(last[end - 1], most),
    };
  });
}

const path = (points: readonly Column[]): string =>
  points.length === 0 ? "" : `M${points.map(({ x, last }) => `${x},${last}`).join("L")}`;

const xOf = (event: number, events: number): string =>
  (LEFT + ((RIGHT - LEFT) * event) / Math.max(events, 1)).toFixed(1);

const yOf = (value: number, most: number): string => (BOTTOM - ((BOTTOM - TOP) * value) / most).toFixed(1);
