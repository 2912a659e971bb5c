import { existsSync } from "node:fs";
import type { Command } from "commander";
import { type Config, readConfig } from "../engine/config-file.ts";
import { readTextFile } from "../engine/files.ts";
import { type Baseline, BaselineError, parseBaseline } from "../gate/baseline.ts";
import { judge } from "../gate/judge.ts";
import { ruleInWords } from "../gate/rules.ts";
import type { Level, Verdict } from "../gate/verdict.ts";
import { exits } from "./exits.ts";
import {
  baselineCommand,
  cellsOf,
  checkGateOutputs,
  type GateOptions,
  measureAll,
  showCommand,
} from "./gate-run.ts";
import { type Output, outputsOf, REPORTER_HELP, wantHistory, writeOutputs } from "./outputs.ts";
import { collect } from "./parse.ts";

interface CheckOptions extends GateOptions {
  readonly reporter?: string[];
}

/** Adds the options that choose cells. */
export const withCells = (command: Command): Command =>
  command
    .option("--config <file>", "default: heapscape.config.json, or the key heapscape of package.json")
    .option(
      "-a, --policy <policy>",
      "only this one of the policies, * for any characters; may be repeated",
      collect,
    )
    .option("--only <input>", "only this one of the inputs, * for any characters; may be repeated", collect);

export function checkCommand(program: Command): void {
  withCells(program.command("check"))
    .description(
      "replay what the configuration names and compare with the baseline; ends with 1 if a figure got worse",
    )
    .option("--reporter <name>", REPORTER_HELP, collect)
    .action(check);
}

async function check(options: CheckOptions): Promise<void> {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  const config = await readConfig(options.config);
  const { wanted, whole } = await cellsOf(config, options);
  checkGateOutputs(outputs, config, [config.baseline]);
  const { version, cells: expected } = await readBaseline(config);
  const { result, cells, failed } = await measureAll(wanted, wantHistory(outputs));
  const byKey = new Map(wanted.map((cell) => [cell.key, cell]));
  const against = `${config.baseline} of Heapscape ${version}`;
  const verdict = judge({
    ...{ cells, failed, expected, whole, rules: config.rules, against },
    since: `since ${against}`,
    update: baselineCommand("update", config),
    prune: baselineCommand("prune", config),
    show: (key, event) => showCommand(byKey.get(key)!, event),
  });
  if (whole)
    for (const rule of config.rules.idle([...cells.values()]))
      process.stderr.write(`heapscape: ${ruleInWords(rule)} is for no cell of ${config.file}\n`);
  writeOutputs(outputs, { ...result, verdict }, config.folder);
  tell(outputs, verdict);
  process.exitCode = exitOf(verdict);
  if (verdict.compared > 0 || cells.size === 0 || expected.size === 0 || failed.size > 0) return;
  process.stderr.write(`heapscape: nothing was compared: no cell that was replayed is in ${against}\n`);
  process.exitCode = exits.misuse;
}

/** Throws BaselineError where there is none. */
export async function readBaseline(config: Config): Promise<Baseline> {
  const { baseline } = config;
  if (!existsSync(baseline))
    throw new BaselineError(
      `there is no baseline ${baseline}; write it with: ${baselineCommand("update", config)}`,
    );
  return parseBaseline(await readTextFile(baseline), baseline);
}

/** A line on stderr for each finding, errors first; and one for all. Not where a reporter says so already. */
export function tell(outputs: readonly Output[], { findings, compared, same, against }: Verdict): void {
  const said = ({ reporter, file }: Output) =>
    file === undefined && (reporter.name === "text" || reporter.name === "github");
  if (outputs.some(said)) return;
  for (const { level, message, command } of findings)
    process.stderr.write(`heapscape: ${level}: ${message}${command ? `: ${command}` : ""}\n`);
  const count = (level: Level): string => {
    const n = findings.filter((finding) => finding.level === level).length;
    return `${n} ${level}${n === 1 ? "" : "s"}`;
  };
  const counts = `${count("error")}, ${count("warning")}, ${count("improvement")}`;
  process.stderr.write(`heapscape: ${same} of ${compared} cells are as in ${against}; ${counts}\n`);
}

/** What did not end is said before what got worse: a part is missing. */
export function exitOf({ findings }: Verdict): number {
  if (findings.some(({ kind }) => kind === "failed")) return exits.incomplete;
  return findings.some(({ level }) => level === "error") ? exits.regression : exits.fine;
}
