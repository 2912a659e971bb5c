import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, watch } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mergeCommand } from "../../src/cli/merge.ts";
import { runCommand } from "../../src/cli/run.ts";
import { sweepCommand } from "../../src/cli/sweep.ts";
import { Folder, MAIN, MINE, SMALL } from "./heapscape.ts";
import { inThisProcess } from "./in-this-process.ts";

const sweep = (...args: string[]) => inThisProcess(sweepCommand, "sweep", ...args);
const merge = (...args: string[]) => inThisProcess(mergeCommand, "merge", ...args);

/** Most of it in this process: it is another one where threads, signals or a user's policy are what it is about. */
describe("heapscape sweep", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder({ "small.trace": SMALL, "mine.ts": MINE });
  });
  afterEach(() => folder.remove());

  const file = (name: string): string => `${folder.path}/${name}`;
  const resultsOf = (name: string): string[] => folder.read(`${name}/results.jsonl`).split("\n").slice(0, -1);

  it("comes to the same as run, in threads, in shards and alone", async () => {
    const inputs = [file("small.trace"), "workload:random:live=50,steps=60|90"];
    const asked = [...inputs, "-a", "tlsf:bits=*", "-a", "buddy", "--heap", "1.5x", "--reporter"];
    const to = (name: string): string => `json=${file(name)}.json`;
    const alone = ["--engine", "in-process"];
    const threads = folder.heapscape("sweep", ...asked, to("threads"), "--jobs", "2", "-o", "out");
    const ended = [
      await inThisProcess(runCommand, "run", ...asked, to("run")),
      await sweep(...asked, to("alone"), ...alone),
      await sweep(...asked, "json=/dev/null", ...alone, "--shard", "1/2", "-o", file("part-1")),
      await sweep(...asked, "json=/dev/null", ...alone, "--shard", "2/2", "-o", file("part-2")),
      await merge(file("part-2"), file("part-1"), "--reporter", to("merged")),
      await threads,
    ];
    expect(ended.map(({ status, stderr }) => [status, stderr])).toEqual(ended.map(() => [0, ""]));
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
    [["-a", "tlsf:bits=32|33"], 'tlsf: bits is "33"'],
    [["-a", "tlsf", "--shard", "3/2", "-o", "out"], 'the shard is "3/2"; write 1/4'],
    [["-a", "tlsf", "--shard", "1/2"], "a shard is for merge; say where it goes"],
    [
      ["-a", "tlsf", "--pareto", "peakLiveByte,holes"],
      'unknown metric "peakLiveByte" (did you mean "peakLiveBytes"',
    ],
    [
      ["-a", "tlsf", "--minimize", "peakHeapByte"],
      'unknown metric "peakHeapByte" (did you mean "peakHeapBytes"',
    ],
    [["-a", "tlsf", "--minimize", "liveBytes"], "neither more nor less of liveBytes is worse"],
    [["-a", "tlsf", "--minimize", "holes", "--shard", "1/2", "-o", "out"], "a search has no shards"],
    [["-a", "tlsf", "--budget", "9"], "a budget is for a search; name its metric with --minimize METRIC"],
    [["-a", "tlsf:bit=32", "--minimize", "holes"], 'unknown option "bit" (did you mean "bits"?)'],
  ])("refuses %j", async (args, message) => {
    await expect(sweep(file("small.trace"), ...args)).rejects.toThrow(message);
  });

  it("merge refuses a folder that is no sweep's, and ends with 3 where a shard is not there", async () => {
    await expect(merge(file("out"))).rejects.toThrow("out/plan.json: there is no such file");
    const args = [
      file("small.trace"),
      "-a",
      "tlsf",
      "--heap",
      "1KiB,2KiB",
      "--shard",
      "1/2",
      "-o",
      file("part"),
    ];
    await sweep(...args, "--engine", "in-process");
    const hash = JSON.parse(folder.read("part/plan.json")).jobs[0].inputHash;
    expect(await merge(file("part"), "-o", file("whole"))).toMatchObject({
      status: 3,
      stderr:
        "heapscape: there is no shard 2/2, and so no result for 1 of 2 cells; the first is tlsf on " +
        `${file("small.trace")} (${hash.slice(0, 12)}), heap 2KiB\n`,
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
    const { status, stdout } = await sweep(
      ...[file("small.trace"), "-a", "first-fit:header=0|8|64", "--heap", "80,512", "--engine", "in-process"],
      ...["--pareto", "peakLiveBytes,internalFragmentation.mean", "--reporter", "text"],
      ...["--reporter", `svg=${file("front.svg")}`, "--reporter", `json=${file("front.json")}`],
    );
    expect(status).toBe(0);
    expect(stdout).toContain(`internalFragmentation.mean over peakLiveBytes  ${file("small.trace")}`);
    expect(stdout).toMatch(/^A {2}first-fit:header=0 in 80 B +72 B +\d+\.\d%$/m);
    expect(folder.read("front.svg")).toMatch(/^<svg [\s\S]*first-fit:header=0 in 512 B[\s\S]*<\/svg>\n$/);
    const { cells, pareto } = JSON.parse(folder.read("front.json"));
    expect(pareto).toMatchObject({
      metrics: ["peakLiveBytes", "internalFragmentation.mean"],
      fronts: [{ refused: 2 }],
    });
    expect(pareto.fronts[0].cells.map((at: number) => cells[at])).toMatchObject([
      { options: { header: 0 }, heap: 80 },
      { options: { header: 0 }, heap: 512 },
    ]);
  });

  it("searches a policy's options, in threads as alone, and goes on with a larger budget", async () => {
    const asked = ["-a", "first-fit:header=0..16,order=address", "--minimize", "peakHeapBytes", "--reporter"];
    const input = file("small.trace");
    const alone = ["--engine", "in-process", "-o", file("out")];
    const [threads, short] = await Promise.all([
      folder.heapscape("sweep", input, ...asked, "json", "--jobs", "2"),
      sweep(input, ...asked, "text", "--budget", "4", ...alone),
    ]);
    expect(short).toMatchObject({ status: 0, stderr: "" });
    expect(short.stdout).toContain(
      "the best of 4 cells that were tried (the budget ended the search); it was ",
    );
    expect(threads).toMatchObject({ status: 0, stderr: "" });
    const before = resultsOf("out");
    expect(before).toHaveLength(4);
    const resumed = await sweep(input, ...asked, "json", ...alone);
    expect(resumed).toEqual({ ...threads, stderr: "heapscape: 4 cells were there already\n" });
    expect(resultsOf("out").slice(0, 4)).toEqual(before);
    const { cells, minimize } = JSON.parse(threads.stdout);
    expect(resultsOf("out")).toHaveLength(cells.length);
    expect(minimize.searches).toMatchObject([{ ended: "minimum", start: 0, changed: { header: 0 } }]);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)("goes on where %s ended it", async (signal, status) => {
    const args = ["workload:random:live=50,steps=4000", "-a", "first-fit", "--heap"];
    const heaps = Array.from({ length: 12 }, (_, i) => `${20 + i}KiB`).join(",");
    mkdirSync(`${folder.path}/out`);
    const child = spawn(process.execPath, [MAIN, "sweep", ...args, heaps, "--jobs", "2", "-o", "out"], {
      cwd: folder.path,
    });
    const lines = () => (existsSync(`${folder.path}/out/results.jsonl`) ? resultsOf("out").length : 0);
    let told = "";
    child.stderr.on("data", (piece) => (told += piece));
    const watcher = watch(`${folder.path}/out`, () => {
      if (!child.killed && lines() >= 3) child.kill(signal);
    });
    const [ended] = await once(child, "close");
    watcher.close();
    expect(ended).toBe(status);
    const before = resultsOf("out");
    expect(before.length).toBeLessThan(12);
    if (signal === "SIGINT")
      expect(told).toMatch(/^heapscape: interrupted after \d+ of 12 cells; they are in out/);
    const again = await sweep(...args, heaps, "-o", file("out"), "--engine", "in-process");
    expect(again).toMatchObject({
      status: 0,
      stderr: `heapscape: ${before.length} of 12 cells were there already\n`,
    });
    const after = resultsOf("out");
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map((line) => JSON.parse(line).id)).size).toBe(12);
    expect(after).toHaveLength(12);
  });
});
