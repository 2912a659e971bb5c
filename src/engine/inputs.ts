/** Where traces come from: a file, or a workload that is generated. */
import { statSync } from "node:fs";
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

/** Bytes of a file from which on its trace is not held in memory, where it need not be. */
const LONG = 32 * 1024 * 1024;

/** Whether `input` is a file whose trace should be replayed as it is read: in memory it takes some ten times as much. */
export const isLong = (input: string): boolean =>
  !isWorkload(input) && (statSync(input, { throwIfNoEntry: false })?.size ?? 0) > LONG;

/** What there is to say of a file's trace, by a first pass over it that keeps no events. */
export const surveyInput = (input: string, _seed: number, options: ReadOptions = {}): Promise<Trace> =>
  readTraceFile(input, { ...options, chunk: () => {}, passing: true });

export const isSurvey = ({ events, chunks }: Trace): boolean => events > 0 && chunks.length === 0;

/** The event that `--from` means: its number in so many rounds, or the start of the first phase of that name. */
export function eventAt(from: string, trace: Trace, rounds = 1): number {
  if (/^\d+$/.test(from)) {
    const events = trace.events * rounds;
    if (Number(from) < events || from === "0") return Number(from);
    throw new OptionError(`there is no event ${from}; the last one is ${events - 1}`);
  }
  const phase = trace.phases.find(({ name }) => name === from);
  if (phase) return phase.event;
  const names = [...new Set(trace.phases.map(({ name }) => name))];
  throw new OptionError(`there is no phase "${from}"${known(from, names)}`);
}
