import { describe, expect, it } from "vitest";
import type { Cell, History } from "../../src/engine/result.ts";
import { chromeTrace } from "../../src/report/chrome-trace.ts";
import { cell, EMPTY, FAILED, NASTY, PLAIN } from "./reports.ts";

const work = {
  ...{ cause: 0, moves: 3, movedBytes: 48, reclaimed: 2 },
  ...{ markedWords: 4, scannedWords: 5, updatedReferences: 6, touchedWords: 7, extraBytes: 8 },
};
const series = (name: string, width: number, low: readonly number[], high: readonly number[]) => ({
  ...{ name, width },
  ...{ min: Float64Array.from(low), max: Float64Array.from(high), last: Float64Array.from(high) },
});

function trace(history: History, more: Partial<Cell> = {}) {
  const text = chromeTrace.write(
    { ...EMPTY, cells: [cell("mark-compact", 64, {}, { ...more, history })] },
    PLAIN,
  );
  return JSON.parse(text);
}
const counters = (history: History, more?: Partial<Cell>) =>
  trace(history, more)
    .traceEvents.filter(({ ph }: { ph: string }) => ph === "C")
    .map(({ ts, args }: { ts: number; args: object }) => [ts, ...Object.values(args)]);

describe("the Chrome trace", () => {
  it("has a process for each cell, with counters and collections", () => {
    const history = {
      series: [series("liveBytes", 1, [8, 8, 0], [8, 8, 0])],
      collections: [
        { event: 1, ...work },
        { event: 1, ...work, cause: 2 },
      ],
    };
    const refusal = {
      kind: "fragmented",
      event: 2,
      id: 1,
      bytes: 9,
      need: 16,
      holeBytes: 64,
      largestHole: 8,
      controlBytes: 0,
    } as const;
    const text = chromeTrace.write(
      { ...EMPTY, cells: [cell("mark-compact", 64, {}, { input: NASTY, firstRefusal: refusal, history })] },
      PLAIN,
    );
    expect(text).toMatchInlineSnapshot(`
      "{"traceEvents":[
      {"ph":"M","pid":1,"tid":1,"name":"process_name","args":{"name":"a,b \\"c\\"|<d>&%:\\r\\n\`e\`_*.trace: mark-compact in 64 B (1 µs is 1 event)"}},
      {"ph":"M","pid":1,"tid":1,"name":"process_sort_index","args":{"sort_index":1}},
      {"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"collections"}},
      {"ph":"i","s":"p","pid":1,"tid":1,"ts":2,"name":"first refusal","args":{"kind":"fragmented","event":2,"id":1,"bytes":9,"need":16,"holeBytes":64,"largestHole":8,"controlBytes":0}},
      {"ph":"C","pid":1,"tid":1,"ts":1,"name":"liveBytes","args":{"bytes":8}},
      {"ph":"C","pid":1,"tid":1,"ts":3,"name":"liveBytes","args":{"bytes":0}},
      {"ph":"X","pid":1,"tid":1,"ts":1,"dur":0.5,"name":"alloc-failure","cat":"collection","args":{"moves":3,"movedBytes":48,"reclaimed":2,"markedWords":4,"scannedWords":5,"updatedReferences":6,"touchedWords":7,"extraBytes":8}},
      {"ph":"X","pid":1,"tid":1,"ts":1.5,"dur":0.5,"name":"young","cat":"collection","args":{"moves":3,"movedBytes":48,"reclaimed":2,"markedWords":4,"scannedWords":5,"updatedReferences":6,"touchedWords":7,"extraBytes":8}}
      ],"displayTimeUnit":"ns","otherData":{"tool":"heapscape","version":"1.2.3","timeAxis":"events of the trace: one is 1 µs; a replay has no times","counters":"of a span of events, the lowest and the highest value, the one nearer to what came before first"}}
      "
    `);
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it("loses no spike of a span of events, and goes to the nearer end first", () => {
    const rising = { series: [series("holes", 4, [0, 4, 8], [4, 8, 12])], collections: [] };
    expect(counters(rising)).toEqual([
      [1, 0],
      [3, 4],
      [7, 8],
      [11, 12],
    ]);
    const falling = { series: [series("holes", 4, [8, 2], [9, 8])], collections: [] };
    expect(counters(falling, { from: 100 })).toEqual([
      [101, 8],
      [103, 9],
      [105, 8],
      [107, 2],
    ]);
  });

  it("draws the heaviest collections where there are too many", () => {
    const collections = Array.from({ length: 20_010 }, (_, i) => ({ event: i, ...work, touchedWords: i }));
    const { traceEvents, otherData } = trace({ series: [], collections });
    const slices = traceEvents.filter(({ ph }: { ph: string }) => ph === "X");
    expect(slices).toHaveLength(20_000);
    expect(slices[0].ts).toBe(10);
    expect(otherData.collections).toBe("of each cell the 20000 that touched the most words");
  });

  it("says what failed, and is whole without a cell", () => {
    expect(JSON.parse(chromeTrace.write(FAILED, PLAIN))).toMatchObject({
      traceEvents: [],
      otherData: { failures: [FAILED.failures[0].message] },
    });
  });
});
