import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Result } from "../../../src/engine/result.ts";
import { cells } from "../../../src/engine/run-cells.ts";
import type { Engine } from "../../../src/engine/sweep/engine.ts";
import { inProcess } from "../../../src/engine/sweep/in-process.ts";
import { mergeFolders } from "../../../src/engine/sweep/merge.ts";
import { type Minimized, Searches } from "../../../src/engine/sweep/minimize.ts";
import { planOf } from "../../../src/engine/sweep/plan.ts";
import { Store } from "../../../src/engine/sweep/store.ts";
import { json } from "../../../src/report/json.ts";
import { text } from "../../../src/report/text.ts";
import { PLAIN } from "../../report/reports.ts";

/** What first-fit has besides its header and alignment, fixed. */
const SIMPLY = "order=address,split=16,coalesce=immediate";

describe("a search for the best options", () => {
  let folder: string;
  let trace: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "heapscape-minimize-"));
    trace = join(folder, "t.trace");
    // Live at most: 20 + 30 + 40 bytes; the object that has died is in the way of the last one.
    writeFileSync(trace, "a 1 20\na 2 30\nf 1\na 3 40\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const minimize = async (
    policies: readonly string[],
    {
      metric = "peakHeapBytes",
      budget = 200,
      heaps = ["grow"],
      store = new Store(),
      engine = inProcess(),
    } = {},
  ): Promise<Result & Minimized> => {
    const searches = await Searches.of("1.0.0", cells([trace], policies, heaps));
    const { minimized, ...result } = await searches.run(store, engine, { metric, budget });
    return { ...result, ...minimized };
  };

  it("is of each policy by itself, and finds what trying all of its options finds", async () => {
    const calls = ["first-fit:header=0..16,alignment=4|8|16,split=16", "kingsley:page=1024,carve=2048"];
    const { cells: tried, failures, searches } = await minimize(calls);
    expect(failures).toEqual([]);
    expect(searches.map(({ policy, ended }) => [policy, ended])).toEqual(
      calls.map((call) => [call, "minimum"]),
    );
    const [fit, kingsley] = searches;
    expect(fit.start?.called).toBe("first-fit");
    expect(fit.best?.called).toBe("first-fit:header=0,alignment=4");
    expect(fit.changed).toEqual({ header: 0, alignment: 4 });
    // 20 + 30 to the next multiple of 4 are 52, and 40 more
    expect(fit.best?.metrics.peakHeapBytes).toBe(92);
    expect(kingsley.best!.metrics.peakHeapBytes).toBeLessThan(kingsley.start!.metrics.peakHeapBytes);
    expect(new Set(tried.map(({ called }) => called)).size).toBe(tried.length);
    expect(fit.tried + kingsley.tried).toBe(tried.length);
    for (const { policy, options } of tried)
      if (policy === "first-fit") expect(options.split).toBe(16);
      else expect(options).toMatchObject({ page: 1024, carve: 2048 });
  });

  it("looks for more of what should be high", async () => {
    const { searches } = await minimize([`first-fit:${SIMPLY}`], { metric: "largestHole", heaps: ["1KiB"] });
    expect(searches[0].best?.metrics.largestHole).toBe(1024 - 92);
  });

  it("takes a cell that refuses requests for worse than any that does not, and fewer for better", async () => {
    const { searches } = await minimize([`first-fit:header=0|8|16|32|64,alignment=8,${SIMPLY}`], {
      heaps: ["100", "64"],
    });
    const [fits, small] = searches;
    expect(fits).toMatchObject({ start: { called: "first-fit" }, best: { called: "first-fit:header=0" } });
    expect(fits.start?.metrics.refusals).toBeGreaterThan(0);
    expect(fits.best?.metrics.refusals).toBe(0);
    expect(fits.refused).toBe(fits.tried - 1);
    expect(small.refused).toBe(small.tried);
    expect(small.best!.metrics.refusals).toBeLessThanOrEqual(small.start!.metrics.refusals);
  });

  it("takes a cell that fails for the worst, and says where all do", async () => {
    const { searches, failures } = await minimize([
      "regions:region=1|512|1024,header=8,alignment=8,live=85,waste=5,reserve=10",
      "tlsf",
    ]);
    expect(searches).toMatchObject([
      { failed: 1, tried: 3, best: { policy: "regions" } },
      { failed: 2, tried: 2 },
    ]);
    expect(searches[0].start).toBeUndefined();
    expect(searches[1]).not.toHaveProperty("best");
    expect(failures).toHaveLength(3);
    const told = text.write({ cells: [], failures, minimized: { metric: "jw4", searches } }, PLAIN);
    expect(told).toContain("where the search began the cell failed.");
    expect(told).toContain("tlsf failed in each of the 2 cells that were tried.");
  });

  it("goes on in a folder, with a larger budget as well, and computes no cell twice", async () => {
    const out = join(folder, "out");
    let began = 0;
    const own = inProcess();
    const engine: Engine = {
      ...own,
      run(jobs, settings) {
        began += jobs.length;
        return own.run(jobs, settings);
      },
    };
    const calls = ["first-fit", "best-fit"].map((name) => `${name}:alignment=8,${SIMPLY}`);
    const go = async (budget: number): Promise<Result & Minimized> => {
      began = 0;
      const { plan } = await Searches.of("1.0.0", cells([trace], calls, ["grow"]));
      const store = Store.open(out, plan);
      try {
        return await minimize(calls, { budget, store, engine });
      } finally {
        store.close();
      }
    };
    const short = await go(4);
    expect([began, short.searches.map(({ ended }) => ended)]).toEqual([8, ["budget", "budget"]]);
    const again = await go(4);
    expect([began, JSON.stringify(again)]).toEqual([0, JSON.stringify(short)]);
    const whole = await go(200);
    const tried = whole.searches.reduce((sum, search) => sum + search.tried, 0);
    expect(began).toBe(tried - 8);
    expect(JSON.stringify(await minimize(calls))).toBe(JSON.stringify(whole));
    expect(readFileSync(join(out, "results.jsonl"), "utf8").split("\n")).toHaveLength(tried + 1);

    expect(() => mergeFolders([out])).toThrow(`${out}: it is a search (--minimize), which has no parts`);
    const sweep = await planOf("1.0.0", cells([trace], ["first-fit"], ["grow"]));
    expect(() => Store.open(out, sweep)).toThrow("there is another sweep in it, one that searches; name");
  });

  it("is told in words, and in JSON by where its cells are", async () => {
    const minimized = await minimize(["first-fit:split=16,order=address"], { budget: 12 });
    const report = { ...minimized, minimized };
    const [{ start, best }] = minimized.searches;
    expect(text.write(report, PLAIN)).toContain(
      `${trace}: first-fit:header=0,alignment=4 in a heap that grows: 92 B, the best of 12 cells that were tried ` +
        "(the budget ended the search); it was 120 B (-23.3%) with first-fit.\n\nThese are local searches",
    );
    const { cells: all, minimize: told } = JSON.parse(json.write(report, PLAIN));
    expect(told).toEqual({
      metric: "peakHeapBytes",
      searches: [
        {
          input: trace,
          policy: "first-fit:split=16,order=address",
          tried: 12,
          refused: 0,
          failed: 0,
          ended: "budget",
          changed: { header: 0, alignment: 4 },
          start: 0,
          best: expect.any(Number),
        },
      ],
    });
    expect(all).toHaveLength(12);
    expect(all[0].recordingHash).toBe(start?.recordingHash);
    expect(all[told.searches[0].best].options).toEqual(best?.options);
  });
});
