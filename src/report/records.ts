/** A result as records, for data frames: a row for each cell, and for each that did not end; every metric is a column. */
import type { Cell, Failure, Result } from "../engine/result.ts";
import { METRICS } from "../metrics/metric.ts";

/** null where there is nothing to say. */
export type Value = string | number | null;

export interface RecordColumn {
  readonly name: string;
  /** Integers are exact up to 2^53. */
  readonly type: "text" | "integer" | "number";
}

export interface Records {
  readonly columns: readonly RecordColumn[];
  /** Each has a value for each column. */
  readonly rows: readonly (readonly Value[])[];
}

/** In the JSON's order; those that only some versions have are behind them. */
const METRIC_NAMES: readonly string[] = METRICS.flatMap(({ name, when }) =>
  when === "total" ? [name] : [name, `${name}.mean`, `${name}.max`, `${name}.last`],
);

interface Field extends RecordColumn {
  readonly of: (cell: Cell) => Value | undefined;
  readonly failed?: (failure: Failure) => Value;
}

const bytesOf = ({ heap }: Cell | Failure): Value => (typeof heap === "number" ? heap : null);

/** Names are those of the JSON; `called` is the policy with the options that are not at their defaults. */
const FIELDS: readonly Field[] = [
  { name: "input", type: "text", of: ({ input }) => input, failed: ({ input }) => input },
  { name: "traceHash", type: "text", of: ({ traceHash }) => traceHash },
  { name: "policy", type: "text", of: ({ policy }) => policy },
  { name: "called", type: "text", of: ({ called }) => called, failed: ({ policy }) => policy },
  { name: "options", type: "text", of: ({ options }) => JSON.stringify(options) },
  // null where it grows, or nobody could read the trace that it is a multiple of
  { name: "heap", type: "integer", of: bytesOf, failed: bytesOf },
  { name: "events", type: "integer", of: ({ events }) => events },
  { name: "rounds", type: "integer", of: ({ repeat }) => repeat?.rounds },
  { name: "refusedInRound", type: "integer", of: ({ repeat }) => repeat?.refusedInRound },
  { name: "from", type: "integer", of: ({ from }) => from },
  { name: "recordingHash", type: "text", of: ({ recordingHash }) => recordingHash },
  { name: "fidelity", type: "text", of: ({ fidelity }) => fidelity ?? "exact" },
  { name: "failure", type: "text", of: () => null, failed: ({ message }) => message },
];

export function recordsOf({ cells, failures }: Result): Records {
  const names = [...new Set([...METRIC_NAMES, ...cells.flatMap(({ metrics }) => Object.keys(metrics))])];
  const fields: readonly Field[] = [
    ...FIELDS,
    ...names.map((name): Field => ({ name, type: "number", of: ({ metrics }) => metrics[name] })),
  ];
  return {
    columns: fields.map(({ name, type }) => ({ name, type })),
    rows: [
      ...cells.map((cell) => fields.map(({ of }) => of(cell) ?? null)),
      ...failures.map((failure) => fields.map(({ failed }) => failed?.(failure) ?? null)),
    ],
  };
}
