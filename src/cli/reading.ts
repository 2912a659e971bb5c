/** What the commands that read traces share: how strictly, how much at most, and what is said of one. */
import type { Command } from "commander";
import type { Trace } from "../traces/trace.ts";
import { MOST_UNPACKED } from "../traces/unpack/unpack.ts";
import { parseMaxBytes } from "./parse.ts";

export interface ReadingOptions {
  readonly strict?: true;
  readonly maxBytes?: number;
}

/** Adds the options. */
export const withReading = (command: Command): Command =>
  command
    .option("--strict", "what is odd in a foreign format is an error")
    .option(
      "--max-bytes <size>",
      `most bytes that may come out of a packed file (default: ${MOST_UNPACKED / 2 ** 30}GiB)`,
      parseMaxBytes,
    );

/** How far the trace is what the program did, and what was odd. */
export function fidelityOf({ name, events, objects, fidelity, anomalies }: Trace): string {
  const lines = anomalies.map(({ kind, count }) => `  ${count} x ${kind}\n`);
  const odd = anomalies.length === 0 ? "no anomalies" : "with anomalies:";
  return `${name}: ${events} events, ${objects} objects, fidelity ${fidelity}, ${odd}\n${lines.join("")}`;
}
