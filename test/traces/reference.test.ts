import { existsSync, readdirSync } from "node:fs";
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

  it("of the fleet load has 872990 events, and takes at most 6 bytes for each in the binary format", async () => {
    const trace = await readTrace(await readFile(`${REFERENCE}/broker/fleet.trace.gz`), "fleet.trace.gz");
    expect(trace.events).toBe(872990);
    const bytes = join(writeHeaptrace(trace));
    expect(bytes.length / trace.events).toBeLessThan(6);
    for (const again of [read(heaptrace, [bytes]), read(text, writeText(trace))]) {
      expect([again.hash, again.events, again.rows]).toEqual([trace.hash, trace.events, trace.rows]);
      expect(again.phases).toEqual(trace.phases);
      expect(sameColumns(again.chunks, trace.chunks)).toBe(true);
    }
  });
});

describe.skipIf(!existsSync(`${REFERENCE}/runtimes`))("the traces that were recorded from runtimes", () => {
  const folder = `${REFERENCE}/runtimes/traces`;
  const files = existsSync(folder) ? readdirSync(folder) : [];

  it.each(files)("%s goes to the binary format and back to the lines that it came from", async (file) => {
    const lines = (await readFile(`${folder}/${file}`, "latin1")).split("\n");
    const events = lines.filter((line) => line !== "" && !line.startsWith("#"));
    const trace = await readTrace(await readFile(`${folder}/${file}`), file);
    expect(trace).toMatchObject({ events: events.length, graph: true, fidelity: "exact", anomalies: [] });
    const binary = read(heaptrace, writeHeaptrace(trace));
    expect(binary.hash).toBe(trace.hash);
    const written = new TextDecoder().decode(join(writeText(binary)));
    // No FIELDS are written as none.
    expect(written).toBe(events.map((line) => `${line.replace(/^(a \d+ \d+) 0$/, "$1")}\n`).join(""));
  });
});
