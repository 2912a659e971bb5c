/** Whole recordings, whose counts were found by other means: grep and awk, and the trace of the same load. */
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readTrace } from "../../../src/traces/read-trace.ts";
import { comesTo } from "./samples.ts";

const BROKER = `${process.env.HEAPSCAPE_REFERENCE ?? `${import.meta.dirname}/../../../../shared/reference`}/broker`;
const FOLDER = `${BROKER}/recorders`;

interface Expected {
  readonly fidelity: string;
  /** malloc, calloc, memalign, realloc, free. */
  readonly ops: readonly number[];
  readonly peakLiveBytes?: number;
  readonly anomalies: Readonly<Record<string, number>>;
}

const MISSED = "free of an unknown block";
const OF_NULL = "free of NULL";
const guessed = (share: string) =>
  `free that may mean one of several blocks, taken to be the newest (${share}% of the frees)`;

/** Files, or the name that they are refused by. */
const EXPECTED: Readonly<Record<string, Expected | string>> = {
  "blog.bpftrace.bt": "bpftrace program",
  // 216 + 45 events were lost; a block that comes from one of them is freed unknown.
  "blog.bpftrace.txt": {
    fidelity: "partial",
    ops: [4001, 104, 0, 6, 4105],
    anomalies: {
      "lost event": 261,
      "realloc of an unknown block": 2,
      "allocation at a live address": 4,
      [MISSED]: 2516,
      [OF_NULL]: 56,
    },
  },
  "blog.heaptrack.raw.zst": {
    fidelity: "exact",
    ops: [7528, 0, 0, 0, 7527],
    peakLiveBytes: 323474,
    anomalies: {},
  },
  "blog.heaptrack.zst": {
    fidelity: "ambiguous",
    ops: [7528, 0, 0, 0, 7527],
    peakLiveBytes: 323458,
    anomalies: { [guessed("57.5")]: 4326 },
  },
  "blog.ltrace.txt": {
    fidelity: "partial",
    ops: [7063, 217, 0, 39, 7280],
    anomalies: { [MISSED]: 184, [OF_NULL]: 185 },
  },
  "blog.memory_replay.txt.gz": {
    fidelity: "exact",
    ops: [7271, 217, 0, 39, 7487],
    peakLiveBytes: 250722,
    anomalies: { [OF_NULL]: 189 },
  },
  "blog.mtrace.txt": { fidelity: "partial", ops: [7487, 0, 0, 39, 7487], anomalies: { [MISSED]: 1 } },
  "blog.valgrind-trace-malloc.txt": {
    fidelity: "exact",
    ops: [7271, 217, 0, 39, 7488],
    anomalies: { [OF_NULL]: 267 },
  },
  "fleet20dev.ltrace.txt.gz": {
    fidelity: "partial",
    ops: [9589, 6288, 0, 739, 15877],
    anomalies: { [MISSED]: 3799, [OF_NULL]: 233 },
  },
  "fleet30s.heaptrack.raw.zst": {
    fidelity: "exact",
    ops: [152728, 0, 0, 0, 152727],
    anomalies: {},
  },
  "fleet30s.heaptrack.zst": {
    fidelity: "ambiguous",
    ops: [153099, 0, 0, 0, 153098],
    peakLiveBytes: 807266,
    anomalies: { [guessed("38.9")]: 59501 },
  },
  "fleet30s.malloc_info-and-malloc_stats.txt": "malloc_info or malloc_stats of glibc",
  "fleet30s.memory_replay.txt.gz": {
    fidelity: "exact",
    ops: [91999, 51552, 0, 7464, 143550],
    anomalies: { [OF_NULL]: 748 },
  },
  "fleet30s.mtrace.txt.gz": {
    fidelity: "partial",
    ops: [145961, 0, 0, 7370, 145961],
    anomalies: { [MISSED]: 1 },
  },
  "fleet60.dhat.out.json.gz": "DHAT profile",
  "fleet60.massif.out.gz": "massif profile",
  "offline.malloc_info.every-5s.xml.txt": "malloc_info or malloc_stats of glibc",
};

describe.skipIf(!existsSync(FOLDER))("the recordings of HEAPSCAPE_REFERENCE", () => {
  const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];

  it.each(files)("%s comes to what it holds, or is refused by name", async (file) => {
    const expected = EXPECTED[file];
    const trace = readTrace(createReadStream(`${FOLDER}/${file}`), file);
    if (typeof expected === "string") await expect(trace).rejects.toThrow(`${file}: ${expected}: `);
    else {
      const { fidelity, ops, anomalies } = comesTo(await trace);
      expect({ fidelity, ops, anomalies }).toMatchObject({
        fidelity: expected.fidelity,
        ops: expected.ops,
        anomalies: expected.anomalies,
      });
      if (expected.peakLiveBytes) expect((await trace).peakLiveBytes).toBe(expected.peakLiveBytes);
    }
  });

  it("memory-replay has the very requests of the trace of the same load", async () => {
    const own = await readTrace(readFileSync(`${BROKER}/blog.trace`), "blog.trace");
    const replay = await readTrace(createReadStream(`${FOLDER}/blog.memory_replay.txt.gz`), "x");
    expect(replay).toMatchObject({ events: own.events, rows: own.rows, peakLiveBytes: own.peakLiveBytes });
    expect(replay.hash).toBe(own.hash);
  });
});
