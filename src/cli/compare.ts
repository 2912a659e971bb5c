import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Command } from "commander";
import { CONFIG_FILE, type Config, readConfig } from "../engine/config-file.ts";
import { readTextFile } from "../engine/files.ts";
import { type GateCell, gateCells } from "../engine/gate-cells.ts";
import { textAt } from "../engine/git.ts";
import { isWorkload } from "../engine/inputs.ts";
import { loadPolicy, policyFile } from "../engine/load-policy.ts";
import type { Result } from "../engine/result.ts";
import { BASELINE_SCHEMA, type BaselineCell, BaselineError, parseBaseline } from "../gate/baseline.ts";
import { cellKey, parseCellKey, word } from "../gate/cell-key.ts";
import { type Case, type FailedCell, judge, type MeasuredCell } from "../gate/judge.ts";
import { Rules } from "../gate/rules.ts";
import type { Verdict } from "../gate/verdict.ts";
import { RESULT_SCHEMA } from "../report/json.ts";
import { cellsOfResult, failuresOfResult, parseResult } from "../report/read-result.ts";
import { parseJson } from "../scenarios/located-json.ts";
import { exitOf, tell } from "./check.ts";
import { checkGateOutputs, measureAll, showCommand } from "./gate-run.ts";
import { checkOutputs, outputsOf, writeOutputs } from "./outputs.ts";
import { collect } from "./parse.ts";

interface CompareOptions {
  readonly config?: string;
  readonly reporter?: string[];
}

export function compareCommand(program: Command): void {
  program
    .command("compare")
    .description(
      "hold B against A by the configuration's rules; ends with 1 if a figure of B is worse. A and B are files (results " +
        "as JSON, or baselines), the same at git revisions (REV:FILE, or A..B for the baseline), or two policies, which " +
        "are replayed on the configuration's inputs",
    )
    .argument("<a>")
    .argument("[b]")
    .option("--config <file>", "as for check; files are compared without one too")
    .option("--reporter <name>", "NAME[=FILE]; may be repeated (default: text)", collect)
    .action(compare);
}

async function compare(a: string, b: string | undefined, options: CompareOptions): Promise<void> {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  const { before, after, folder } = await pair(a, b, options);
  if (folder === undefined && (await arePolicies(before, after))) {
    const config = await readConfig(options.config);
    checkGateOutputs(outputs, { ...config, policies: [...config.policies, before, after] }, [
      config.baseline,
    ]);
    const { of, result } = await policies(config, before, after);
    finish(judge(of), result, config);
    return;
  }
  const config =
    options.config !== undefined || existsSync(CONFIG_FILE) ? await readConfig(options.config) : undefined;
  const files = [before, after].filter(existsSync);
  if (config) checkGateOutputs(outputs, config, [...files, config.baseline]);
  else checkOutputs(outputs, files, []);
  const [was, is] = [await sideOf(before, folder), await sideOf(after, folder)];
  if (was.schema !== is.schema)
    throw new BaselineError(
      `${before} has the schema ${was.schema} and ${after} has ${is.schema}: take two of a kind`,
    );
  const byKey = new Map((config ? await gateCells(config) : []).map((cell) => [cell.key, cell]));
  const against = `${before} of Heapscape ${was.version}`;
  const of: Case = {
    ...{ cells: is.cells, expected: was.cells, whole: true, rules: config?.rules ?? new Rules() },
    ...{ against, since: `since ${against}` },
    ...(is.failed && { failed: is.failed }),
    show: (key, event) => shown(byKey.get(key), event),
  };
  finish(judge(of), { cells: [], failures: [] }, config);

  function finish(verdict: Verdict, result: Result, config: Config | undefined): void {
    writeOutputs(outputs, { ...result, verdict }, config?.folder);
    tell(outputs, verdict);
    process.exitCode = exitOf(verdict);
  }
}

const shown = (cell: GateCell | undefined, event: number): string | undefined =>
  cell && showCommand(cell, event);

interface Pair {
  readonly before: string;
  readonly after: string;
  /** Where git is to look. */
  readonly folder?: string;
}

/** `A..B` alone is the baseline at two revisions, of the repository that it is in. */
async function pair(a: string, b: string | undefined, { config }: CompareOptions): Promise<Pair> {
  if (b !== undefined) return { before: a, after: b };
  const revisions = /^(.*?)\.\.\.?(.*)$/.exec(a);
  if (!revisions)
    throw new Error(`${a} is to be compared with what? give a second one, or two revisions as in main..HEAD`);
  const { baseline } = await readConfig(config);
  const file = `./${basename(baseline)}`;
  const [, from, to] = revisions;
  return {
    before: `${from || "HEAD"}:${file}`,
    after: `${to || "HEAD"}:${file}`,
    folder: dirname(baseline),
  };
}

/** Both or none. Throws what is wrong with one that looks like a policy. */
async function arePolicies(a: string, b: string): Promise<boolean> {
  const file = (name: string): boolean =>
    existsSync(name)
      ? !policyFile(name) || name.endsWith(".json")
      : !policyFile(name) && /^[^:]+:.+\.json$/.test(name);
  if (file(a) && file(b)) return false;
  for (const name of [a, b])
    if (name.endsWith(".json") && !file(name)) throw new Error(`${name}: there is no such file`);
  for (const name of [a, b]) {
    if (file(name)) throw new Error(`${a} and ${b} are not alike: compare two files or two policies`);
    await loadPolicy(name);
  }
  return true;
}

interface ComparedSide {
  readonly schema: string;
  readonly version: string;
  readonly cells: ReadonlyMap<string, MeasuredCell>;
  readonly failed?: ReadonlyMap<string, FailedCell>;
}

/** A result or a baseline, from a file or from git. */
async function sideOf(name: string, folder?: string): Promise<ComparedSide> {
  const text = existsSync(name) ? await readTextFile(name) : await textAt(name, folder);
  if (parseJson(text, name).at(["schema"]) === RESULT_SCHEMA) {
    const document = parseResult(text, name);
    return {
      ...{ schema: RESULT_SCHEMA, version: document.version },
      ...{ cells: cellsOfResult(document, name), failed: failuresOfResult(document) },
    };
  }
  const { version, cells } = parseBaseline(text, name);
  const measured = [...cells].map(([key, cell]): [string, MeasuredCell] => [key, named(key, cell)]);
  return { schema: BASELINE_SCHEMA, version, cells: new Map(measured) };
}

/** A cell of a baseline has its input and policy in its key only. */
function named(key: string, cell: BaselineCell): MeasuredCell {
  const { input, policy = "" } = parseCellKey(key);
  return { ...cell, input, policy, events: Number.POSITIVE_INFINITY };
}

/** Both policies on all inputs of the configuration, under keys without a policy. */
async function policies(config: Config, a: string, b: string): Promise<{ of: Case; result: Result }> {
  const sides = [];
  for (const policy of [a, b]) {
    const cells = (await gateCells({ ...config, policies: [policy] })).map((cell): GateCell => {
      const { seed, from, repeat, heap } = cell.job;
      const generated = isWorkload(cell.input);
      const key = cellKey({
        ...{ input: cell.input, heap },
        ...(generated && { seed }),
        ...(from !== undefined && { from }),
        ...(repeat !== undefined && { repeat }),
      });
      return { ...cell, key, options: "" };
    });
    sides.push({ wanted: cells, measured: await measureAll(cells) });
  }
  const [was, is] = sides;
  const jobs = new Map(is.wanted.map(({ key, job }) => [key, job]));
  return {
    result: {
      cells: [...was.measured.result.cells, ...is.measured.result.cells],
      failures: [...was.measured.result.failures, ...is.measured.result.failures],
    },
    of: {
      cells: is.measured.cells,
      failed: new Map([...was.measured.failed, ...is.measured.failed]),
      expected: was.measured.cells,
      ...{ whole: true, rules: config.rules, against: a, since: `with ${b} instead of ${a}` },
      show: (key) => {
        const { input, heap, seed } = jobs.get(key)!;
        const more = isWorkload(input) ? ` --seed ${seed}` : "";
        return `heapscape bisect ${word(input)} -a ${word(a)} -a ${word(b)} --heap ${word(heap)}${more}`;
      },
    },
  };
}
