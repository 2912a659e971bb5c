#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { serveCommand } from "./serve.ts";

const manifest = JSON.parse(readFileSync(`${import.meta.dirname}/../../package.json`, "utf8"));

const program = new Command("heapscape")
  .description(manifest.description)
  .version(manifest.version)
  .showHelpAfterError()
  .exitOverride(); // commander ends a misuse with 1, which here means a regression; usage and IO are 2
serveCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`heapscape: ${(error as Error).message}\n`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
}
