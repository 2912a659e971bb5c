/** What searches for the best options of a policy came to, in words. */
import type { Cell } from "../engine/result.ts";
import type { Minimized, Search } from "../engine/sweep/minimize.ts";
import { metricOf } from "../metrics/metric.ts";
import { OptionError } from "../options/options.ts";
import { change, metricText, placeOf } from "./figures.ts";
import { checkMetric } from "./pareto.ts";
import type { ReportSettings } from "./reporter.ts";

/** Reads the name of a figure that can be too much or too little. Throws OptionError where it is none. */
export function parseMinimized(name: string): string {
  checkMetric(name);
  if (metricOf(name)?.worse === "neither")
    throw new OptionError(`neither more nor less of ${name} is worse: there is nothing to search for`);
  return name;
}

/** Where each search began and what it found, each cell once. */
export const endsOf = ({ searches }: Minimized): Cell[] => [
  ...new Set(searches.flatMap(({ start, best }) => [start, best]).filter((cell) => cell !== undefined)),
];

export function minimizedText({ metric, searches }: Minimized, { paint }: ReportSettings): string {
  return [
    paint("bold", metric),
    "",
    ...searches.map((search) => sentence(metric, search)),
    "",
    paint("dim", "These are local searches from the defaults: cells that were not tried may be better."),
    "",
  ].join("\n");
}

function sentence(metric: string, search: Search): string {
  const { input, policy, start, best, tried, refused, failed, ended } = search;
  if (!best) return `${input}: ${policy} failed in each of the ${tried} cells that were tried.`;
  const others = [
    ...(refused > 0 ? [`${refused} of them refused requests`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(ended === "budget" ? ["the budget ended the search"] : []),
  ];
  const of = `the best of ${tried} cells that were tried${others.length > 0 ? ` (${others.join(", ")})` : ""}`;
  const found = `${input}: ${placeOf(best.called, best.heap)}: ${valueText(metric, best)}, ${of}`;
  if (best === start) return `${found}; the search began there.`;
  if (!start) return `${found}; where the search began the cell failed.`;
  const [was, is] = [start.metrics[metric], best.metrics[metric]];
  const compare = start.metrics.refusals === 0 && best.metrics.refusals === 0 && was !== is;
  const by = compare ? ` (${change({ was, is })})` : "";
  return `${found}; it was ${valueText(metric, start)}${by} with ${start.called}.`;
}

/** A cell that refused requests says so first: what it did less of for that is no merit. */
function valueText(metric: string, { metrics }: Cell): string {
  const value = metricText(metric, metrics[metric]);
  const { refusals } = metrics;
  return refusals > 0 ? `${refusals} requests refused (and ${metric} ${value})` : value;
}
