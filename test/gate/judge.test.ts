import { describe, expect, it } from "vitest";
import { BaselineError } from "../../src/gate/baseline.ts";
import { type Case, judge, type MeasuredCell } from "../../src/gate/judge.ts";
import { type Rule, Rules } from "../../src/gate/rules.ts";

const KEY = "t.trace -a buddy --heap 8MiB";
const FIGURES = ["searchSteps", "largestHole", "liveBytes", "firstRefusalEvent", "peakHeapBytes"];
const WAS = { searchSteps: 100, largestHole: 64, liveBytes: 10, firstRefusalEvent: -1, peakHeapBytes: 0 };
const CELL: MeasuredCell = {
  input: "t.trace",
  policy: "buddy",
  events: 40,
  metrics: WAS,
  trace: "a".repeat(16),
  parameters: "b".repeat(16),
  recording: "c".repeat(16),
  ladder: "AAABBBCCC",
};

function verdict(
  is: Partial<typeof WAS>,
  rules: readonly Rule[] = [],
  changes: Partial<MeasuredCell> = {},
  more: Partial<Case> = {},
) {
  const recording = Object.keys(is).length > 0 ? "d".repeat(16) : CELL.recording;
  const cell = { ...CELL, recording, ladder: "AAABBBDDD", metrics: { ...WAS, ...is }, ...changes };
  return judge({
    cells: new Map([[KEY, cell]]),
    expected: new Map([[KEY, CELL]]),
    whole: true,
    rules: new Rules(rules, FIGURES),
    against: "base.json of Heapscape 0.1.0",
    since: "since base.json of Heapscape 0.1.0",
    update: "heapscape baseline update",
    prune: "heapscape baseline prune",
    show: (key, event) => `show ${key} at ${event}`,
    ...more,
  });
}
const levels = (is: Partial<typeof WAS>, rules: readonly Rule[] = []) =>
  verdict(is, rules).findings.map(({ level, metric }) => `${level} ${metric}`);

describe("a judge", () => {
  it("has nothing to say of what is the same", () => {
    expect(verdict({})).toEqual({
      findings: [],
      compared: 1,
      same: 1,
      against: "base.json of Heapscape 0.1.0",
    });
  });

  it("says in one sentence what went from what to what, since when, and where it shows", () => {
    const [finding] = verdict({ searchSteps: 1250 }).findings;
    expect(finding).toEqual({
      level: "error",
      kind: "changed",
      cell: KEY,
      input: "t.trace",
      metric: "searchSteps",
      was: 100,
      is: 1250,
      message: `searchSteps of ${KEY} went from 100 to 1,250 (+1150.0%) since base.json of Heapscape 0.1.0; it may not get worse; the two runs first differ at event 1`,
      command: `show ${KEY} at 1`,
    });
  });

  it("knows which way each figure is worse", () => {
    expect(levels({ searchSteps: 101 })).toEqual(["error searchSteps"]);
    expect(levels({ searchSteps: 99 })).toEqual(["improvement searchSteps"]);
    expect(levels({ largestHole: 63 })).toEqual(["error largestHole"]);
    expect(levels({ largestHole: 65 })).toEqual(["improvement largestHole"]);
    expect(levels({ liveBytes: 9 })).toEqual(["error liveBytes"]);
    expect(levels({ liveBytes: 11 })).toEqual(["error liveBytes"]);
    expect(levels({ firstRefusalEvent: 39 })).toEqual(["error firstRefusalEvent"]);
  });

  it("puts errors first, the worst of them before the others, and improvements last", () => {
    const rules: Rule[] = [{ metrics: ["liveBytes"], warn: {} }];
    expect(levels({ largestHole: 32, searchSteps: 90, liveBytes: 11, peakHeapBytes: 8 }, rules)).toEqual([
      "error peakHeapBytes",
      "error largestHole",
      "warning liveBytes",
      "improvement searchSteps",
    ]);
  });

  it.each([
    ["relative alone", { relative: 0.1 }, 110, 111],
    ["absolute alone", { absolute: 5 }, 105, 106],
    ["both, the absolute one more", { relative: 0.01, absolute: 5 }, 105, 106],
    ["both, the relative one more", { relative: 0.1, absolute: 5 }, 110, 111],
  ])("allows what a limit allows and no more: %s", (_, limit, allowed, beyond) => {
    expect(levels({ searchSteps: allowed }, [{ error: limit }])).toEqual([]);
    expect(levels({ searchSteps: beyond }, [{ error: limit }])).toEqual(["error searchSteps"]);
    expect(levels({ searchSteps: beyond }, [{ warn: limit }])).toEqual(["warning searchSteps"]);
  });

  it("holds a figure that was 0 to the absolute limit", () => {
    const rules = [{ error: { relative: 0.5, absolute: 16 } }];
    expect(levels({ peakHeapBytes: 16 }, rules)).toEqual([]);
    expect(levels({ peakHeapBytes: 17 }, rules)).toEqual(["error peakHeapBytes"]);
    expect(levels({ peakHeapBytes: 1 }, [{ error: { relative: 0.5 } }])).toEqual(["error peakHeapBytes"]);
  });

  it("warns below an error", () => {
    const rules = [{ warn: { absolute: 1 }, error: { absolute: 3 } }];
    expect([1, 2, 3, 4].map((more) => levels({ searchSteps: 100 + more }, rules)[0])).toEqual([
      undefined,
      "warning searchSteps",
      "warning searchSteps",
      "error searchSteps",
    ]);
  });

  it("takes the last rule that matches", () => {
    const rules: Rule[] = [
      { metrics: ["search*"], error: { absolute: 50 } },
      { inputs: ["t.*"], policies: ["bud*"], metrics: ["*Steps"], error: { absolute: 5 } },
      { policies: ["first-fit"], error: { absolute: 500 } },
      { metrics: ["searchSteps"], max: 1000 },
    ];
    expect(levels({ searchSteps: 105 }, rules)).toEqual([]);
    expect(levels({ searchSteps: 106 }, rules)).toEqual(["error searchSteps"]);
  });

  it("bounds a figure whatever it was", () => {
    const { findings } = verdict({}, [{ metrics: ["searchSteps"], max: 99 }]);
    expect(findings).toMatchObject([
      {
        level: "error",
        kind: "limit",
        is: 100,
        message: `searchSteps of ${KEY} is 100; it may be at most 99`,
      },
    ]);
    expect(levels({}, [{ metrics: ["searchSteps"], min: 101 }])).toEqual(["error searchSteps"]);
    expect(levels({}, [{ metrics: ["searchSteps"], min: 100, max: 100 }])).toEqual([]);
  });

  it("warns where blocks lie elsewhere and no figure says so", () => {
    const { findings } = verdict({}, [], { recording: "d".repeat(16) });
    expect(findings).toMatchObject([{ level: "warning", metric: "recordingHash", was: CELL.recording }]);
  });

  it("warns of a new cell, and a vanished one is an error unless only a part was measured", () => {
    const other = "t.trace -a tlsf --heap 8MiB";
    const expected = new Map([[other, CELL]]);
    expect(verdict({}, [], {}, { expected }).findings).toMatchObject([
      { level: "error", kind: "vanished", cell: other, command: "heapscape baseline prune" },
      { level: "warning", kind: "new", cell: KEY, command: "heapscape baseline update" },
    ]);
    expect(verdict({}, [], {}, { expected, whole: false }).findings).toMatchObject([{ kind: "new" }]);
  });

  it("does not take a cell that failed for one that vanished", () => {
    const failed = new Map([[KEY, { input: "t.trace", message: "buddy: event 3: out of ideas" }]]);
    expect(verdict({}, [], {}, { cells: new Map(), failed }).findings).toEqual([
      {
        level: "error",
        kind: "failed",
        cell: KEY,
        input: "t.trace",
        message: `${KEY}: buddy: event 3: out of ideas`,
      },
    ]);
  });

  it("misses a figure that was there, and compares with no cell that has none", () => {
    const { searchSteps: _, ...metrics } = WAS;
    expect(verdict({}, [], { metrics }).findings).toMatchObject([
      { level: "error", kind: "vanished", metric: "searchSteps", was: 100, cell: KEY },
    ]);
    const expected = new Map([[KEY, { ...CELL, metrics: {} }]]);
    expect(() => verdict({}, [], {}, { expected })).toThrow(`it has no figure of ${KEY}`);
  });

  it("never compares what was measured on another trace or with other parameters", () => {
    expect(() => verdict({}, [], { trace: "0".repeat(16) })).toThrow(BaselineError);
    expect(() => verdict({}, [], { parameters: "0".repeat(16) })).toThrow(
      `base.json of Heapscape 0.1.0 cannot be compared with: ${KEY} runs with other parameters than before, their hash was bbbbbbbbbbbbbbbb and is 0000000000000000; if that is meant, write it anew with: heapscape baseline update`,
    );
  });
});
