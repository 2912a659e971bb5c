#!/usr/bin/env node
/** The command line: one file a command. What goes wrong is one line on stderr; see LIBRARIES in the design for exits. */
import { Command, CommanderError } from "commander";
import { inlineMore } from "../engine/inline-more.ts";
import { baselineCommands } from "./baseline.ts";
import { bisectCommand } from "./bisect.ts";
import { checkCommand } from "./check.ts";
import { compareCommand } from "./compare.ts";
import { convertCommand } from "./convert.ts";
import { exits } from "./exits.ts";
import { fitCommand } from "./fit.ts";
import { leave } from "./leave.ts";
import { listCommand } from "./list.ts";
import { manifest } from "./manifest.ts";
import { mergeCommand } from "./merge.ts";
import { offsetsCommand } from "./offsets.ts";
import { recordCommand } from "./record.ts";
import { runCommand } from "./run.ts";
import { schemaCommand } from "./schema.ts";
import { serveCommand } from "./serve.ts";
import { sweepCommand } from "./sweep.ts";
import { validateCommand } from "./validate.ts";
import { workerCommand } from "./worker.ts";

const oneLine = (message: string): string => `heapscape: ${message.trim().replaceAll(/\s*\n\s*/g, " ")}\n`;

const program = new Command("heapscape")
  .description(manifest.description)
  .version(manifest.version)
  // commander ends a misuse with 1, which here means a regression; usage and IO are 2
  .exitOverride()
  .configureOutput({ outputError: (error, write) => write(oneLine(error.replace(/^error: /, ""))) });
for (const command of [
  runCommand,
  sweepCommand,
  mergeCommand,
  workerCommand,
  fitCommand,
  offsetsCommand,
  convertCommand,
  recordCommand,
  checkCommand,
  baselineCommands,
  compareCommand,
  bisectCommand,
  listCommand,
  validateCommand,
  schemaCommand,
  serveCommand,
])
  command(program);

/** Many short replays on all processors. */
const IN_THREADS = ["sweep", "worker"];
program.hook("preAction", (_, command) => {
  if (!IN_THREADS.includes(command.name())) inlineMore();
});

process.on("SIGINT", () => leave(exits.interrupted));
// A policy that throws in a callback of its own, or leaves a promise rejected: no replay could catch it.
process.on("uncaughtException", (error) => {
  process.stderr.write(oneLine(`something threw outside of every replay: ${error?.message ?? error}`));
  leave(exits.incomplete);
});
// `heapscape ... | head`: nobody reads any more, which is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  leave(error.code === "EPIPE" ? Number(process.exitCode ?? exits.fine) : exits.misuse);
});

try {
  await program.parseAsync();
} catch (error) {
  const told = error instanceof CommanderError;
  if (!told) process.stderr.write(oneLine((error as Error).message));
  process.exitCode = told && error.exitCode === 0 ? exits.fine : exits.misuse;
}
