import { describe, expect, it } from "vitest";
import type { Cell } from "../../src/engine/result.ts";
import { text } from "../../src/report/text.ts";
import { CHECKED, cell, EMPTY, PLAIN } from "./reports.ts";

const written = (...cells: Cell[]): string =>
  text.write({ cells, failures: [] }, { version: "1.2.3", paint: (tone, piece) => `${tone[0]}<${piece}>` });
const refusal = { event: 7, id: 1, bytes: 100, need: 112, holeBytes: 200, largestHole: 80, controlBytes: 0 };

describe("the text report", () => {
  it("leaves out columns that have nothing to say", () => {
    expect(written(cell("first-fit", "grow", { "externalFragmentation.mean": 0.25 }))).toBe(
      `b<small.trace>d<  12,345 events>

d<policy     heap  peak live  peak heap  ext. frag   max  int. frag  refused>
first-fit  grow      2 KiB   2.93 KiB      25.0%  0.0%       0.0%        0
`,
    );
  });

  it("has columns for moves where something was collected", () => {
    expect(written(cell("mark-compact", 4096, { collections: 3, moves: 1200, movedBytes: 4096 }))).toContain(
      "refused",
    );
    expect(written(cell("mark-compact", 4096, { collections: 3, moves: 1200, movedBytes: 4096 }))).toMatch(
      /collections {2}moves {2}moved .*\n.* 3 {2}1,200 {2}4 KiB /,
    );
  });

  it.each([
    ["exhausted", "only 200 bytes were free"],
    ["fragmented", "200 bytes were free, but the largest hole was 80"],
    ["policy", "a hole of 80 was free, which this policy cannot use for it"],
  ] as const)("says in words why a request was refused: %s", (kind, reason) => {
    const refused = cell(
      "best-fit",
      4096,
      { refusals: 1, firstRefusalEvent: 7 },
      { firstRefusal: { ...refusal, kind } },
    );
    expect(written(refused)).toContain(
      `y<best-fit in 4 KiB first refused event 7: 100 bytes were asked for, which takes a block of 112; ${reason}.>\n`,
    );
  });

  it("says what the policy has set aside where that is why nothing is left", () => {
    const firstRefusal = { ...refusal, kind: "exhausted", controlBytes: 3000 } as const;
    expect(written(cell("tlsf", 4096, { refusals: 1, firstRefusalEvent: 7 }, { firstRefusal }))).toContain(
      "only 200 bytes were free, and 3,000 are set aside by the policy.",
    );
  });

  it("says how many rounds there were, and in which one something was refused", () => {
    const refused = cell(
      "first-fit",
      4096,
      { refusals: 1, firstRefusalEvent: 3007 },
      {
        events: 4000,
        repeat: { rounds: 4, refusedInRound: 4 },
        firstRefusal: { ...refusal, event: 3007, kind: "exhausted" },
      },
    );
    const calm = cell("best-fit", 4096, {}, { events: 10_000_000, repeat: { rounds: 10_000, capped: true } });
    const told = written(refused, calm);
    expect(told).toMatch(/^b<small\.trace>d< {2}1,000 events a round>\n\nd<policy +rounds +heap /);
    expect(told).toContain("first refused event 3,007 (event 7 of round 4): 100 bytes were asked for");
    expect(told).toContain("y<best-fit in 4 KiB refused nothing in 10,000 rounds, the most that are run.>\n");
  });

  it("has a table for each input, and names what failed", () => {
    const result = {
      cells: [cell("first-fit", "grow", {})],
      failures: [
        { input: "other.trace", policy: "./mine.ts", heap: "grow" as const, message: "mine: event 3: x" },
      ],
    };
    expect(text.write(result, { version: "1.2.3", paint: (_, piece) => piece })).toMatch(
      /^small\.trace [\s\S]*\n\nother\.trace\n\n\.\/mine\.ts failed; there is no row for it\.\n$/,
    );
  });

  it("ends with what a comparison came to, the worst first", () => {
    expect(text.write({ ...CHECKED, cells: [] }, PLAIN)).toMatchInlineSnapshot(`
      "error: externalFragmentation.max of first-fit went from 0.25 to 0.5
        heapscape serve small.trace
      error: the baseline has a cell that is not there any more
      improvement: refusals of best-fit went from 3 to 0
        heapscape baseline update
      4 cells compared with heapscape.baseline.json (version 1.2.2): 2 errors, 1 improvement; 1 is as before.
      "
    `);
    const painted = text.write(CHECKED, { ...PLAIN, paint: (tone, piece) => `${tone}<${piece}>` });
    expect(painted).toContain("red<error>: externalFragmentation.max");
    expect(painted).toContain("green<improvement>: refusals");
  });

  it("says that all is as before, and nothing of nothing", () => {
    const verdict = { findings: [], compared: 2, same: 2, against: "x.json" };
    expect(text.write({ ...EMPTY, verdict }, PLAIN)).toBe(
      "2 cells compared with x.json: all are as before.\n",
    );
    expect(text.write(EMPTY, PLAIN)).toBe("");
  });
});
