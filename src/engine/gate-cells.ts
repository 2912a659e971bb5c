/** The cells of a gate: which there are, and what each comes to. */
import type { BaselineCell } from "../gate/baseline.ts";
import { cellKey } from "../gate/cell-key.ts";
import type { FailedCell, MeasuredCell } from "../gate/judge.ts";
import { parameterHash } from "../gate/parameters.ts";
import type { Rules } from "../gate/rules.ts";
import { wildcard } from "../gate/wildcard.ts";
import { formatOptions, known, OptionError } from "../options/options.ts";
import { formatChoice } from "../replay/policies.ts";
import { type Config, pathIn } from "./config-file.ts";
import { isWorkload } from "./inputs.ts";
import { loadPolicy, policyFile } from "./load-policy.ts";
import type { Cell, Failure, Result } from "./result.ts";
import { cells, type Job, type RunSettings, runCells } from "./run-cells.ts";

/** A cell that is to be measured. */
export interface GateCell {
  readonly key: string;
  /** As the key has them. */
  readonly input: string;
  readonly policy: string;
  /** Options that are not at their default. */
  readonly options: string;
  readonly job: Job;
}

/** What of a configuration says which cells there are. */
export type WhatToRun = Omit<Config, "layers" | "rules" | "baseline">;

/** A part of a configuration. */
export interface Selection {
  /** Policies as the configuration or a key has them, * for any characters. */
  readonly policies?: readonly string[];
  /** Inputs, the same. */
  readonly inputs?: readonly string[];
}

/** All of them, in the order of the configuration. Throws where two would have the same key. */
export async function gateCells(config: WhatToRun): Promise<GateCell[]> {
  const { inputs, policies, heaps, seed, from, repeat, strict } = config;
  const all = new Map<string, GateCell>();
  for (const job of cells(inputs, policies, heaps, seed)) {
    const { policy, options } = await nameOf(config, job.policy);
    const generated = isWorkload(job.input);
    const input = generated ? job.input : pathIn(config, job.input);
    const key = cellKey({
      ...{ input, policy, heap: job.heap },
      ...(generated && { seed }),
      ...(from !== undefined && { from }),
      ...(repeat !== undefined && { repeat }),
    });
    if (all.has(key)) throw new OptionError(`${config.file}: two cells are the same: ${key}`);
    const more = { ...(from !== undefined && { from }), ...(repeat !== undefined && { repeat }), strict };
    all.set(key, { key, input, policy, options, job: { ...job, ...more, ladder: true } });
  }
  return [...all.values()];
}

/** Those that are selected. Throws where a pattern selects nothing. */
export function select(all: readonly GateCell[], { policies, inputs }: Selection): GateCell[] {
  const some = (
    patterns: readonly string[] | undefined,
    what: string,
    names: (cell: GateCell) => readonly string[],
  ) => {
    for (const pattern of patterns ?? []) {
      if (all.some((cell) => names(cell).some(wildcard(pattern)))) continue;
      const there = [...new Set(all.map((cell) => names(cell)[0]))];
      throw new OptionError(`the configuration has no ${what} "${pattern}"${known(pattern, there)}`);
    }
    return (cell: GateCell) => !patterns || patterns.some((pattern) => names(cell).some(wildcard(pattern)));
  };
  const ofPolicy = some(policies, "policy", ({ policy, job }) => [policy, job.policy]);
  const ofInput = some(inputs, "input", ({ input, job }) => [input, job.input]);
  return all.filter((cell) => ofPolicy(cell) && ofInput(cell));
}

/** A policy as keys have it: by its registry name or its file, and the options that are not at their default. */
async function nameOf(config: WhatToRun, call: string): Promise<{ policy: string; options: string }> {
  const choice = await loadPolicy(call);
  const options = formatOptions(choice.policy.options, choice.options);
  const named = policyFile(call);
  if (!named) return { policy: formatChoice(choice), options };
  const file = pathIn(config, named.file);
  return { policy: options ? `${file}:${options}` : file, options };
}

export interface Measured {
  readonly result: Result;
  readonly cells: ReadonlyMap<string, MeasuredCell>;
  readonly failed: ReadonlyMap<string, FailedCell>;
}

/** Replays them all. */
export async function measure(wanted: readonly GateCell[], settings: RunSettings): Promise<Measured> {
  const of = new Map<Cell | Failure, GateCell>();
  const jobs = wanted.map(({ job }) => job);
  const { cells, failures } = await runCells(jobs, {
    ...settings,
    ended: (index, outcome) => {
      settings.ended?.(index, outcome);
      of.set(outcome, wanted[index]);
    },
  });
  const result = {
    cells: cells.map((cell): Cell => {
      const { key, ...asked } = of.get(cell)!;
      return { ...cell, key, parameters: parametersOf(cell, asked) };
    }),
    failures: failures.map((failure): Failure => ({ ...failure, key: of.get(failure)!.key })),
  };
  const failed = failures.map((failure): [string, FailedCell] => {
    const { key, input } = of.get(failure)!;
    return [key, { input, message: failure.message }];
  });
  const measured = cells.map((cell, i): [string, MeasuredCell] => {
    const { key, input, policy } = of.get(cell)!;
    return [key, { ...measuredCell(result.cells[i]), input, policy }];
  });
  return { result, cells: new Map(measured), failed: new Map(failed) };
}

function parametersOf({ heap, from }: Cell, { input, options, job }: Omit<GateCell, "key">): string {
  return parameterHash({
    ...{ heap, options },
    ...(isWorkload(input) && { seed: job.seed }),
    ...(from !== undefined && { from }),
    ...(job.repeat !== undefined && { repeat: job.repeat }),
  });
}

/** A cell of a result that `measure` gave, as it is judged. */
export function measuredCell(cell: Cell): MeasuredCell {
  const { input, called, events, metrics, traceHash, recordingHash, parameters = "", ladder = "" } = cell;
  const hashes = { trace: traceHash, recording: recordingHash, parameters, ladder };
  return { input, policy: called, events, metrics, ...hashes };
}

/** What a baseline keeps of a cell. */
export function kept(
  { metrics, trace, parameters, recording, ladder }: MeasuredCell,
  rules: Rules,
): BaselineCell {
  const held = Object.entries(metrics).filter(([figure]) => rules.holds(figure));
  return { metrics: Object.fromEntries(held), trace, parameters, recording, ladder };
}
