/** A result from the JSON that the json reporter wrote, as a gate compares it. */
import { type BaselineCell, BaselineError } from "../gate/baseline.ts";
import { cellKey } from "../gate/cell-key.ts";
import type { FailedCell, MeasuredCell } from "../gate/judge.ts";
import { parameterHash } from "../gate/parameters.ts";
import { formatOptions, type Options } from "../options/options.ts";
import { choosePolicy, formatChoice, POLICIES } from "../replay/policies.ts";
import { firstIssue } from "../scenarios/first-issue.ts";
import { parseJson } from "../scenarios/located-json.ts";
import { RESULT, RESULT_SCHEMA, type ResultDocument, resultSchema } from "./json.ts";

/** Throws BaselineError or JsonError. */
export function parseResult(source: string, file: string): ResultDocument {
  const json = parseJson(source, file);
  const schema = json.at(["schema"]);
  if (schema !== RESULT_SCHEMA)
    throw new BaselineError(
      json.describe(
        ["schema"],
        `it has the schema ${JSON.stringify(schema)}, and a result has "${RESULT_SCHEMA}"`,
      ),
    );
  const result = RESULT.safeParse(json.value);
  if (!result.success) throw new BaselineError(firstIssue(result.error.issues, resultSchema(), json));
  return result.data;
}

/** By key; a result does not tell a workload's seed, so its keys have none. Throws where two are the same. */
export function cellsOfResult({ cells }: ResultDocument, file: string): Map<string, MeasuredCell> {
  const found = new Map<string, MeasuredCell>();
  for (const cell of cells) {
    const { input, heap, from, events, metrics } = cell;
    const repeat = cell.repeat && (cell.repeat.untilRefused ? "until-refused" : cell.repeat.rounds);
    const options = given(cell);
    const policy = options ? `${cell.policy}:${options}` : cell.policy;
    const key = cellKey({
      input,
      policy,
      heap: String(heap),
      ...(from !== undefined && { from: String(from) }),
      ...(repeat !== undefined && { repeat }),
    });
    if (found.has(key)) throw new BaselineError(`${file}: two of its cells are the same: ${key}`);
    const kept: BaselineCell = {
      metrics,
      trace: cell.traceHash,
      parameters: parameterHash({
        ...{ heap, options },
        ...(from !== undefined && { from }),
        ...(repeat !== undefined && { repeat }),
      }),
      recording: cell.recordingHash,
      ladder: "",
    };
    found.set(key, { input, policy, events, ...kept });
  }
  return found;
}

/** By key, without what a failure does not tell: the seed, and from where and how often. */
export const failuresOfResult = ({ failures = [] }: ResultDocument): Map<string, FailedCell> =>
  new Map(
    failures.map(({ input, policy, heap, message }) => [
      cellKey({ input, policy: shortest(policy), heap: String(heap) }),
      { input, message },
    ]),
  );

/** A policy that was asked for, as cells name it; one that is none of ours as it is. */
function shortest(policy: string): string {
  try {
    return formatChoice(choosePolicy(policy));
  } catch {
    return policy;
  }
}

/** Options that are not at their default; of a policy that is none of ours, all. */
function given({ policy, options }: ResultDocument["cells"][number]): string {
  const known = POLICIES.find(({ name }) => name === policy);
  if (known) return formatOptions(known.options, options as Options);
  return Object.entries(options)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
