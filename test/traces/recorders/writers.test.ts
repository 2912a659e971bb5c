import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heaptrace } from "../../../src/traces/heaptrace.ts";
import { readTrace } from "../../../src/traces/read-trace.ts";
import { mallocLab } from "../../../src/traces/recorders/malloc-lab.ts";
import { memoryReplay } from "../../../src/traces/recorders/memory-replay.ts";
import { text } from "../../../src/traces/text.ts";
import type { Trace } from "../../../src/traces/trace.ts";
import { anyTrace, contents, encode, join, read, SEED } from "../traces.ts";
import { bytesOf, samples } from "./samples.ts";

/** Without what no foreign format keeps: the ids themselves, phases, and how it was read. */
const kept = (trace: Trace) => {
  const { id: _, phases: __, anomalies: ___, fidelity: ____, ...rest } = contents(trace);
  return rest;
};

const lines = (pieces: Iterable<Uint8Array>) => new TextDecoder().decode(join(pieces)).trimEnd().split("\n");

describe("what is written in a foreign format", () => {
  it("memory-replay is read again as it was: requests, addresses, threads, times", async () => {
    for (const file of ["broker.memory_replay.txt", "features.memory_replay.txt"]) {
      const trace = await readTrace(bytesOf(file), "x");
      expect(kept(read(memoryReplay, memoryReplay.write!(trace)))).toEqual(kept(trace));
    }
    const plain = bytesOf("broker.memory_replay.txt");
    // Times are counted from the first event.
    const calls = (pieces: Iterable<Uint8Array>) =>
      lines(pieces).map((line) => line.replace(/ \d+ \d+$/, ""));
    expect(calls(memoryReplay.write!(await readTrace(plain, "x")))).toEqual(calls([plain]));
  });

  it("memory-replay is the same requests, whatever was asked for, with addresses made up", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const again = read(memoryReplay, memoryReplay.write!(trace));
        expect([again.hash, again.rows, again.peakLiveBytes]).toEqual([
          trace.hash,
          trace.rows,
          trace.peakLiveBytes,
        ]);
        expect(again.anomalies.filter(({ kind }) => !/ 0 bytes$/.test(kind))).toEqual([]);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("malloc-lab is the same requests, with calloc and memalign as malloc", () => {
    const trace = read(text, [encode("a 7 24\nc 9 3 8\nm 4 64 100\nr 7 48\nf 9\na 9 5\nf 4\n")]);
    expect(lines(mallocLab.write!(trace))).toEqual([
      "172",
      "4",
      "7",
      "1",
      "a 0 24",
      "a 1 24",
      "a 2 100",
      "r 0 48",
      "f 1",
      "a 3 5",
      "f 2",
    ]);
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const again = read(mallocLab, mallocLab.write!(trace));
        expect(again).toMatchObject({
          events: trace.events,
          objects: trace.objects,
          rows: trace.rows,
          peakLiveBytes: trace.peakLiveBytes,
        });
        expect(contents(again).bytes).toEqual(contents(trace).bytes);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("cannot be references", () => {
    const graph = read(text, [encode("a 1 5\ng\n")]);
    for (const { name, write } of [memoryReplay, mallocLab])
      expect(() => join(write!(graph))).toThrow(`event 1: only requests can be written as ${name}`);
  });

  it("in the binary one everything of every sample is kept", async () => {
    for (const { file } of samples) {
      const trace = await readTrace(bytesOf(file), "x");
      const again = read(heaptrace, heaptrace.write!(trace));
      expect({ ...contents(again), sites: 0 }).toEqual({ ...contents(trace), sites: 0 });
      expect(again.sites.count).toBe(trace.sites.count);
      for (let site = 1; site <= trace.sites.count; site++)
        expect(again.sites.stack(site)).toEqual(trace.sites.stack(site));
    }
  });
});
