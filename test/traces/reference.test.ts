import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { heaptrace } from "../../src/traces/heaptrace.ts";
import { writeHeaptrace } from "../../src/traces/heaptrace-writer.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import { text } from "../../src/traces/text.ts";
import { writeText } from "../../src/traces/text-writer.ts";
import { join, read, sameColumns } from "./traces.ts";

const REFERENCE = process.env.HEAPSCAPE_REFERENCE ?? `${import.meta.dirname}/../../../shared/reference`;

describe.skipIf(!existsSync(`${REFERENCE}/broker`))("the recorded broker traces", () => {
  it("of the blog load has 15014 events, as its header says", async () => {
    const trace = await readTrace(await readFile(`${REFERENCE}/broker/blog.trace`), "blog.trace");
    expect(trace).toMatchObject({ events: 15014, objects: 7488, rows: 4990, peakLiveBytes: 250722 });
    expect(trace.phases.map(({ event, name }) => `${event} ${name}`)).toEqual([
      "4545 load-start",
      "10058 load-end",
      "10058 sigterm",
    ]);
  });

  it("of the fleet load has 872990 events, and takes at most 2 bytes for each in the binary format", async () => {
    const trace = await readTrace(await readFile(`${REFERENCE}/broker/fleet.trace.gz`), "fleet.trace.gz");
    expect(trace.events).toBe(872990);
    const bytes = join(writeHeaptrace(trace));
    expect(bytes.length / trace.events).toBeLessThan(2);
    for (const again of [read(heaptrace, [bytes]), read(text, writeText(trace))]) {
      expect([again.hash, again.events, again.rows]).toEqual([trace.hash, trace.events, trace.rows]);
      expect(again.phases).toEqual(trace.phases);
      expect(sameColumns(again.chunks, trace.chunks)).toBe(true);
    }
  });
});
