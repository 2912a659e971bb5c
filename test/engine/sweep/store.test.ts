import { spawnSync } from "node:child_process";
import fs, {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cells } from "../../../src/engine/run-cells.ts";
import { failedWith } from "../../../src/engine/sweep/do-job.ts";
import type { Engine } from "../../../src/engine/sweep/engine.ts";
import { inProcess } from "../../../src/engine/sweep/in-process.ts";
import { MissingError, mergeFolders } from "../../../src/engine/sweep/merge.ts";
import { type Plan, planOf } from "../../../src/engine/sweep/plan.ts";
import { jobsOfShard, readOutcomes, Store, writeSweep } from "../../../src/engine/sweep/store.ts";
import { longestFirst, sweep } from "../../../src/engine/sweep/sweep.ts";

describe("a sweep's folder", () => {
  let folder: string;
  let plan: Plan;
  const path = (name: string): string => join(folder, name);
  const read = (name: string): string => readFileSync(path(name), "utf8");
  const planned = (policies: string[], heaps: string[], version = "1.0.0", input = path("t.trace")) =>
    planOf(version, cells([input], policies, heaps));

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "heapscape-store-"));
    writeFileSync(path("t.trace"), "a 1 16\na 2 24\nf 1\n");
    plan = await planned(["first-fit", "tlsf"], ["1KiB", "2KiB", "4KiB"]);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Does a shard of the plan, or what is left of it, and says how many cells that were. */
  async function doSweep(name: string, of: Plan = plan, shard = { index: 1, of: 1 }): Promise<number> {
    const store = Store.open(path(name), of, shard);
    let began = 0;
    const engine = inProcess();
    const counted: Engine = {
      ...engine,
      run(jobs, settings) {
        began = jobs.length;
        return engine.run(jobs, settings);
      },
    };
    try {
      await sweep(jobsOfShard(of, shard), store, counted);
    } finally {
      store.close();
    }
    return began;
  }

  it("is not computed twice", async () => {
    expect(await doSweep("out")).toBe(6);
    const before = read("out/results.jsonl");
    expect(await doSweep("out")).toBe(0);
    expect(read("out/results.jsonl")).toBe(before);
  });

  it("loses a half-written line only, wherever it was cut off", async () => {
    await doSweep("out");
    const whole = read("out/results.jsonl");
    const lines = whole.split("\n").length - 1;
    for (const cut of [1, 2, 700, whole.length - 5, whole.length]) {
      writeFileSync(path("out/results.jsonl"), whole);
      truncateSync(path("out/results.jsonl"), whole.length - cut);
      const left = read("out/results.jsonl").split("\n").length - 1;
      expect(await doSweep("out"), `cut ${cut}`).toBe(lines - left);
      expect(read("out/results.jsonl").split("\n").sort()).toEqual(whole.split("\n").sort());
    }
  });

  it("is one sweep's at a time; that of a process that is gone is none", async () => {
    const store = Store.open(path("out"), plan);
    const message = `another sweep (process ${process.pid}) is at work in ${path("out")}`;
    expect(() => Store.open(path("out"), plan)).toThrow(message);
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    store.close();
    expect(readdirSync(path("out"))).toEqual(["plan.json", "results.jsonl"]);
    writeFileSync(path("out/lock"), `1 ${hostname()}.elsewhere\n`);
    expect(() => Store.open(path("out"), plan)).toThrow(
      `another sweep (process 1 on ${hostname()}.elsewhere) is at work in ${path("out")}; if it is not, remove ${path("out/lock")}`,
    );
    for (const gone of [pid, process.pid]) {
      writeFileSync(path("out/lock"), `${gone} ${hostname()}\n`);
      expect(await doSweep("out")).toBe(gone === pid ? 6 : 0);
    }
    expect(readdirSync(path("out"))).toEqual(["plan.json", "results.jsonl"]);
  });

  it("takes nothing more once it could not be written", async () => {
    const store = Store.open(path("out"), plan);
    const outcomes = plan.jobs.map((job) => failedWith(job, "x".repeat(1000)));
    store.add(outcomes[0]);
    const limit = vi.spyOn(fs, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" });
    });
    syncBuiltinESMExports();
    try {
      expect(() => store.add(outcomes[1])).toThrow(`${path("out")}: no space left on the disk`);
    } finally {
      limit.mockRestore();
      syncBuiltinESMExports();
    }
    expect(() => store.add(outcomes[2])).toThrow("no space left on the disk");
    expect([...store.outcomes.keys()]).toEqual([plan.jobs[0].id]);
    store.close();
  });

  it("has every byte of a result, however few are written at once", () => {
    const store = Store.open(path("out"), plan);
    const few = fs.writeSync as (file: number, bytes: Uint8Array, at: number, length: number) => number;
    const spy = vi
      .spyOn(fs, "writeSync")
      .mockImplementation(((file: number, bytes: Uint8Array, at: number) =>
        few(file, bytes, at, Math.min(100, bytes.length - at))) as unknown as typeof fs.writeSync);
    syncBuiltinESMExports();
    try {
      for (const job of plan.jobs) store.add(failedWith(job, "é".repeat(500)));
    } finally {
      spy.mockRestore();
      syncBuiltinESMExports();
    }
    store.close();
    expect(readOutcomes(path("out")).outcomes).toHaveLength(6);
  });

  it("names a line that is no result", async () => {
    await doSweep("out");
    appendFileSync(path("out/results.jsonl"), "{}\n");
    await expect(doSweep("out")).rejects.toThrow(
      `${path("out/results.jsonl")}: line 7 is no result of a sweep`,
    );
  });

  it("is for one sweep, of one version", async () => {
    await doSweep("out");
    const other = await planned(["first-fit"], ["1KiB"]);
    await expect(doSweep("out", other)).rejects.toThrow(
      `${path("out")}: there is another sweep in it, of 6 cells: its cell 2 is first-fit on ${path("t.trace")}`,
    );
    await expect(doSweep("out", plan, { index: 1, of: 2 })).rejects.toThrow("shard 1/1 of it; this is 1/2");
    const newer = await planned(["first-fit", "tlsf"], ["1KiB", "2KiB", "4KiB"], "1.0.1");
    await expect(doSweep("out", newer)).rejects.toThrow("of Heapscape 1.0.0; this is 1.0.1");
  });

  it("has ids that change with what is computed, and with nothing else", async () => {
    const idOf = async (policy: string, heap: string, version = "1.0.0", input = path("t.trace")) =>
      (await planned([policy], [heap], version, input)).jobs[0].id;
    const id = await idOf("first-fit", "1KiB");
    expect(id).toMatch(/^c-[0-9a-f]{64}$/);
    writeFileSync(path("same.trace"), read("t.trace"));
    expect(await idOf("first-fit:order=address", "1024", "1.0.0", path("same.trace"))).toBe(id);
    writeFileSync(path("other.trace"), read("t.trace").replace("24", "25"));
    const others = await Promise.all([
      idOf("best-fit", "1KiB"),
      idOf("first-fit:order=lifo", "1KiB"),
      idOf("first-fit", "2KiB"),
      idOf("first-fit", "1KiB", "1.0.1"),
      idOf("first-fit", "1KiB", "1.0.0", path("other.trace")),
      idOf("first-fit", "1KiB", "1.0.0", "workload:random"),
    ]);
    expect(new Set([id, ...others]).size).toBe(7);
  });

  it("hands out the longest trace first, and collectors before allocators", async () => {
    writeFileSync(path("long.trace"), "a 1 16\nf 1\n".repeat(20));
    const { jobs } = await planOf(
      "1",
      cells([path("t.trace"), path("long.trace")], ["tlsf", "semispace"], ["1KiB"]),
    );
    expect(
      longestFirst(jobs).map(({ input, policy }) => `${policy} ${input.slice(folder.length + 1)}`),
    ).toEqual(["semispace long.trace", "tlsf long.trace", "semispace t.trace", "tlsf t.trace"]);
  });

  describe("in parts", () => {
    const part = (index: number, of = 4) => doSweep(`part-${index}`, plan, { index, of });
    const parts = (...indices: number[]) => indices.map((index) => path(`part-${index}`));
    const merged = (folders: string[]) => () => mergeFolders(folders);

    it("is the whole again, byte by byte, in whatever order and with parts twice", async () => {
      await doSweep("whole");
      for (const index of [3, 1, 4, 2]) expect(await part(index)).toBe(index <= 2 ? 2 : 1);
      for (const [i, order] of [parts(1, 2, 3, 4), parts(4, 2, 2, 1, 3)].entries()) {
        const { plan, outcomes } = mergeFolders(order);
        writeSweep(path(`merged-${i}`), plan, outcomes);
      }
      const { plan: again, outcomes } = mergeFolders([path("whole")]);
      writeSweep(path("alone"), again, outcomes);
      for (const name of ["plan.json", "results.jsonl"]) {
        expect(read(`merged-1/${name}`)).toBe(read(`merged-0/${name}`));
        expect(read(`alone/${name}`)).toBe(read(`merged-0/${name}`));
      }
    });

    it("says which shard is not there, and which cell", async () => {
      for (const index of [1, 3]) await part(index);
      expect(merged(parts(1, 3))).toThrow(MissingError);
      expect(merged(parts(1, 3))).toThrow(
        `there is no shard 2/4, 4/4, and so no result for 3 of 6 cells; the first is first-fit on ${path("t.trace")}`,
      );
      await Promise.all([part(2), part(4)]);
      truncateSync(path("part-2/results.jsonl"), 10);
      expect(merged(parts(1, 2, 3, 4))).toThrow(
        "there is no result for 2 of 6 cells; the first is first-fit on",
      );
    });

    it("refuses parts of different plans and versions, and results that contradict each other", async () => {
      for (const index of [1, 2, 3, 4]) await part(index);
      await doSweep("less", await planned(["first-fit"], ["1KiB"]));
      expect(merged([...parts(1), path("less")])).toThrow(
        `${path("less")}: its plan is not that of ${path("part-1")}: it has 1 cell, the other 6`,
      );
      await doSweep("other", await planned(["first-fit", "buddy"], ["1KiB", "2KiB", "4KiB"]));
      expect(merged([...parts(1), path("other")])).toThrow("its cell 4 is buddy on");
      await doSweep("new", await planned(["first-fit", "tlsf"], ["1KiB", "2KiB", "4KiB"], "2.0.0"));
      expect(merged([...parts(1), path("new")])).toThrow(
        `${path("new")}: it is a sweep of Heapscape 2.0.0, ${path("part-1")} one of 1.0.0; do both with one version`,
      );
      await doSweep("whole");
      writeFileSync(
        path("whole/results.jsonl"),
        read("whole/results.jsonl").replace(/"events":\d+/, '"events":0'),
      );
      expect(merged([...parts(1, 2, 3, 4), path("whole")])).toThrow(
        new RegExp(`^${path("whole")}: its result for .* is not that of ${path("part-")}`),
      );
    });
  });
});
