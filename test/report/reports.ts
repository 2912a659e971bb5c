/** Cells, findings and reports to write. */
import type { Cell } from "../../src/engine/result.ts";
import type { Finding } from "../../src/gate/verdict.ts";
import { METRICS } from "../../src/metrics/metric.ts";
import type { Report, ReportSettings } from "../../src/report/reporter.ts";

export const PLAIN: ReportSettings = { version: "1.2.3", paint: (_, text) => text };

const zeros = Object.fromEntries(
  METRICS.flatMap(({ name }) => [
    [name, 0],
    [`${name}.mean`, 0],
    [`${name}.max`, 0],
    [`${name}.last`, 0],
  ]),
);

export function cell(
  called: string,
  heap: Cell["heap"],
  metrics: Cell["metrics"],
  more: Partial<Cell> = {},
): Cell {
  return {
    input: "small.trace",
    traceHash: "0123456789abcdef",
    policy: called.split(":")[0],
    options: {},
    heap,
    events: 12_345,
    recordingHash: "0123456789abcdef",
    metrics: { ...zeros, peakLiveBytes: 2048, peakHeapBytes: 3000, ...metrics },
    called,
    ...more,
  };
}

/** Characters that some format takes for its own. */
export const NASTY = 'a,b "c"|<d>&%:\r\n`e`_*.trace';

export const worse: Finding = {
  level: "error",
  kind: "changed",
  cell: "small.trace -a first-fit --heap 4KiB",
  input: "small.trace",
  metric: "externalFragmentation.max",
  was: 0.25,
  is: 0.5,
  message: "externalFragmentation.max of first-fit went from 0.25 to 0.5",
  command: "heapscape serve small.trace",
};

export const better: Finding = {
  level: "improvement",
  kind: "changed",
  cell: "small.trace -a best-fit --heap grow",
  input: "small.trace",
  metric: "refusals",
  was: 3,
  is: 0,
  message: "refusals of best-fit went from 3 to 0",
  command: "heapscape baseline update",
};

export const gone: Finding = {
  level: "error",
  kind: "vanished",
  cell: "old.trace -a buddy --heap 1.5x",
  input: "old.trace",
  message: "the baseline has a cell that is not there any more",
};

/** A cell with an error, one with an improvement, one of which nothing is to be said, one that is gone. */
export const CHECKED: Report = {
  cells: [
    cell("first-fit", 4096, { "externalFragmentation.max": 0.5, refusals: 2 }, { key: worse.cell }),
    cell("best-fit", "grow", {}, { key: better.cell }),
    cell("tlsf", 4096, {}, { key: "small.trace -a tlsf --heap 4KiB" }),
  ],
  failures: [],
  verdict: {
    findings: [worse, gone, better],
    compared: 4,
    same: 1,
    against: "heapscape.baseline.json (version 1.2.2)",
  },
};

export const FAILED: Report = {
  cells: [],
  failures: [{ input: NASTY, policy: "./mine.ts", heap: 64, message: "mine: event 3: 50% <x>\nlost" }],
};

export const EMPTY: Report = { cells: [], failures: [] };
