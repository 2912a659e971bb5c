/** What check, baseline and compare share: options, progress, and the commands that they name. */
import { CONFIG_FILE, type Config } from "../engine/config-file.ts";
import {
  type GateCell,
  gateCells,
  type Measured,
  measure,
  type Selection,
  select,
} from "../engine/gate-cells.ts";
import { isWorkload } from "../engine/inputs.ts";
import { policyFile } from "../engine/load-policy.ts";
import { word } from "../gate/cell-key.ts";
import { checkOutputs, type Output } from "./outputs.ts";
import { progressLine } from "./progress.ts";
import { fidelityOf } from "./reading.ts";

export interface GateOptions {
  readonly config?: string;
  readonly policy?: string[];
  readonly only?: string[];
}

/** All cells of a configuration, and those of them that are asked for. */
export interface Cells {
  readonly all: readonly GateCell[];
  readonly wanted: readonly GateCell[];
  /** All are asked for. */
  readonly whole: boolean;
}

export async function cellsOf(config: Config, { policy, only }: GateOptions): Promise<Cells> {
  const all = await gateCells(config);
  const selection: Selection = { ...(policy && { policies: policy }), ...(only && { inputs: only }) };
  return { all, wanted: select(all, selection), whole: policy === undefined && only === undefined };
}

/** As checkOutputs does: nothing may land on what a configuration is made of and names, nor on `files`. */
export function checkGateOutputs(
  outputs: readonly Pick<Output, "file">[],
  { layers, inputs, policies }: Config,
  files: readonly string[],
): void {
  const [input] = layers;
  checkOutputs(
    outputs,
    [...layers, ...files, ...inputs],
    policies.map((policy) => ({ input, policy })),
  );
}

export async function measureAll(wanted: readonly GateCell[], history = false): Promise<Measured> {
  const progress = progressLine();
  const measured = await measure(wanted, {
    history,
    progress: (i, share) => {
      progress.show(`${i + 1}/${wanted.length} ${Math.floor(100 * share)}% ${wanted[i].key}`);
    },
    opened: (trace) => {
      if (trace.anomalies.length === 0) return;
      progress.clear();
      process.stderr.write(fidelityOf(trace));
    },
  });
  progress.clear();
  return measured;
}

/** `heapscape baseline update`, for this configuration. */
export const baselineCommand = (act: string, { file }: Config): string =>
  `heapscape baseline ${act}${file === CONFIG_FILE ? "" : ` --config ${word(file)}`}`;

/**
 * The command that shows a cell with event `event` done: in the page, or as text where the page cannot have it, which is
 * where the policy is a file. Of a trace that is repeated both show the first round.
 */
export function showCommand({ job }: GateCell, event: number): string {
  const { input, policy, heap, seed } = job;
  const parts = [
    policyFile(policy) ? "bisect" : "serve",
    word(input),
    "-a",
    word(policy),
    "--heap",
    word(heap),
  ];
  if (isWorkload(input)) parts.push("--seed", String(seed));
  return `heapscape ${parts.join(" ")} --event ${event}`;
}
