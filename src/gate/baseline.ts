/**
 * A baseline: what each cell came to when its figures were last approved of. JSON that is committed, sorted by key, one
 * line a cell, so that a review shows which cells changed.
 */
import * as z from "zod/mini";
import { firstIssue } from "../scenarios/first-issue.ts";
import { parseJson } from "../scenarios/located-json.ts";

/** Goes up when a reader of the one before would misread it. */
export const BASELINE_SCHEMA = "heapscape-baseline-1";

const hash = (description: string) => z.string().check(z.regex(/^[0-9a-f]{16}$/), z.describe(description));

const CELL = z.strictObject({
  metrics: z
    .record(z.string(), z.number())
    .check(z.describe("The figures that are held, by name; `heapscape list metrics` says what each is.")),
  trace: hash("Over the requests."),
  parameters: hash(
    "Over the heap's bytes, the seed, the options that were given, and what of the trace counts.",
  ),
  recording: hash("Over everything that happened to blocks."),
  ladder: z
    .string()
    .check(
      z.regex(/^([\w-]{3})*$/),
      z.describe("Beginnings of that hash, at growing distances: they tell about where two replays part."),
    ),
});

const BASELINE = z.strictObject({
  schema: z.literal(BASELINE_SCHEMA),
  tool: z.literal("heapscape"),
  version: z
    .string()
    .check(z.regex(/^[ -~]{1,100}$/), z.describe("The version that wrote it: one line of ASCII.")),
  cells: z
    .record(z.string(), CELL)
    .check(z.describe("By key: what follows `heapscape run` to replay the cell.")),
});

export type BaselineCell = z.infer<typeof CELL>;

export interface Baseline {
  /** Of Heapscape. */
  readonly version: string;
  readonly cells: ReadonlyMap<string, BaselineCell>;
}

/** A baseline that cannot be read, or not be compared with: one sentence with the file and what to do. */
export class BaselineError extends Error {
  override readonly name = "BaselineError";
}

/** Throws BaselineError or JsonError. */
export function parseBaseline(source: string, file: string): Baseline {
  const json = parseJson(source, file);
  const schema = json.at(["schema"]);
  if (typeof schema === "string" && schema !== BASELINE_SCHEMA)
    throw new BaselineError(
      json.describe(
        ["schema"],
        `it has the schema "${schema}" and this Heapscape reads "${BASELINE_SCHEMA}"; write it anew with heapscape baseline update`,
      ),
    );
  const result = BASELINE.safeParse(json.value);
  if (!result.success) throw new BaselineError(firstIssue(result.error.issues, baselineSchema(), json));
  const { version, cells } = result.data;
  return { version, cells: new Map(Object.entries(cells)) };
}

/** Whether it is a baseline, though perhaps of another version, or one that a merge has left in conflict. */
export function looksLikeBaseline(source: string): boolean {
  try {
    const { schema, tool } = JSON.parse(source);
    return tool === "heapscape" && /^heapscape-baseline-\d+$/.test(schema);
  } catch {
    return (
      /^\s*(<{7}.*\s*)?\{/.test(source) && /"schema":\s*"heapscape-baseline-\d+"/.test(source.slice(0, HEAD))
    );
  }
}

/** Characters in which a baseline says that it is one, also where both sides of a conflict do. */
const HEAD = 1000;

/** Equal baselines are equal texts. */
export function formatBaseline({ version, cells }: Baseline): string {
  const keys = [...cells.keys()].sort();
  const lines = keys.map((key) => `    ${JSON.stringify(key)}: ${cellLine(cells.get(key) as BaselineCell)}`);
  const head = [
    `  "schema": "${BASELINE_SCHEMA}"`,
    `  "tool": "heapscape"`,
    `  "version": ${JSON.stringify(version)}`,
  ];
  const body = lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
  return `{\n${head.join(",\n")},\n  "cells": ${body}\n}\n`;
}

function cellLine({ metrics, trace, parameters, recording, ladder }: BaselineCell): string {
  const sorted = Object.fromEntries(Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({ metrics: sorted, trace, parameters, recording, ladder });
}

/** JSON Schema (draft 2020-12) of a baseline. */
export function baselineSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(BASELINE), title: "Heapscape baseline" };
}
