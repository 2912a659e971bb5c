/** How the live bytes of a derived trace follow recorded ones over time. */
import type { Trace } from "../../../src/traces/trace.ts";
import { isBirth, Op } from "../../../src/traces/trace.ts";

/** Mean over time and maximum of the live bytes, in one part of the time. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly mean: number;
  readonly most: number;
}

/** Of both, all from the start on, and the load alone: what is above the first part's mean. */
export interface Fit {
  /** Derived over recorded peak. */
  readonly peak: number;
  /** Mean error over time, as a share of the recorded peak. */
  readonly error: number;
  readonly loadPeak: number;
  readonly loadError: number;
}

export function readParts(tsv: string): Part[] {
  const lines = tsv.trim().split("\n").slice(1);
  return lines.map((line) => {
    const [from, to, mean, most] = line.split("\t").map(Number);
    return { from, to, mean, most };
  });
}

export function fitOf(trace: Trace, recorded: readonly Part[]): Fit {
  const derived = partsOf(trace, recorded);
  const most = (parts: readonly Part[]) => Math.max(...parts.map((part) => part.most));
  const error = (from: number, against: number) =>
    recorded.reduce((sum, part, i) => sum + Math.abs(derived[i].mean - from - (part.mean - against)), 0) /
    recorded.length;
  const [startDerived, startRecorded] = [derived[0].mean, recorded[0].mean];
  const load = most(recorded) - startRecorded;
  return {
    peak: most(derived) / most(recorded),
    error: error(0, 0) / most(recorded),
    loadPeak: (most(derived) - startDerived) / load,
    loadError: error(startDerived, startRecorded) / load,
  };
}

/** The same parts of the time of a trace that has times. */
function partsOf(trace: Trace, times: readonly Part[]): Part[] {
  const parts: Part[] = [];
  const bytes = new Float64Array(trace.rows);
  let live = 0;
  let part = 0;
  let at = times[0].from;
  let area = 0;
  let most = 0;
  const advance = (time: number) => {
    while (part < times.length && time >= times[part].to) {
      area += live * (times[part].to - at);
      parts.push({ ...times[part], mean: area / (times[part].to - times[part].from), most });
      at = times[part++].to;
      area = 0;
      most = live;
    }
    if (time > at) area += live * (time - at);
    at = Math.max(at, time);
  };
  for (const { events, op, row, bytes: asked, recorded } of trace.chunks)
    for (let i = 0; i < events; i++) {
      advance(recorded!.time[i] / 1000);
      const now = isBirth(op[i]) || op[i] === Op.reallocate ? asked[i] : 0;
      live += now - (isBirth(op[i]) ? 0 : bytes[row[i]]);
      bytes[row[i]] = now;
      most = Math.max(most, live);
    }
  advance(Number.POSITIVE_INFINITY);
  return parts;
}
