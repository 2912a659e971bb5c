/** Which cells are worth having where two figures stand against each other. */
import type { Cell } from "../engine/result.ts";
import { costOf, FIGURE_NAMES } from "../metrics/metric.ts";
import { paretoFront } from "../metrics/pareto.ts";
import { known, OptionError } from "../options/options.ts";

/** Names of two metrics, the one across and the one upwards. */
export type Axes = readonly [x: string, y: string];

export interface Front {
  readonly input: string;
  /** Of the cells that refused nothing, those of which no other is better in one figure and no worse in the other. */
  readonly best: readonly Cell[];
  /** The others that refused nothing. */
  readonly rest: readonly Cell[];
  /** Cells that refused requests: what they did less of for that is no merit. */
  readonly refused: number;
}

/** One for each input: figures of different traces do not compare. */
export function frontsOf(cells: readonly Cell[], axes: Axes): Front[] {
  return [...new Set(cells.map(({ input }) => input))].map((input) => {
    const own = cells.filter((cell) => cell.input === input);
    const served = own.filter(({ metrics }) => metrics.refusals === 0);
    const front = paretoFront(
      served.map(({ metrics }) => [costOf(axes[0], metrics), costOf(axes[1], metrics)]),
    );
    const best = front.map((at) => served[at]);
    const rest = served.filter((cell) => !best.includes(cell));
    return { input, best, rest, refused: own.length - served.length };
  });
}

/** Reads `x,y`. Throws OptionError where they are no two metrics. */
export function parseAxes(text: string): Axes {
  const names = text.split(",");
  if (names.length !== 2)
    throw new OptionError(`"${text}" names ${names.length} metrics; a front has two: x,y`);
  for (const name of names) checkMetric(name);
  return [names[0], names[1]];
}

/** Throws OptionError where there is no such figure. */
export function checkMetric(name: string): void {
  if (!FIGURE_NAMES.includes(name))
    throw new OptionError(`unknown metric "${name}"${known(name, FIGURE_NAMES)}`);
}

/** A share 0 .. 1 of the way from the least to the most of `all`; the middle where they are one. */
export function scaleOf(all: readonly number[]): (value: number) => number {
  const least = Math.min(...all);
  const most = Math.max(...all);
  return (value) => (most > least ? (value - least) / (most - least) : 0.5);
}
