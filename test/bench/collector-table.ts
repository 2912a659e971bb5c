/** Every registered collector on one trace: what its entry says of it, and what it was measured to cost. */
import { COLLECTORS } from "../../src/collectors/registry.ts";
import { heapBytes } from "../../src/options/heap.ts";
import { OptionError } from "../../src/options/options.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { PolicyError, replay } from "../../src/replay/replay.ts";
import { table } from "../../src/report/table.ts";
import type { Trace } from "../../src/traces/trace.ts";

/** Metrics, and what heads their columns. */
const MEASURED = {
  collections: "collections",
  touchedWords: "words touched",
  moves: "moves",
  movedBytes: "bytes moved",
  updatedReferences: "references updated",
  pauseMaxWords: "longest pause, words",
  extraMaxBytes: "extra, most bytes",
  refusals: "refused",
} as const;

const SAID = ["collector", "passes after marking", "extra space", "order"] as const;
export const TITLES: readonly string[] = [...SAID, ...Object.values(MEASURED)];
/** What the README has no room for. */
const LEFT_OUT: readonly string[] = [MEASURED.moves, MEASURED.updatedReferences, MEASURED.extraMaxBytes];
export const README_TITLES: readonly string[] = TITLES.filter((title) => !LEFT_OUT.includes(title));

/** A row of cells for each collector, under TITLES. What an entry does not say, or cannot be measured, is a dash. */
export function collectorRows(
  trace: Trace,
  heap: string,
  progress: (name: string) => void = () => {},
): { rows: string[][]; failures: string[] } {
  const failures: string[] = [];
  const rows = COLLECTORS.map(({ name, collecting }) => {
    progress(name);
    const { passes = "-", extra = "-", order = "-" } = collecting ?? {};
    const said = [name, passes, extra, order];
    try {
      const room = heapBytes(heap, trace.peakLiveBytes);
      const { metrics } = replay(trace, { ...choosePolicy(name), heap: room, record: false });
      return [...said, ...Object.keys(MEASURED).map((metric) => grouped(metrics[metric]))];
    } catch (error) {
      if (!(error instanceof OptionError || error instanceof PolicyError)) throw error;
      failures.push(`${name}: ${error.message}`);
      return [...said, ...Object.keys(MEASURED).map(() => "-")];
    }
  });
  return { rows, failures };
}

export function asText(rows: readonly (readonly string[])[]): string {
  const columns = TITLES.map((title, i) => ({ title, align: isFigure(i) ? "right" : "left" }) as const);
  return table(columns, rows).join("\n");
}

export function asMarkdown(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const shown = (row: readonly string[]) => row.filter((_, i) => !LEFT_OUT.includes(TITLES[i]));
  const named = rows.map(([name, ...rest]) => line(shown([`\`${name}\``, ...rest])));
  const rule = README_TITLES.map((_, i) => (isFigure(i) ? "--:" : "---")).join("|");
  return [line(README_TITLES), `|${rule}|`, ...named].join("\n");
}

const isFigure = (column: number): boolean => column >= SAID.length;

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
