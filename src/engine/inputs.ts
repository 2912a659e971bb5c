/** Where traces come from: a file, or a workload that is generated. */
import { known, OptionError } from "../options/options.ts";
import type { ReadOptions } from "../traces/read-trace.ts";
import type { Trace } from "../traces/trace.ts";
import { generateTrace, parseWorkload, WORKLOAD_PREFIX } from "../workloads/registry.ts";
import { checkReadable, readTraceFile } from "./files.ts";

export const isWorkload = (input: string): boolean => input.startsWith(WORKLOAD_PREFIX);

/** Throws what can be said against an input before it is read. */
export function checkInput(input: string): void {
  if (isWorkload(input)) parseWorkload(input);
  else checkReadable(input);
}

/** The trace of `input`; the seed is for workloads. */
export async function readInput(input: string, seed: number, options: ReadOptions = {}): Promise<Trace> {
  return isWorkload(input) ? generateTrace(input, seed) : readTraceFile(input, options);
}

/** The event that `--from` means: its number, or the start of the first phase of that name. */
export function eventAt(from: string, trace: Trace): number {
  if (/^\d+$/.test(from)) {
    if (Number(from) < trace.events || from === "0") return Number(from);
    throw new OptionError(`${trace.name}: there is no event ${from}; the last one is ${trace.events - 1}`);
  }
  const phase = trace.phases.find(({ name }) => name === from);
  if (phase) return phase.event;
  const names = [...new Set(trace.phases.map(({ name }) => name))];
  throw new OptionError(`${trace.name}: there is no phase "${from}"${known(from, names)}`);
}
