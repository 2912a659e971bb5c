import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Folder, interrupted, MINE, SMALL } from "./heapscape.ts";

const SCENARIO = {
  title: "Small",
  question: "Does it fit?",
  look: [{ text: "Nothing." }],
  inputs: ["small.trace"],
  heap: "64",
  policies: ["first-fit", "./mine.ts:step=16"],
};

describe("heapscape run", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder({
      "small.trace": SMALL,
      "small.trace.gz": gzipSync(SMALL),
      "mine.ts": MINE,
      "mine.mjs": `export { default as policy } from "./mine.ts";`,
      "small.json": JSON.stringify(SCENARIO),
    });
  });
  afterAll(() => folder.remove());

  async function cellsOf(...args: readonly string[]) {
    const { status, stdout, stderr } = await folder.heapscape("run", ...args, "--reporter", "json");
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return JSON.parse(stdout).cells;
  }

  it("replays a trace and shows a row for each policy and heap, and why a request was refused", async () => {
    const { status, stdout, stderr } = await folder.heapscape(
      ...["run", "small.trace", "-a", "first-fit:header=0", "-a", "./mine.ts", "--heap", "grow,64,1x"],
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "small.trace  6 events

      policy              heap  peak live  peak heap  ext. frag    max  int. frag  refused  exhausted  fragmented  by policy  first at
      first-fit:header=0  grow       72 B      104 B       0.0%   0.0%      13.3%        0          0           0          0         -
      first-fit:header=0  64 B       40 B       64 B       6.7%  40.0%      15.0%        1          1           0          0         4
      first-fit:header=0  80 B       72 B       80 B       4.8%  28.6%      13.3%        0          0           0          0         -
      mine                grow       72 B      112 B       6.4%  38.5%       0.0%        0          0           0          0         -
      mine                64 B       40 B       64 B      28.1%  50.0%       0.0%        1          1           0          0         4
      mine                80 B       40 B       80 B      23.3%  44.4%       0.0%        1          1           0          0         4

      first-fit:header=0 in 64 B first refused event 4: 64 bytes were asked for; only 24 bytes were free.
      mine in 64 B first refused event 4: 64 bytes were asked for; only 32 bytes were free.
      mine in 80 B first refused event 4: 64 bytes were asked for; only 48 bytes were free.
      "
    `);
  });

  it("writes JSON that its own schema allows", async () => {
    const { stdout } = await folder.heapscape("run", "small.trace", "-a", "first-fit", "--reporter", "json");
    const { stdout: schema } = await folder.heapscape("schema", "result");
    const result = JSON.parse(stdout);
    expect(() => z.fromJSONSchema(JSON.parse(schema)).parse(result)).not.toThrow();
    expect(Object.keys(result)).toEqual(["schema", "tool", "version", "cells"]);
    expect(result.schema).toBe("heapscape-result-1");
    expect(Object.keys(result.cells[0])).toEqual([
      "input",
      "traceHash",
      "policy",
      "options",
      "heap",
      "events",
      "recordingHash",
      "metrics",
    ]);
    expect(result.cells[0]).toMatchObject({
      input: "small.trace",
      policy: "first-fit",
      heap: "grow",
      events: 6,
    });
    expect(result.cells[0].metrics.peakLiveBytes).toBe(72);
  });

  it("takes every combination of inputs, policies and heaps, in order", async () => {
    const cells = await cellsOf(
      "small.trace",
      "small.trace.gz",
      "-a",
      "./mine.ts",
      "-a",
      "first-fit",
      "--heap",
      "64,2x",
    );
    const named = cells.map(
      ({ input, policy, heap }: Record<string, unknown>) => `${input} ${policy} ${heap}`,
    );
    expect(named).toEqual([
      "small.trace mine 64",
      "small.trace mine 144",
      "small.trace first-fit 64",
      "small.trace first-fit 144",
      "small.trace.gz mine 64",
      "small.trace.gz mine 144",
      "small.trace.gz first-fit 64",
      "small.trace.gz first-fit 144",
    ]);
    expect(cells[0].recordingHash).toBe(cells[4].recordingHash);
    expect(cells[0].traceHash).toBe(cells[4].traceHash);
  });

  it("takes policies, heap and seed from a scenario, unless the command line says otherwise", async () => {
    const own = await cellsOf("small.json");
    expect(own).toMatchObject([
      { input: "small.trace", policy: "first-fit", heap: 64 },
      { input: "small.trace", policy: "mine", heap: 64, options: { step: 16 } },
    ]);
    const other = await cellsOf("small.json", "-a", "./mine.ts", "--heap", "grow");
    expect(other).toMatchObject([{ policy: "mine", heap: "grow" }]);
  });

  it("generates a workload from its seed", async () => {
    const [[one], [same], [other]] = await Promise.all([
      cellsOf("workload:random", "-a", "first-fit"),
      cellsOf("workload:random", "-a", "first-fit", "--seed", "1"),
      cellsOf("workload:random", "-a", "first-fit", "--seed", "2"),
    ]);
    expect(same).toEqual(one);
    expect(other.traceHash).not.toBe(one.traceHash);
  });

  it("counts from an event or a phase on, in the same replay", async () => {
    const [whole] = await cellsOf("small.trace", "-a", "first-fit", "--heap", "48");
    const [byEvent] = await cellsOf("small.trace", "-a", "first-fit", "--heap", "48", "--from", "3");
    const [byPhase] = await cellsOf("small.trace", "-a", "first-fit", "--heap", "48", "--from", "load");
    expect(byPhase).toEqual(byEvent);
    expect(byEvent.from).toBe(3);
    expect(byEvent.recordingHash).toBe(whole.recordingHash);
    expect(whole.metrics).toMatchObject({ refusals: 2, firstRefusalEvent: 1, skippedEvents: 1 });
    expect(byEvent.metrics).toMatchObject({
      refusals: 1,
      firstRefusalEvent: 4,
      peakLiveBytes: 8,
      skippedEvents: 1,
    });
  });

  it("writes several reports at once, to files and to stdout", async () => {
    const { status, stdout } = await folder.heapscape(
      ...["run", "small.trace", "-a", "first-fit", "--reporter", "json=out.json", "--reporter", "text"],
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^small\.trace {2}6 events\n/);
    expect(JSON.parse(folder.read("out.json")).cells).toHaveLength(1);
  });

  it("loads a policy from .ts and .mjs alike", async () => {
    const cells = await cellsOf(
      "small.trace",
      "-a",
      "./mine.ts:step=16",
      "-a",
      `${folder.path}/mine.mjs:step=16`,
    );
    expect(cells[0].recordingHash).toBe(cells[1].recordingHash);
    expect(cells[0]).toMatchObject({ policy: "mine", options: { step: 16 } });
  });

  it("ends with 3 and names the policy that failed, after the other cells ran", async () => {
    const { status, stdout, stderr } = await folder.heapscape(
      ...["run", "small.trace", "-a", "./mine.ts:overlap=1", "-a", "./mine.ts:crash=3", "-a", "first-fit"],
      ...["--reporter", "json"],
    );
    expect(status).toBe(3);
    expect(stderr.split("\n")).toEqual([
      "heapscape: small.trace: mine:overlap=1: event 1 (malloc of object 2, 24 bytes): [0, 24) overlaps object 1 at [0, 16)",
      expect.stringMatching(
        /^heapscape: small\.trace: mine:crash=3: event 3: RangeError: out of ideas \(line \d+\)$/,
      ),
      "",
    ]);
    const { cells, failures } = JSON.parse(stdout);
    expect(cells).toMatchObject([{ policy: "first-fit" }]);
    expect(failures).toMatchObject([
      { input: "small.trace", policy: "./mine.ts:overlap=1", heap: "grow" },
      { policy: "./mine.ts:crash=3" },
    ]);
  });

  it("writes neither colours nor progress to what is no terminal", async () => {
    const { stdout, stderr } = await folder.heapscape("run", "small.trace", "-a", "first-fit");
    expect(stdout).not.toContain("\x1b");
    expect(stderr).toBe("");
  });

  it("takes for a failed cell a policy that ends the process or throws where no replay can catch it", async () => {
    const faulty = (what: string) => MINE.replace("free(): void {}", `free(): void { ${what} }`);
    folder.write("exits.ts", faulty("process.exit(0);"));
    folder.write("rejects.ts", faulty('Promise.reject(new Error("much later"));'));
    const run = (policy: string) => folder.heapscape("run", "small.trace", "-a", "first-fit", "-a", policy);
    const [exits, rejects] = await Promise.all([run("./exits.ts"), run("./rejects.ts")]);
    expect([exits.status, rejects.status]).toEqual([3, 3]);
    expect(exits.stderr).toMatch(/mine: event 2: it ends the process, with 0/);
    expect(exits.stdout).toContain("first-fit");
    expect(rejects.stderr).toContain("something threw outside of every replay: much later");
  });

  it("ends with 130 on Ctrl-C", async () => {
    const run = ["run", "workload:random:steps=3000000", "-a", "./begun.ts", "--reporter", "json=late.json"];
    expect(await interrupted(folder, ...run)).toBe(130);
    expect(folder.files.filter((name) => name.includes("late"))).toEqual([]);
  });
});
