import { linkSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { drawn, written } from "../traces/snapshots.ts";
import { Folder, SMALL } from "./heapscape.ts";

describe("heapscape convert", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder({ "small.trace": SMALL });
  });
  afterEach(() => folder.remove());

  it("writes binary and back, the same trace, and says what it is on stderr", async () => {
    const there = await folder.heapscape("convert", "small.trace", "-o", "small.heaptrace");
    expect(there).toEqual({
      status: 0,
      stdout: "",
      stderr: "small.trace: 6 events, 3 objects, fidelity exact, no anomalies\n",
    });
    await folder.heapscape("convert", "small.heaptrace", "-o", "back.trace");
    expect(folder.read("back.trace")).toBe(SMALL);
    expect(folder.files).toEqual(["back.trace", "small.heaptrace", "small.trace"]);
  });

  it("keeps an object graph on the way to binary and back", async () => {
    const graph = "a 0 40 3\na 1 16\ns 0 2 1\ns 0 2 -1\no 0\n+ 1\np\ny\n- 1\ng\nx 0\nf 1\n";
    folder.write("graph.trace", graph);
    await folder.heapscape("convert", "graph.trace", "-o", "graph.heaptrace");
    await folder.heapscape("convert", "graph.heaptrace", "-o", "again.trace");
    expect(folder.read("again.trace")).toBe(graph);
  });

  it("makes a trace of a heap snapshot, which runs as either", async () => {
    const nodes = ["1:0 3 9", "3:24 5 5", "5:16 3", "7:8 5", "9:0 11", "11:400 ~7"];
    folder.write("small.heapsnapshot", written(drawn({ nodes })));
    const { status, stderr } = await folder.heapscape("convert", "small.heapsnapshot", "-o", "of.heaptrace");
    expect(stderr).toBe("small.heapsnapshot: 15 events, 4 objects, fidelity derived, no anomalies\n");
    expect(status).toBe(0);
    const args = ["-a", "mark-compact", "--heap", "1.5x", "--reporter", "json"];
    const [direct, converted] = await Promise.all(
      ["small.heapsnapshot", "of.heaptrace"].map(async (file) => {
        const { cells } = JSON.parse((await folder.heapscape("run", file, ...args)).stdout);
        return { ...cells[0], input: "" };
      }),
    );
    expect(direct).toEqual(converted);
    expect(direct.metrics).toMatchObject({ collections: 1, refusals: 0, liveBlocks: 3, liveBytes: 440 });
    const { status: none, stderr: why } = await folder.heapscape(
      "convert",
      "small.trace",
      "--format",
      "heapsnapshot",
    );
    expect([none, why]).toEqual([2, 'heapscape: format "heapsnapshot" can be read, not written\n']);
  });

  it("writes text to stdout without -o, and the format that is named", async () => {
    expect((await folder.heapscape("convert", "small.trace")).stdout).toBe(SMALL);
    await folder.heapscape("convert", "small.trace", "-o", "odd.bin", "--format", "heaptrace");
    expect((await folder.heapscape("convert", "odd.bin", "-o", "-")).stdout).toBe(SMALL);
  });

  it("prints anomalies and a fidelity that is less than exact", async () => {
    folder.write("odd.trace", `# fidelity partial\n# anomaly 2 free of an unknown object\n${SMALL}`);
    const { stderr } = await folder.heapscape("convert", "odd.trace");
    expect(stderr).toBe(
      "odd.trace: 6 events, 3 objects, fidelity partial, with anomalies:\n  2 x free of an unknown object\n",
    );
  });

  it("never overwrites its own input, by whatever name", async () => {
    linkSync(join(folder.path, "small.trace"), join(folder.path, "hard.trace"));
    symlinkSync("small.trace", join(folder.path, "soft.trace"));
    for (const out of ["small.trace", "./small.trace", "hard.trace", "soft.trace"]) {
      const { status, stderr } = await folder.heapscape("convert", "small.trace", "-o", out);
      expect([status, stderr]).toEqual([2, `heapscape: ${out}: it is the input, which is not overwritten\n`]);
    }
    expect(folder.read("small.trace")).toBe(SMALL);
  });

  it("leaves the target as it was when the input is bad", async () => {
    folder.write("bad.trace", "a 1 16\nb 2\n");
    folder.write("kept.heaptrace", "kept");
    const { status, stderr } = await folder.heapscape("convert", "bad.trace", "-o", "kept.heaptrace");
    expect([status, stderr]).toEqual([2, 'heapscape: bad.trace:2: unknown operation: "b 2"\n']);
    expect(folder.read("kept.heaptrace")).toBe("kept");
    expect(folder.files).toEqual(["bad.trace", "kept.heaptrace", "small.trace"]);
  });

  it("writes through a link to the file behind it, and to a device without replacing it", async () => {
    mkdirSync(join(folder.path, "there"));
    folder.write("there/real.heaptrace", "");
    symlinkSync("there/real.heaptrace", join(folder.path, "link.heaptrace"));
    await folder.heapscape("convert", "small.trace", "-o", "link.heaptrace");
    expect(readFileSync(join(folder.path, "there/real.heaptrace")).length).toBeGreaterThan(50);
    const { status } = await folder.heapscape(
      "convert",
      "small.trace",
      "-o",
      "/dev/null",
      "--format",
      "text",
    );
    expect(status).toBe(0);
    expect(readFileSync("/dev/null")).toHaveLength(0);
  });

  it.each([
    [
      "out.zip",
      "out.zip: no format that can be written ends so (.heaptrace for heaptrace, .memory_replay.txt for memory-replay, .rep for malloc-lab, .trace for text); name one with --format",
    ],
    ["none/out.trace", "none/out.trace: there is no such folder"],
  ])("refuses to write %s", async (out, message) => {
    const { status, stderr } = await folder.heapscape("convert", "small.trace", "-o", out);
    expect([status, stderr]).toEqual([2, `heapscape: ${message}\n`]);
  });
});
