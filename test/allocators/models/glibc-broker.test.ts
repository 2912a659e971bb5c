/**
 * What the real malloc did for a real broker: every address, and mallinfo's figures where they were noted. One short
 * recording is a fixture; all of them run where HEAPSCAPE_REFERENCE names the directory with `broker/*`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Glibc, glibc } from "../../../src/allocators/glibc.ts";
import { readOptions } from "../../../src/options/options.ts";
import { Replay } from "../../../src/replay/replay.ts";
import { PAGE, type Space } from "../../../src/space/space.ts";
import { readTrace } from "../../../src/traces/read-trace.ts";
import { Op } from "../../../src/traces/trace.ts";
import { bodyOf } from "./reference-tables.ts";

const FIXTURES = `${import.meta.dirname}/../../fixtures/broker`;
const REFERENCE = `${process.env.HEAPSCAPE_REFERENCE ?? ""}/broker`;

/** The columns of `.heap.tsv` that mallinfo has too. */
const FIGURES = [
  "arena",
  "uordblks",
  "fordblks",
  "fsmblks",
  "ordblks",
  "hblks",
  "hblkhd",
  "keepcost",
] as const;

const packed = (path: string) => (existsSync(path) ? path : `${path}.gz`);

/** Resident bytes of the brk heap alone. */
function heapResident(space: Space): number {
  let bytes = 0;
  for (let page = 0; page < space.segmentEnd(space.heap); page += PAGE)
    if (space.isResident(page)) bytes += PAGE;
  return bytes;
}

interface Difference {
  readonly addresses: number;
  readonly figures: number;
  /** Most that the growth of the heap's resident bytes since load-start differs, over its peak. */
  readonly resident: number;
  /** In words; empty where nothing differs. */
  readonly first: string;
}

/** Replays `NAME.trace` of a directory beside `NAME.addr` and `NAME.heap.tsv`. */
async function compare(directory: string, name: string, validateEvery: number) {
  const tracePath = packed(`${directory}/${name}.trace`);
  const trace = await readTrace(readFileSync(tracePath), tracePath);
  const real = bodyOf(packed(`${directory}/${name}.addr`));
  const [head, ...lines] = readFileSync(`${directory}/${name}.heap.tsv`, "latin1").trimEnd().split("\n");
  const keys = head.split("\t");
  const noted = new Map(
    lines.map((line) => {
      const values = line.split("\t").map(Number);
      return [values[0], Object.fromEntries(keys.map((key, i) => [key, values[i]]))];
    }),
  );
  const options = readOptions("glibc", glibc.options, {});
  const run = new Replay({ policy: glibc, options, heap: "grow", record: false, validateEvery });
  const allocator = run.allocator as Glibc;
  const found = { addresses: 0, figures: 0, resident: 0, first: "" };
  const begin = trace.phases.find(({ name }) => name === "load-start")?.event ?? 0;
  const peak = Math.max(...Array.from(noted.values(), (figures) => figures.heap_rss_kb));
  let start: { real: number; model: number } | undefined;
  let before = 0;
  let requests = 0;
  let events = 0;
  for (const chunk of trace.chunks)
    run.feed(chunk, (i) => {
      events++;
      if (chunk.op[i] !== Op.free) {
        const slot = run.objects.slot(chunk.row[i]);
        const place = allocator.place(run.space.start(slot) + run.space.offset(slot));
        const [id, address] = real[requests++].split(" ");
        const wanted = address.startsWith("m") ? "m" : String(Number(address));
        if (Number(id) !== chunk.id[i] || place !== wanted) {
          found.addresses++;
          found.first ||= `event ${events}: object ${id} is at ${wanted}, the model has it at ${place}`;
        }
      }
      const figures = noted.get(events);
      if (!figures) return;
      const resident = heapResident(run.space) / 1024;
      if (events >= begin) start ??= { real: figures.heap_rss_kb, model: resident };
      if (start) {
        // The resident size was read some time before its row was written, up to one row: once it is larger than
        // the arena of its own row. So it may agree with the model at this row or at the one before.
        const off = (model: number) =>
          Math.abs(model - start!.model - (figures.heap_rss_kb - start!.real)) / peak;
        found.resident = Math.max(found.resident, Math.min(off(resident), off(before)));
      }
      before = resident;
      const info = allocator.mallinfo();
      for (const key of FIGURES)
        if (info[key] !== figures[key]) {
          found.figures++;
          found.first ||= `event ${events}: ${key} is ${figures[key]}, the model has ${info[key]}`;
        }
    });
  expect(requests).toBe(real.length);
  expect(noted.size).toBeGreaterThan(0);
  return found satisfies Difference;
}

const SAME = { addresses: 0, figures: 0, first: "" };

describe("glibc beside a real broker", () => {
  it("places every request of a short recording where the real malloc did, start-up included", async () => {
    const found = await compare(FIXTURES, "blog", 64);
    expect(found).toMatchObject(SAME);
    expect(found.resident).toBe(0);
  });
});

describe.skipIf(!existsSync(REFERENCE))("glibc beside the recordings of HEAPSCAPE_REFERENCE", () => {
  const names = existsSync(REFERENCE)
    ? readdirSync(REFERENCE).flatMap((file) => /^(.*)\.trace(?:\.gz)?$/.exec(file)?.[1] ?? [])
    : [];
  it.each(names)("%s: every address and every figure is the real one", { timeout: 120_000 }, async (name) => {
    const found = await compare(REFERENCE, name, 65_536);
    expect(found).toMatchObject(SAME);
    expect(found.resident).toBeLessThanOrEqual(0.1);
  });
});
