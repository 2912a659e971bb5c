/** The cells of an input beside each other: a bar for each figure, as long as its share of the greatest. */
import type { Cell } from "../../engine/result.ts";
import { metricText, placeOf } from "../figures.ts";
import { type Html, html } from "../markup.ts";

interface Figure {
  readonly title: string;
  readonly metric: string;
  readonly className?: string;
  /** Left out where it has nothing to say of any cell. */
  readonly when?: (cell: Cell) => boolean;
}

const collects = ({ metrics }: Cell): boolean => metrics.collections > 0;

const FIGURES: readonly Figure[] = [
  { title: "Peak heap", metric: "peakHeapBytes" },
  { title: "Peak resident", metric: "peakResidentBytes" },
  { title: "Ext. frag, mean", metric: "externalFragmentation.mean" },
  { title: "Ext. frag, max", metric: "externalFragmentation.max" },
  { title: "Int. frag, mean", metric: "internalFragmentation.mean" },
  { title: "Most holes", metric: "holes.max" },
  { title: "Words touched", metric: "touchedWords", when: collects },
  { title: "Refused", metric: "refusals", className: "refused" },
];

export function bars(cells: readonly Cell[]): Html {
  const figures = FIGURES.filter(({ when }) => !when || cells.some(when)).map((figure) => ({
    ...figure,
    most: Math.max(0, ...cells.map(({ metrics }) => metrics[figure.metric])),
  }));
  const heads = figures.map(({ title }) => html`<th scope="col">${title}</th>`);
  const rows = cells.map(({ called, heap, metrics }) => {
    const values = figures.map(({ title, metric, className = "", most }) => {
      const value = metrics[metric];
      const share = most > 0 ? Math.round((1000 * value) / most) / 10 : 0;
      const fill = html`<i${value > 0 ? "" : html` class="none"`} style="width:${share}%"></i>`;
      return html`<td class="${className}" data-name="${title}"><span class="value">${metricText(metric, value)}</span><span class="bar">${fill}</span></td>`;
    });
    return html`<tr><th scope="row"><code>${placeOf(called, heap)}</code></th>${values}</tr>\n`;
  });
  return html`<table>
<thead><tr><th scope="col">Policy and heap</th>${heads}</tr></thead>
<tbody>
${rows}</tbody>
</table>
`;
}
