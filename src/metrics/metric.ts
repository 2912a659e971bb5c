/** What every metric is called, means, and comes from: the docs, the page and `list metrics` read this table. */

export interface Metric {
  /** As in JSON. */
  readonly name: string;
  readonly unit: "bytes" | "objects" | "holes" | "events" | "ratio" | "percent" | "words" | "count";
  /** In the terms of the other metrics. */
  readonly formula: string;
  readonly about: string;
  /** Where the definition comes from; empty where it is plain counting. */
  readonly source: string;
  /**
   * `event`: has a value at every event. `sample`: needs a walk over the heap, and has one at evenly spaced events; see
   * `Samples`. Both have `.mean`, `.max` and `.last`, and their name alone is the last. `total`: one for the replay.
   */
  readonly when: "event" | "sample" | "total";
  /** Which way is worse: more of it, less of it, or neither, and then a change is only a change. */
  readonly worse: "more" | "less" | "neither";
}

/** By name, in the order of METRICS. */
export type MetricValues = Readonly<Record<string, number>>;

const m = (
  name: string,
  unit: Metric["unit"],
  when: Metric["when"],
  worse: Metric["worse"],
  formula: string,
  about: string,
  source = "",
): Metric => ({ name, unit, formula, about, source, when, worse });

const RANDELL = "Randell, A note on storage fragmentation and program segmentation, CACM 12(7), 1969";
const JW = "Johnstone & Wilson, The memory fragmentation problem: solved?, ISMM 1998, section 4.2";
const GORMAN = "Linux mm/vmstat.c; Gorman & Whitcroft, OLS 2006";

export const METRICS: readonly Metric[] = [
  m(
    "liveBytes",
    "bytes",
    "event",
    "neither",
    "sum of bytes asked for over live objects",
    "What the program holds.",
  ),
  m("blockBytes", "bytes", "event", "more", "sum of live blocks", "Live blocks with header and rounding."),
  m("garbageBytes", "bytes", "event", "more", "sum of dead blocks", "Dead, and not yet reclaimed."),
  m("controlBytes", "bytes", "event", "more", "sum of control ranges", "The allocator's own memory."),
  m(
    "holeBytes",
    "bytes",
    "event",
    "neither",
    "heapBytes - blockBytes - garbageBytes - controlBytes",
    "Free bytes.",
  ),
  m(
    "heapBytes",
    "bytes",
    "event",
    "more",
    "sum of segments",
    "What was obtained from the system, or the arena.",
  ),
  m("liveBlocks", "objects", "event", "neither", "number of live blocks", "Live objects."),
  m("holes", "holes", "event", "more", "number of holes", "Maximal free ranges."),
  m("largestHole", "bytes", "event", "less", "max over holes", "The longest block that could be placed now."),
  m(
    "residentBytes",
    "bytes",
    "event",
    "more",
    "4096 * pages touched and not given back, those that share memory once",
    "Pages of 4 KiB that blocks, headers and tables were written to. A payload counts as written whole; calloc does not touch fresh pages.",
  ),
  m(
    "externalFragmentation",
    "ratio",
    "event",
    "more",
    "1 - largestHole / holeBytes",
    "Share of the free bytes that no single request can have.",
    RANDELL,
  ),
  m(
    "internalFragmentation",
    "ratio",
    "event",
    "more",
    "1 - liveBytes / blockBytes",
    "Share of the blocks lost to headers and rounding.",
    RANDELL,
  ),
  m("peakLiveBytes", "bytes", "total", "neither", "max of liveBytes", "The most that the program ever held."),
  m("peakHeapBytes", "bytes", "total", "more", "max of heapBytes", "The most that was ever obtained."),
  m(
    "peakResidentBytes",
    "bytes",
    "total",
    "more",
    "max of residentBytes",
    "The most memory that was really used at once, in pages.",
  ),
  m(
    "jw1",
    "ratio",
    "total",
    "more",
    "mean of heapBytes / liveBytes",
    "Over the events with live bytes. Say little of a fixed arena.",
    JW,
  ),
  m(
    "jw2",
    "ratio",
    "total",
    "more",
    "heapBytes / liveBytes at peak liveBytes",
    "At the first event of the peak.",
    JW,
  ),
  m(
    "jw3",
    "ratio",
    "total",
    "more",
    "peakHeapBytes / liveBytes at that moment",
    "At the first event of the peak heap.",
    JW,
  ),
  m(
    "jw4",
    "ratio",
    "total",
    "more",
    "peakHeapBytes / peakLiveBytes",
    "What must be provided over what is needed.",
    JW,
  ),
  m("refusals", "count", "total", "more", "exhausted + fragmented + policyRefusals", "Requests that failed."),
  m("exhausted", "count", "total", "more", "refusals with holeBytes < need", "Failed for want of bytes."),
  m(
    "fragmented",
    "count",
    "total",
    "more",
    "refusals with holeBytes >= need > largestHole",
    "Enough bytes were free, in pieces.",
  ),
  m(
    "policyRefusals",
    "count",
    "total",
    "more",
    "refusals with largestHole >= need",
    "A range would do, and this policy cannot use it.",
  ),
  m(
    "fragmentationRefusals",
    "count",
    "total",
    "more",
    "fragmented + policyRefusals",
    "Failed although enough bytes were free.",
  ),
  m(
    "firstRefusalEvent",
    "events",
    "total",
    "less",
    "event of the first refusal",
    "Counted from 0; -1 where none failed.",
  ),
  m(
    "skippedEvents",
    "events",
    "total",
    "more",
    "frees of objects that were refused",
    "free(NULL). A realloc of such an object is malloc, as C has it, and not skipped.",
  ),
  m(
    "searchSteps",
    "count",
    "total",
    "more",
    "blocks looked at to place requests",
    "As the real algorithm would have; each policy says how.",
  ),
  m("collections", "count", "total", "more", "collections", "Runs of a collector."),
  m("moves", "objects", "total", "more", "blocks moved", "By collections."),
  m("movedBytes", "bytes", "total", "more", "bytes of blocks moved", "By collections."),
  m(
    "touchedWords",
    "words",
    "total",
    "more",
    "words read or written by collections",
    "Words of 8 bytes; each collector states its model.",
  ),
  m("updatedReferences", "count", "total", "more", "references rewritten", "Because their target moved."),
  m(
    "pauseMaxWords",
    "words",
    "total",
    "more",
    "most touchedWords of one collection",
    "The longest pause, in work rather than time.",
  ),
  m("markedWords", "words", "total", "more", "words of objects marked or traced", "Part of touchedWords."),
  m(
    "scannedWords",
    "words",
    "total",
    "more",
    "words read by passes over the heap",
    "To find objects, dead or alive, and their references. Part of touchedWords.",
  ),
  m(
    "extraMaxBytes",
    "bytes",
    "total",
    "more",
    "most bytes that one collection needed beside the heap's objects",
    "Forwarding words, mark bitmaps, offset tables, the space that is copied into.",
  ),
  m(
    "esp8266Fragmentation",
    "percent",
    "sample",
    "more",
    "100 - 100 sqrt(sum hole^2) / holeBytes",
    "As the core reports it, unrounded.",
    "ESP8266 Arduino core, ESP.getHeapFragmentation",
  ),
  ...Array.from({ length: 11 }, (_, k) =>
    m(
      `unusableFreeIndex[${k}]`,
      "ratio",
      "sample",
      "more",
      `(F - S * 2^${k}) / F`,
      `Free pages that a block of ${4 * 2 ** k} KiB cannot use.`,
      GORMAN,
    ),
  ),
  ...Array.from({ length: 11 }, (_, k) =>
    m(
      `extfragIndex[${k}]`,
      "ratio",
      "sample",
      "more",
      `1 - (1 + F / 2^${k}) / blocks`,
      `Why a block of ${4 * 2 ** k} KiB would fail; -1: it would not.`,
      GORMAN,
    ),
  ),
];

const named = (when: Metric["when"]): readonly string[] =>
  METRICS.filter((metric) => metric.when === when).map(({ name }) => name);

/** Names of the metrics that have a value at every event, and of those that are sampled. */
export const SERIES_NAMES = named("event");
export const SAMPLED_NAMES = named("sample");

const BY_NAME = new Map(METRICS.map((metric) => [metric.name, metric]));

/** Names of all figures: `peakHeapBytes`, `holes`, `holes.mean`, `holes.max`, `holes.last`. */
export const FIGURE_NAMES: readonly string[] = METRICS.flatMap(({ name, when }) =>
  when === "total" ? [name] : [name, `${name}.mean`, `${name}.max`, `${name}.last`],
);

/** The metric that a figure belongs to: `holes` of `holes.max`. Undefined where there is none. */
export const metricOf = (figure: string): Metric | undefined =>
  BY_NAME.get(figure.replace(/[.](mean|max|last)$/, ""));

/** A figure as a cost, the less the better: where less of it is worse, what is short of 0. */
export const costOf = (figure: string, values: MetricValues): number =>
  metricOf(figure)?.worse === "less" ? -values[figure] : values[figure];

/**
 * By how much a figure is worse than it was, in its unit; below 0 where it is better, and above where neither way is.
 * Infinite where a request is refused and none was before.
 */
export function worsening(figure: string, was: number, is: number): number {
  if (was === is) return 0;
  const more = rank(figure, is) - rank(figure, was);
  const worse = metricOf(figure)?.worse ?? "neither";
  return worse === "more" ? more : worse === "less" ? -more : Math.abs(more);
}

/** An event that never came lies behind all others. */
const rank = (figure: string, value: number): number =>
  value < 0 && metricOf(figure)?.unit === "events" ? Number.POSITIVE_INFINITY : value;
