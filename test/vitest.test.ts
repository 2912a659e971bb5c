import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { replayAll } from "../src/engine/replay-all.ts";
import type { Result } from "../src/engine/result.ts";
import "../src/vitest.ts";

/** What the assertion says when it fails. */
function said(assertion: () => unknown): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing";
}

const folder = mkdtempSync(join(tmpdir(), "heapscape-matchers-"));
const input = join(folder, "small.trace");
let result: Result;
beforeAll(async () => {
  writeFileSync(input, "a 1 16\na 2 24\nf 1\na 3 8\nr 2 64\nf 2\n");
  result = await replayAll({ inputs: input, policies: ["first-fit:header=0", "bump"], heap: ["64", "1.5x"] });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("matchers for vitest", () => {
  it("hold a metric of every cell below or above a limit, which is outside", () => {
    expect(result).toStayBelow("externalFragmentation.max", 1);
    expect(result).toStayAbove("peakLiveBytes", 0);
    expect(result.cells[0]).not.toStayBelow("peakHeapBytes", 64);
    expect(said(() => expect(result).toStayBelow("peakHeapBytes", 100))).toBe(
      [
        `peakHeapBytes of ${input}: first-fit:header=0 in 112 B is 112, which is not below 100`,
        `peakHeapBytes of ${input}: bump in 112 B is 112, which is not below 100`,
      ].join("\n"),
    );
    expect(said(() => expect({ metrics: { holes: 3 } }).toStayAbove("holes", 3))).toBe(
      "holes of the replay is 3, which is not above 3",
    );
    expect(said(() => expect(result).not.toStayAbove("peakLiveBytes", 0))).toBe(
      "peakLiveBytes of every cell is above 0",
    );
  });

  it("know their metrics, and no result without cells", () => {
    expect(said(() => expect(result).toStayBelow("peakHeapByte", 1))).toMatch(
      /^there is no metric "peakHeapByte" \(did you mean "peakHeapBytes"/,
    );
    expect(said(() => expect({ cells: [], failures: [] }).toRefuseNothing())).toBe("the result has no cells");
  });

  it("say which request was refused, and why", () => {
    expect(result.cells[1]).toRefuseNothing();
    expect(said(() => expect(result).toRefuseNothing()).split("\n")[0]).toBe(
      `${input}: first-fit:header=0 in 64 B refused 1 request. first-fit:header=0 in 64 B first refused event 4: 64 bytes were asked for; only 24 bytes were free.`,
    );
  });

  it("fail where a cell did not end", () => {
    const failure = {
      input: "x.trace",
      policy: "./mine.ts",
      heap: 64,
      message: "mine: event 3: out of ideas",
    };
    expect(said(() => expect({ ...result, failures: [failure] }).toStayAbove("peakLiveBytes", 0))).toBe(
      "x.trace: mine: event 3: out of ideas",
    );
  });

  describe("hold a result against a baseline", () => {
    const file = join(folder, "baseline.json");
    const state = (update: "all" | "new" | "none") =>
      vi.spyOn(expect.getState().snapshotState, "snapshotUpdateState", "get").mockReturnValue(update);
    afterEach(() => {
      vi.restoreAllMocks();
      rmSync(file, { force: true });
    });

    it("write what is new, as snapshots are written, and then hold it", () => {
      state("new");
      expect(result).toMatchHeapBaseline(file);
      const written = readFileSync(file, "utf8");
      expect(Object.keys(JSON.parse(written).cells)).toHaveLength(4);
      state("none");
      expect(result).toMatchHeapBaseline(file);
      expect(readFileSync(file, "utf8")).toBe(written);
    });

    it("want no new cell in CI, and write nothing", () => {
      state("none");
      expect(said(() => expect(result).toMatchHeapBaseline(file))).toMatch(
        / is not in .*baseline\.json.*: vitest -u/,
      );
      expect(said(() => readFileSync(file))).toMatch(/ENOENT/);
    });

    it("name the figure, the cell and both values, and take the new one with -u", () => {
      state("new");
      expect(result).toMatchHeapBaseline(file);
      writeFileSync(
        file,
        readFileSync(file, "utf8").replaceAll('"peakHeapBytes":112', '"peakHeapBytes":104'),
      );
      const message = said(() => expect(result).toMatchHeapBaseline(file));
      expect(message).toMatch(
        /^peakHeapBytes of .*small\.trace -a first-fit:header=0 --heap 1\.5x went from 104 to 112 /m,
      );
      state("all");
      expect(result).toMatchHeapBaseline(file);
      state("none");
      expect(result).toMatchHeapBaseline(file);
    });

    it("want results that have keys", () => {
      const { key: _, ...cell } = result.cells[0];
      expect(said(() => expect({ cells: [cell], failures: [] }).toMatchHeapBaseline(file))).toBe(
        "the result's cells have no keys: replay with replayAll of heapscape/node",
      );
    });
  });
});
