/**
 * The result as a Chrome trace, which opens in Perfetto (ui.perfetto.dev) and chrome://tracing: a process for each
 * cell, a counter for each metric that has a value at every event, a slice for each collection.
 *
 * A replay has no times: the axis is events, one of them a microsecond. Event 5 lies between 5 and 6 µs, and its figures
 * hold from 6 µs on. After the Trace Event Format (Chromium's document of that name) as Perfetto reads it.
 */
import type { Cell, History } from "../engine/result.ts";
import { METRICS } from "../metrics/metric.ts";
import type { SeriesData } from "../metrics/series.ts";
import type { Collection } from "../replay/recorder.ts";
import { placeOf } from "./figures.ts";
import { KINDS } from "./offsets.ts";
import type { Reporter } from "./reporter.ts";

export const chromeTrace: Reporter<string> = {
  name: "chrome-trace",
  summary: "for Perfetto: counters and collections over the events",
  history: true,
  write({ cells, failures }, { version }) {
    const events = cells.flatMap((cell, index) => eventsOf(cell, index + 1));
    const otherData = {
      tool: "heapscape",
      version,
      timeAxis: "events of the trace: one is 1 µs; a replay has no times",
      counters:
        "of a span of events, the lowest and the highest value, the one nearer to what came before first",
      ...(cells.some(leavesOut) && {
        collections: `of each cell the ${MOST} that touched the most words`,
      }),
      ...(failures.length > 0 && { failures: failures.map(({ message }) => message) }),
    };
    const lines = events.map((event) => JSON.stringify(event)).join(",\n");
    return `{"traceEvents":[\n${lines}\n],"displayTimeUnit":"ns","otherData":${JSON.stringify(otherData)}}\n`;
  },
};

/** Collections of a cell that are drawn. */
const MOST = 20_000;

const leavesOut = ({ history }: Cell): boolean => (history?.collections.length ?? 0) > MOST;

/** One line of a trace; `ts` and `dur` in microseconds. */
type TraceEvent = Readonly<Record<string, unknown>>;

const UNITS: ReadonlyMap<string, string> = new Map(METRICS.map(({ name, unit }) => [name, unit]));

function eventsOf(cell: Cell, pid: number): TraceEvent[] {
  const { input, called, heap, history, firstRefusal, from = 0 } = cell;
  const named = (name: string, args: object): TraceEvent => ({ ph: "M", pid, tid: pid, name, args });
  return [
    named("process_name", { name: `${input}: ${placeOf(called, heap)} (1 µs is 1 event)` }),
    named("process_sort_index", { sort_index: pid }),
    named("thread_name", { name: "collections" }),
    ...(firstRefusal
      ? [
          {
            ph: "i",
            s: "p",
            pid,
            tid: pid,
            ts: firstRefusal.event,
            name: "first refusal",
            args: firstRefusal,
          },
        ]
      : []),
    ...(history ? [...counters(history, pid, from), ...slices(history, pid)] : []),
  ];
}

const counters = ({ series }: History, pid: number, from: number): TraceEvent[] =>
  series.flatMap((each) =>
    points(each, from).map(([ts, value]) => ({
      ...{ ph: "C", pid, tid: pid, ts, name: each.name },
      args: { [UNITS.get(each.name) ?? "value"]: value },
    })),
  );

/** Where the value goes to, and when; a value that stays is said once. */
function points(
  { width, min, max, last }: SeriesData,
  from: number,
): (readonly [ts: number, value: number])[] {
  const all: (readonly [number, number])[] = [];
  let held = Number.NaN;
  const go = (ts: number, value: number): void => {
    if (value !== held) all.push([ts, value]);
    held = value;
  };
  for (let i = 0; i < last.length; i++) {
    const start = from + i * width + 1;
    const fromTop = Math.abs(held - max[i]) < Math.abs(held - min[i]);
    go(start, fromTop ? max[i] : min[i]);
    go(start + width / 2, fromTop ? min[i] : max[i]);
  }
  return all;
}

/** Of a microsecond: Perfetto counts in whole ones. */
const NANOSECONDS = 1000;

/** Several collections of one event share its microsecond. */
function slices({ collections }: History, pid: number): TraceEvent[] {
  const shared = new Map<number, number>();
  for (const { event } of collections) shared.set(event, (shared.get(event) ?? 0) + 1);
  const before = new Map<number, number>();
  const drawn = heaviest(collections);
  return collections.flatMap((collection) => {
    const { event, cause, ...work } = collection;
    const nth = before.get(event) ?? 0;
    before.set(event, nth + 1);
    if (!drawn.has(collection)) return [];
    const dur = Math.floor(NANOSECONDS / shared.get(event)!) / NANOSECONDS;
    return [
      {
        ph: "X",
        pid,
        tid: pid,
        ts: event + nth * dur,
        dur,
        name: KINDS[cause],
        cat: "collection",
        args: work,
      },
    ];
  });
}

const heaviest = (collections: readonly Collection[]): ReadonlySet<Collection> =>
  new Set(
    collections.length <= MOST
      ? collections
      : collections.toSorted((a, b) => b.touchedWords - a.touchedWords).slice(0, MOST),
  );
