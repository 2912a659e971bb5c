/** Feeds a packed trace piece by piece and measures CPU time of the process, all its threads, from event `from` on. */
import type { PackedTrace } from "./packed-trace.ts";

/** Small enough that a search of milliseconds ends near its budget, large enough that the clock costs nothing. */
const PIECE = 8192;

/** What a contender prints, in JSON. */
export type Measured =
  | { readonly ns: number; readonly events: number; readonly library?: string }
  | { readonly skipped: string };

/** Most CPU time for warming up, in ms: V8 is done with its compilers by then. */
const WARM_UP_MS = 1500;

/** Feeds the events of one replay, from its first on. */
export type Feed = (from: number, to: number) => void;

/**
 * `begin` makes a fresh heap. A first one warms the compilers up and is thrown away; the second is measured. Each part
 * ends with the trace or with `budgetMs` of CPU time; filling may take five times as much, and a contender that is not
 * through by then is skipped.
 */
export function measure(trace: PackedTrace, budgetMs: number, begin: () => Feed): Measured {
  const { events, filled, from } = trace;
  run(begin(), 0, events, Math.min(budgetMs, WARM_UP_MS));
  const feed = begin();
  const full = run(feed, 0, filled, 5 * budgetMs);
  if (full.at < filled) {
    const seconds = Math.round(full.us / 1e6);
    return { skipped: `${full.at} of the ${filled} events that fill the heap took ${seconds} s` };
  }
  const warm = run(feed, filled, from, budgetMs);
  const timed = run(feed, warm.at, events, budgetMs);
  return { ns: (timed.us * 1000) / (timed.at - warm.at), events: timed.at - warm.at };
}

/** Where it came to, and the CPU time that it took. */
function run(feed: Feed, start: number, end: number, budgetMs: number): { at: number; us: number } {
  const before = process.cpuUsage();
  let at = start;
  let us = 0;
  while (at < end && us < budgetMs * 1000) {
    const next = Math.min(at + PIECE, end);
    feed(at, next);
    at = next;
    const { user, system } = process.cpuUsage(before);
    us = user + system;
  }
  return { at, us };
}
