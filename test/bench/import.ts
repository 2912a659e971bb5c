/**
 * `npm run bench:import [-- --gigabytes N]`: how fast traces are read, how large they are, and that reading one takes the
 * same memory however long it is. With HEAPSCAPE_REFERENCE, of a recorded broker, else of a generated one.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readingModule } from "../../src/engine/kernel-module.ts";
import { heaptrace } from "../../src/traces/heaptrace.ts";
import type { TraceFormat } from "../../src/traces/importer.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import { memoryReplay } from "../../src/traces/recorders/memory-replay.ts";
import { text } from "../../src/traces/text.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";

const { values } = parseArgs({
  options: {
    gigabytes: { type: "string", default: "1" },
    rounds: { type: "string", default: "15" },
  },
});
const ROUNDS = Number(values.rounds);
const BROKER = `${process.env.HEAPSCAPE_REFERENCE ?? ""}/broker`;
const recorded = existsSync(BROKER);

const say = (line: string) => process.stdout.write(`${line}\n`);
const mega = (number: number) => (number / 1e6).toFixed(1);

/** By the clock, the fastest round of each. Text and binary take turns with `wc -l`, so that what else the machine does falls on all of them. */
async function rates(trace: Trace): Promise<void> {
  const lines = Buffer.concat([...text.write!(trace)]);
  const binary = Buffer.concat([...heaptrace.write!(trace)]);
  const folder = mkdtempSync(join(tmpdir(), "heapscape-"));
  const file = join(folder, "bench.trace");
  // wc is over in a millisecond: 16 copies make its start small.
  writeFileSync(file, Buffer.concat(Array(16).fill(lines)));
  const seconds = { text: [] as number[], heaptrace: [] as number[], wc: [] as number[] };
  const timed = async (into: number[], work: () => unknown) => {
    const start = performance.now();
    await work();
    into.push((performance.now() - start) / 1000);
  };
  try {
    const options = { chunk: () => {}, passing: true, compiled: readingModule() };
    for (let round = 0; round < ROUNDS; round++) {
      await timed(seconds.text, () => readTrace(lines, "x", options));
      await timed(seconds.heaptrace, () => readTrace(binary, "x", options));
      await timed(seconds.wc, () => execFileSync("wc", ["-l", file]));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const [fast, binaryFast, wc] = [seconds.text, seconds.heaptrace, seconds.wc].map((times) =>
    Math.min(...times),
  );
  const textRate = lines.length / fast;
  const wcRate = (16 * lines.length) / wc;
  say(`text: ${mega(textRate)} MB/s, ${mega(trace.events / fast)} million events a second`);
  say(
    `wc -l: ${mega(wcRate)} MB/s, the text has ${(textRate / wcRate).toFixed(3)} of it (to be reached: 0.1)`,
  );
  say(
    `heaptrace: ${mega(trace.events / binaryFast)} million events a second, ${(fast / binaryFast).toFixed(2)} times the text (to be reached: 5)`,
  );
}

function size(what: string, trace: Trace, most: number): void {
  let bytes = 0;
  for (const piece of heaptrace.write!(trace)) bytes += piece.length;
  say(`heaptrace ${what}: ${(bytes / trace.events).toFixed(2)} bytes an event (to be reached: ${most})`);
}

/** Requests of a program that never ends: 1,000 objects are live at once. */
async function* endless(bytes: number, format: TraceFormat): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let id = 1000; at < bytes; ) {
    let piece = "";
    for (; piece.length < 1 << 18; id++) {
      const [slot, old] = [id % 1000, id - 1000];
      piece +=
        format === text
          ? `a ${id % 2_000_000_000} ${16 + (id % 997)}\n${old < 1000 ? "" : `f ${old % 2_000_000_000}\n`}`
          : `7: malloc 0x${(4096 + slot * 4096).toString(16)} ${16 + (id % 997)} ${id} ${id}\n7: free 0x${(4096 + slot * 4096).toString(16)} ${id} ${id}\n`;
    }
    const encoded = new TextEncoder().encode(piece);
    at += encoded.length;
    yield encoded;
  }
}

/** The most that the process held in each tenth of a stream. */
async function memory(gigabytes: number, format: TraceFormat): Promise<void> {
  const tenths: number[] = [];
  const total = gigabytes * 1e9;
  const trace = await readTrace(endless(total, format), "x", {
    chunk: () => {},
    passing: true,
    compiled: readingModule(),
    progress: (bytes) => {
      const tenth = Math.min(9, Math.floor((10 * bytes) / total));
      tenths[tenth] = Math.max(tenths[tenth] ?? 0, process.memoryUsage().rss);
    },
  });
  const shown = tenths.map((rss) => Math.round(rss / 2 ** 20)).join(" ");
  say(
    `${gigabytes} GB of ${format.name}, ${mega(trace.events)} million events: MiB held in each tenth: ${shown}`,
  );
}

const plain = recorded
  ? await readTrace(new Uint8Array(readFileSync(`${BROKER}/fleet.trace.gz`)), "fleet.trace.gz")
  : generateTrace("workload:mqtt:devices=200", 1);
await rates(plain);
size("without addresses", plain, 6);
if (recorded) {
  const file = "fleet30s.memory_replay.txt.gz";
  const noted = await readTrace(new Uint8Array(readFileSync(`${BROKER}/recorders/${file}`)), file);
  size("with addresses, threads and times", noted, 12);
}
await memory(Number(values.gigabytes), text);
await memory(Number(values.gigabytes), memoryReplay);
