import { existsSync } from "node:fs";
import type { Command } from "commander";
import { type Config, readConfig } from "../engine/config-file.ts";
import { readTextFile, writeWhole } from "../engine/files.ts";
import { kept } from "../engine/gate-cells.ts";
import { type Baseline, type BaselineCell, formatBaseline, looksLikeBaseline } from "../gate/baseline.ts";
import { difference } from "../gate/difference.ts";
import { wildcard } from "../gate/wildcard.ts";
import { table } from "../report/table.ts";
import { counted } from "../report/verdict-sum.ts";
import { readBaseline, withCells } from "./check.ts";
import { exits } from "./exits.ts";
import { cellsOf, checkGateOutputs, type GateOptions, measureAll } from "./gate-run.ts";
import { manifest } from "./manifest.ts";

export function baselineCommands(program: Command): void {
  const baseline = program
    .command("baseline")
    .description("what the figures were when they were last approved of");
  withCells(baseline.command("update"))
    .description("replay and write the baseline anew; prints what changed")
    .action(update);
  baseline
    .command("show")
    .description("print the baseline's figures")
    .argument("[cell]", "only cells whose key fits, * for any characters", "*")
    .option("--config <file>", "as for check")
    .action(show);
  baseline
    .command("prune")
    .description("take out the cells that the configuration no longer has; nothing is replayed")
    .option("--config <file>", "as for check")
    .action(prune);
}

/** A part that is updated leaves the other cells of the configuration as they were. */
async function update(options: GateOptions): Promise<void> {
  const config = await readConfig(options.config);
  checkGateOutputs([{ file: config.baseline }], config, []);
  const { wanted, whole } = await cellsOf(config, options);
  const before = await readable(config, whole);
  const { cells, failed } = await measureAll(wanted);
  for (const [key, { message }] of failed) process.stderr.write(`heapscape: ${key}: ${message}\n`);
  if (failed.size > 0) {
    process.stderr.write(`heapscape: ${config.baseline} is left as it was\n`);
    process.exitCode = exits.incomplete;
    return;
  }
  const measured = [...cells].map(([key, cell]): [string, BaselineCell] => [key, kept(cell, config.rules)]);
  const after = new Map([...(whole ? [] : (before?.cells ?? [])), ...measured]);
  const left = after.size - measured.length;
  if (!before || left === 0 || before.version === manifest.version) return write(config, before, after);
  process.stderr.write(
    `heapscape: ${counted(left, "cell")} in ${config.baseline} stay as Heapscape ${before.version} measured them, so it keeps that version\n`,
  );
  write(config, before, after, before.version);
}

/** A baseline that cannot be read is replaced, unless there are cells in it that are to stay; any other file is not. */
async function readable(config: Config, whole: boolean): Promise<Baseline | undefined> {
  if (!existsSync(config.baseline)) return undefined;
  try {
    return await readBaseline(config);
  } catch (error) {
    if (!whole || !looksLikeBaseline(await readTextFile(config.baseline))) throw error;
    process.stderr.write(`heapscape: ${(error as Error).message}\n`);
    return undefined;
  }
}

async function prune({ config: file }: GateOptions): Promise<void> {
  const config = await readConfig(file);
  checkGateOutputs([{ file: config.baseline }], config, []);
  const { all } = await cellsOf(config, {});
  const before = await readBaseline(config);
  const keys = new Set(all.map(({ key }) => key));
  write(config, before, new Map([...before.cells].filter(([key]) => keys.has(key))), before.version);
}

async function show(pattern: string, { config: file }: GateOptions): Promise<void> {
  const config = await readConfig(file);
  const { version, cells } = await readBaseline(config);
  const shown = [...cells].filter(([key]) => wildcard(pattern)(key));
  process.stdout.write(
    `${config.baseline} of Heapscape ${version}, ${shown.length} of ${cells.size} cells\n`,
  );
  for (const [key, { metrics, trace, recording }] of shown) {
    const rows = Object.entries(metrics).map(([figure, value]) => [`  ${figure}`, String(value)]);
    const [, ...lines] = table(
      [
        { title: "", align: "left" },
        { title: "", align: "right" },
      ],
      rows,
    );
    process.stdout.write(`\n${key}  (trace ${trace}, recording ${recording})\n${lines.join("\n")}\n`);
  }
}

/** Whole or not at all, and only if there is something to write. */
function write(
  config: Config,
  before: Baseline | undefined,
  cells: ReadonlyMap<string, BaselineCell>,
  version = manifest.version,
): void {
  const after: Baseline = { version, cells };
  const text = formatBaseline(after);
  const lines = difference(before, after);
  if (before && formatBaseline(before) === text) {
    process.stdout.write(`${config.baseline} is as it was: ${cells.size} cells\n`);
    return;
  }
  writeWhole(config.baseline, [text]);
  process.stdout.write(
    `${lines.map((line) => `${line}\n`).join("")}wrote ${config.baseline}: ${cells.size} cells\n`,
  );
}
