/** What programs and tests ask for: inputs x policies x heaps in one call, in the words of a configuration. */
import { gateCells, measure } from "./gate-cells.ts";
import { checkInput } from "./inputs.ts";
import type { Result } from "./result.ts";
import type { RunSettings } from "./run-cells.ts";

type OneOrMore = string | readonly string[];

export interface Request {
  /** Trace files from the working directory, and `workload:NAME[:key=value,...]`. */
  readonly inputs: OneOrMore;
  /** `NAME[:key=value,...]`, or files. */
  readonly policies: OneOrMore;
  /** Sizes, multiples of peak live bytes as in `1.5x`, or `grow`, which is the default. */
  readonly heap?: OneOrMore;
  /** For workloads. Default 1. */
  readonly seed?: number;
  /** The event or phase from which the metrics count. */
  readonly from?: string;
  readonly repeat?: number | "until-refused";
  /** Anomalies of foreign formats are errors. */
  readonly strict?: boolean;
}

/** Cells in the order asked for; each has the key by which a baseline in the working directory knows it. */
export async function replayAll(request: Request, settings: RunSettings = {}): Promise<Result> {
  const { inputs, policies, heap = "grow", seed = 1, strict = false, ...more } = request;
  const all = { inputs: listOf(inputs), policies: listOf(policies), heaps: listOf(heap) };
  for (const input of all.inputs) checkInput(input);
  const wanted = await gateCells({ file: "replayAll", folder: ".", ...all, seed, strict, ...more });
  return (await measure(wanted, settings)).result;
}

const listOf = (value: OneOrMore): readonly string[] => (typeof value === "string" ? [value] : value);
