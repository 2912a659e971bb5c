/**
 * Matchers for vitest: `import "heapscape/vitest"` in a test or a set-up file, and then
 *
 *     const result = await replayAll({ inputs: "day.trace", policies: "tlsf", heap: "1.5x" });
 *     expect(result).toRefuseNothing();
 *     expect(result).toStayBelow("externalFragmentation.max", 0.3);
 *     expect(result).toMatchHeapBaseline();
 *
 * Each holds for every cell of the result.
 */
import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { BASELINE_FILE } from "./engine/config-file.ts";
import { writeWhole } from "./engine/files.ts";
import { kept, measuredCell } from "./engine/gate-cells.ts";
import type { Cell, Failure, Result } from "./engine/result.ts";
import { type Baseline, formatBaseline, parseBaseline } from "./gate/baseline.ts";
import { judge } from "./gate/judge.ts";
import { Rules } from "./gate/rules.ts";
import { FIGURE_NAMES, type MetricValues } from "./metrics/metric.ts";
import { known } from "./options/options.ts";
import { placeOf } from "./report/figures.ts";
import { whyRefused } from "./report/text.ts";
import { counted } from "./report/verdict-sum.ts";

/** A result, one of its cells, or a replay of one's own. */
export type Measured = Result | Cell | { readonly metrics: MetricValues };

interface HeapMatchers {
  /** The metric of every cell is below `limit`. */
  toStayBelow(metric: string, limit: number): void;
  /** The metric of every cell is above `limit`. */
  toStayAbove(metric: string, limit: number): void;
  /** No cell refused a request. */
  toRefuseNothing(): void;
  /**
   * No figure of a cell is worse than in the baseline, which is `heapscape.baseline.json` where none is named. Cells that it
   * does not have are written to it as snapshots are: not in CI, and all of them with `vitest -u`. Cells that the
   * configuration of `heapscape check` does not have want a file of their own, and so does every test file that writes.
   */
  toMatchHeapBaseline(file?: string): void;
}

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: all declarations of an interface must have the same parameters
  interface Matchers<T = any> extends HeapMatchers {}
}

const VERSION: string = JSON.parse(readFileSync(`${import.meta.dirname}/../package.json`, "utf8")).version;

expect.extend({
  toStayBelow: (received: Measured, metric: string, limit: number) =>
    stays(received, metric, (value) => value < limit, `below ${limit}`),

  toStayAbove: (received: Measured, metric: string, limit: number) =>
    stays(received, metric, (value) => value > limit, `above ${limit}`),

  toRefuseNothing(received: Measured) {
    const { cells, faults } = cellsOf(received);
    for (const cell of cells) {
      const { refusals } = cell.metrics;
      if (refusals > 0)
        faults.push(`${nameOf(cell)} refused ${counted(refusals, "request")}. ${reasonOf(cell)}`.trim());
    }
    return outcome(faults, "no cell refused a request");
  },

  toMatchHeapBaseline(received: Result, file = BASELINE_FILE) {
    const state = this.snapshotState.snapshotUpdateState;
    const { cells, faults } = cellsOf(received);
    const found = new Map((cells as readonly Cell[]).map((cell) => [keyOf(cell), measuredCell(cell)]));
    const before: Baseline = existsSync(file)
      ? parseBaseline(readFileSync(file, "utf8"), file)
      : { version: VERSION, cells: new Map() };
    const rules = new Rules();
    const against = `${file} of Heapscape ${before.version}`;
    if (state !== "all") {
      const about = { cells: found, expected: before.cells, whole: false, rules, against };
      const { findings } = judge({ ...about, since: `since ${against}`, update: "vitest -u" });
      for (const { level, kind, message, command } of findings)
        if (level === "error" || (kind === "new" && state === "none"))
          faults.push(command === undefined ? message : `${message}: ${command}`);
    }
    if (faults.length === 0 && state !== "none") {
      const fresh = [...found].filter(([key]) => state === "all" || !before.cells.has(key));
      const after = new Map([
        ...before.cells,
        ...fresh.map(([key, cell]) => [key, kept(cell, rules)] as const),
      ]);
      const version = after.size > fresh.length ? before.version : VERSION; // that of the oldest cells
      const text = formatBaseline({ version, cells: after });
      if (fresh.length > 0) writeWhole(file, [text]);
    }
    return outcome(faults, `every cell is as in ${file}`);
  },
});

function stays(received: Measured, metric: string, holds: (value: number) => boolean, what: string) {
  const { cells, faults } = cellsOf(received);
  for (const cell of cells) {
    const value = cell.metrics[metric];
    if (value === undefined) throw new Error(`there is no metric "${metric}"${known(metric, FIGURE_NAMES)}`);
    if (!holds(value)) faults.push(`${metric} of ${nameOf(cell)} is ${value}, which is not ${what}`);
  }
  return outcome(faults, `${metric} of every cell is ${what}`);
}

/** A message where it is not as the test says: what is wrong, or with `not` what is so. */
const outcome = (faults: readonly string[], fine: string) => ({
  pass: faults.length === 0,
  message: () => (faults.length > 0 ? faults.join("\n") : fine),
});

type Figures = Cell | { readonly metrics: MetricValues };

/** What is to be looked at, and what is wrong before that: cells that did not end, or none at all. */
function cellsOf(received: Measured): { cells: readonly Figures[]; faults: string[] } {
  if ("metrics" in received) return { cells: [received], faults: [] };
  const { cells, failures } = received;
  if (cells.length === 0 && failures.length === 0) throw new Error("the result has no cells");
  return { cells, faults: failures.map(failed) };
}

const failed = ({ input, message }: Failure): string => `${input}: ${message}`;

const nameOf = (cell: Figures): string =>
  "called" in cell ? `${cell.input}: ${placeOf(cell.called, cell.heap)}` : "the replay";

const reasonOf = (cell: Figures): string => ("called" in cell ? (whyRefused(cell) ?? "") : "");

function keyOf({ key }: Cell): string {
  if (key === undefined)
    throw new Error("the result's cells have no keys: replay with replayAll of heapscape/node");
  return key;
}
