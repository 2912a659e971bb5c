import type { Command } from "commander";
import { MissingError, mergeFolders } from "../engine/sweep/merge.ts";
import { Store, writeSweep } from "../engine/sweep/store.ts";
import { exits } from "./exits.ts";
import { tellFailures } from "./failures.ts";
import { checkOutputs, outputsOf, REPORTER_HELP, writeOutputs } from "./outputs.ts";
import { collect } from "./parse.ts";

interface MergeOptions {
  readonly out?: string;
  readonly reporter?: string[];
}

export function mergeCommand(program: Command): void {
  program
    .command("merge")
    .description(
      "put the parts of a sweep together, that were done with --shard; any part may be there twice",
    )
    .argument("<folder...>", "what sweep -o wrote")
    .option("-o, --out <folder>", "the whole sweep, as if it had been done in one go")
    .option("--reporter <name>", REPORTER_HELP, collect)
    .action(merge);
}

function merge(folders: string[], options: MergeOptions): void {
  const outputs = outputsOf(options.reporter ?? ["text"]);
  try {
    const { plan, outcomes } = mergeFolders(folders);
    checkOutputs(outputs, [], plan.jobs, options.out === undefined ? folders : [...folders, options.out]);
    if (options.out !== undefined) writeSweep(options.out, plan, outcomes);
    const store = new Store();
    for (const outcome of outcomes.values()) store.add(outcome);
    const result = store.result(plan.jobs);
    writeOutputs(outputs, result);
    tellFailures(result);
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    process.stderr.write(`heapscape: ${error.message}\n`);
    process.exitCode = exits.incomplete;
  }
}
