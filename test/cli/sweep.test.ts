import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, watch } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Folder, MAIN, MINE, SMALL } from "./heapscape.ts";

const SWEEP = [
  "sweep",
  "small.trace",
  "workload:random:live=50,steps=60|90",
  "-a",
  "tlsf:bits=*",
  "-a",
  "buddy",
];

describe("heapscape sweep", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder({ "small.trace": SMALL, "mine.ts": MINE });
  });
  afterEach(() => folder.remove());

  const resultsOf = (name: string): string[] =>
    readFileSync(`${folder.path}/${name}/results.jsonl`, "utf8").split("\n").slice(0, -1);

  it("comes to the same as run, in threads, in shards and alone", async () => {
    const args = [...SWEEP.slice(1), "--heap", "1.5x", "--reporter"];
    const parts = ["1/2", "2/2"].map((shard) =>
      folder.heapscape("sweep", ...args, "json=/dev/null", "--shard", shard, "-o", `part-${shard[0]}`),
    );
    const ended = await Promise.all([
      folder.heapscape("run", ...args, "json=run.json"),
      folder.heapscape("sweep", ...args, "json=threads.json", "--jobs", "2", "-o", "out"),
      folder.heapscape("sweep", ...args, "json=alone.json", "--engine", "in-process"),
      ...parts,
    ]);
    expect(ended.map(({ status, stderr }) => [status, stderr])).toEqual(ended.map(() => [0, ""]));
    const merged = await folder.heapscape("merge", "part-2", "part-1", "--reporter", "json=merged.json");
    expect(merged).toMatchObject({ status: 0, stderr: "" });
    const run = folder.read("run.json");
    expect(JSON.parse(run).cells).toHaveLength(3 * 3);
    for (const name of ["threads", "alone", "merged"]) expect(folder.read(`${name}.json`)).toBe(run);
  });

  it("does the rest where a policy crashes and a trace is corrupt, names them, and ends with 3", async () => {
    folder.write("corrupt.trace", "a 1 16\nf 9\n");
    const { status, stderr, stdout } = await folder.heapscape(
      ...[
        "sweep",
        "small.trace",
        "corrupt.trace",
        "-a",
        "./mine.ts:crash=-1|1",
        "-a",
        "umm",
        "--heap",
        "256",
      ],
      ...["--reporter", "json"],
    );
    expect(status).toBe(3);
    expect(JSON.parse(stdout).cells).toMatchObject([{ policy: "mine" }, { policy: "umm" }]);
    expect(stderr.split("\n").map((line) => line.replace(/^heapscape: /, ""))).toEqual([
      "small.trace: mine:crash=1: event 1: RangeError: out of ideas (line 20)",
      ...Array(3).fill(
        'corrupt.trace: corrupt.trace:2: free of object 9, which is not live (it was never allocated): "f 9"',
      ),
      "",
    ]);
  });

  it.each([
    [["sweep", "small.trace", "-a", "tlsf:bits=32|33"], 'tlsf: bits is "33"'],
    [["sweep", "small.trace", "-a", "tlsf", "--shard", "3/2", "-o", "out"], 'the shard is "3/2"; write 1/4'],
    [["sweep", "small.trace", "-a", "tlsf", "--shard", "1/2"], "a shard is for merge; say where it goes"],
    [["merge", "out"], "out/plan.json: there is no such file"],
  ])("refuses %j", async (args, message) => {
    const { status, stderr } = await folder.heapscape(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it("merge ends with 3 where a shard is not there", async () => {
    const args = ["small.trace", "-a", "tlsf", "--heap", "1KiB,2KiB", "--shard", "1/2", "-o", "part"];
    await folder.heapscape("sweep", ...args);
    const hash = JSON.parse(folder.read("part/plan.json")).jobs[0].inputHash;
    expect(await folder.heapscape("merge", "part", "-o", "whole")).toMatchObject({
      status: 3,
      stderr:
        "heapscape: there is no shard 2/2, and so no result for 1 of 2 cells; the first is tlsf on small.trace (" +
        `${hash.slice(0, 12)}), heap 2KiB\n`,
    });
    expect(folder.files).not.toContain("whole");
  });

  it("merges where the traces and policies are not, and never reports onto a sweep's own files", async () => {
    mkdirSync(`${folder.path}/gone`);
    folder.write("gone/small.trace", SMALL);
    folder.write("gone/mine.ts", MINE);
    const args = ["gone/small.trace", "-a", "./gone/mine.ts", "-a", "tlsf", "--heap", "4KiB", "-o", "part"];
    expect(await folder.heapscape("sweep", ...args)).toMatchObject({ status: 0 });
    rmSync(`${folder.path}/gone`, { recursive: true });
    const before = folder.read("part/plan.json");
    const over = await folder.heapscape("merge", "part", "--reporter", "json=part/plan.json");
    expect(over).toMatchObject({
      status: 2,
      stderr: "heapscape: part/plan.json: it is a file of the sweep in part, which is not overwritten\n",
    });
    expect(folder.read("part/plan.json")).toBe(before);
    const merged = await folder.heapscape("merge", "part", "--reporter", "json", "-o", "all");
    expect(merged).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(merged.stdout).cells).toHaveLength(2);
    const onto = ["small.trace", "-a", "tlsf", "-o", "all", "--reporter", "json=all/results.jsonl"];
    expect(await folder.heapscape("sweep", ...onto)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("all/results.jsonl: it is a file of the sweep in all"),
    });
  });

  it("draws the front of two metrics, without the cells that refused requests", async () => {
    const args = ["sweep", "small.trace", "-a", "first-fit:header=0|8|64", "--heap", "80,512", "--reporter"];
    const axes = ["--pareto", "peakLiveBytes,internalFragmentation.mean"];
    const { status, stdout } = await folder.heapscape(
      ...args,
      "text",
      ...axes,
      "--reporter",
      "svg=front.svg",
    );
    expect(status).toBe(0);
    expect(stdout).toContain("internalFragmentation.mean over peakLiveBytes  small.trace");
    expect(stdout).toMatch(/^A {2}first-fit:header=0 in 80 B +72 B +\d+\.\d%$/m);
    expect(folder.read("front.svg")).toMatch(/^<svg [\s\S]*first-fit:header=0 in 512 B[\s\S]*<\/svg>\n$/);
    const { stdout: json } = await folder.heapscape(...args, "json", ...axes);
    const { cells, pareto } = JSON.parse(json);
    expect(pareto).toMatchObject({
      metrics: ["peakLiveBytes", "internalFragmentation.mean"],
      fronts: [{ refused: 2 }],
    });
    expect(pareto.fronts[0].cells.map((at: number) => cells[at])).toMatchObject([
      { options: { header: 0 }, heap: 80 },
      { options: { header: 0 }, heap: 512 },
    ]);
    const wrong = await folder.heapscape(...args, "json", "--pareto", "peakLiveByte,holes");
    expect(wrong).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('unknown metric "peakLiveByte" (did you'),
    });
  });

  it.each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)("goes on where %s ended it", async (signal, status) => {
    const args = ["sweep", "workload:random:live=50,steps=4000", "-a", "first-fit", "--heap"];
    const heaps = Array.from({ length: 12 }, (_, i) => `${20 + i}KiB`).join(",");
    mkdirSync(`${folder.path}/out`);
    const child = spawn(process.execPath, [MAIN, ...args, heaps, "--jobs", "2", "-o", "out"], {
      cwd: folder.path,
    });
    const lines = () => (existsSync(`${folder.path}/out/results.jsonl`) ? resultsOf("out").length : 0);
    let told = "";
    child.stderr.on("data", (piece) => (told += piece));
    const watcher = watch(`${folder.path}/out`, () => {
      if (lines() >= 3) child.kill(signal);
    });
    const [ended] = await once(child, "close");
    watcher.close();
    expect(ended).toBe(status);
    const before = resultsOf("out");
    expect(before.length).toBeLessThan(12);
    if (signal === "SIGINT")
      expect(told).toMatch(/^heapscape: interrupted after \d+ of 12 cells; they are in out/);
    expect(await folder.heapscape(...args, heaps, "-o", "out")).toMatchObject({
      status: 0,
      stderr: `heapscape: ${before.length} of 12 cells were there already\n`,
    });
    const after = resultsOf("out");
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map((line) => JSON.parse(line).id)).size).toBe(12);
    expect(after).toHaveLength(12);
  });
});
