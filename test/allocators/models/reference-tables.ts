/**
 * What the real allocators returned: tables of offsets, one line for each malloc, calloc and realloc of a trace,
 * beside the traces. `test/fixtures/allocators/PROVENANCE.md` says where they come from and what is in them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Choice, choosePolicy, POLICIES } from "../../../src/replay/policies.ts";
import { Replay, type Replayed } from "../../../src/replay/replay.ts";
import { readTrace } from "../../../src/traces/read-trace.ts";
import { Op, type Trace } from "../../../src/traces/trace.ts";

/** Folders whose name is not the policy's. What follows the last hyphen of a folder's name is the word's bits. */
const CHOICES: Readonly<Record<string, string>> = {
  "umm-bestfit": "umm:fit=best",
  "umm-firstfit": "umm:fit=first",
  zephyr25: "zephyr:header=2.5",
  "zephyr-modernhdr": "zephyr:header=modern",
  "dlmalloc-mspace": "dlmalloc:over=mspace",
  "dlmalloc-sbrk": "dlmalloc:over=sbrk",
  "freertos-heap5x3": "freertos-heap5:regions=3",
  "freertos-heap4-v10.5.1": "freertos-heap4:version=10.5.1",
  "glibc-notcache": "glibc:tcache=0",
};

export interface Table {
  readonly trace: string;
  readonly heap: number | "grow";
  readonly tracePath: string;
  readonly path: string;
}

export interface Folder {
  /** `freertos-heap4-32` */
  readonly name: string;
  /** `freertos-heap4:bits=32` */
  readonly policy: string;
  /** Whether the registry has the policy. */
  readonly registered: boolean;
  readonly tables: readonly Table[];
}

/** The tables of `directory`/offsets, by folder, with the traces of `directory`/traces. */
export function foldersOf(directory: string): Folder[] {
  const folders = readdirSync(`${directory}/offsets`, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return folders
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const [, base, bits] = /^(.*)-(\d+)$/.exec(name) ?? [];
      const call = CHOICES[base] ?? base;
      const policy = `${call}${call.includes(":") ? "," : ":"}bits=${bits}`;
      const files = readdirSync(`${directory}/offsets/${name}`).sort();
      return {
        name,
        policy,
        registered: POLICIES.some((one) => one.name === call.split(":")[0]),
        tables: files.map((file) => tableOf(directory, name, file)),
      };
    });
}

function tableOf(directory: string, folder: string, file: string): Table {
  const [, trace, heap] = /^(.*)\.(\d+|grow)\.txt(?:\.gz)?$/.exec(file) ?? [];
  if (trace === undefined) throw new Error(`${folder}/${file} is not named TRACE.HEAP.txt`);
  const tracePath = [".trace", ".trace.gz"]
    .map((end) => `${directory}/traces/${trace}${end}`)
    .find(existsSync);
  if (!tracePath) throw new Error(`${folder}/${file} is of a trace that is not there`);
  return {
    trace,
    heap: heap === "grow" ? heap : Number(heap),
    tracePath,
    path: `${directory}/offsets/${folder}/${file}`,
  };
}

/** The lines of a file, packed or not, without its comments. */
export function bodyOf(path: string): string[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

let held: { readonly path: string; readonly trace: Promise<Trace> } | undefined;

/** One trace at a time is kept. */
export function traceAt(path: string): Promise<Trace> {
  if (held?.path !== path) held = { path, trace: readTrace(readFileSync(path), path) };
  return held.trace;
}

export interface Placed {
  /** `ID OFFSET` for each request; -1 where it was refused. */
  readonly lines: string[];
  readonly replayed: Replayed;
}

export function place(trace: Trace, { policy, options }: Choice, heap: number | "grow"): Placed {
  const run = new Replay({ policy, options, heap, record: false });
  run.prepare(trace);
  const { space, objects, allocator, meter } = run;
  const lines: string[] = [];
  let refusals = 0;
  for (const chunk of trace.chunks) {
    const { op, row, id } = chunk;
    run.feed(chunk, (i) => {
      if (op[i] === Op.free) return;
      const slot = objects.slot(row[i]);
      const address = space.start(slot) + space.offset(slot);
      const refused = meter.refusals > refusals; // a refused realloc leaves the object where it was
      lines.push(`${id[i]} ${refused ? -1 : (allocator.place?.(address) ?? address)}`);
      refusals = meter.refusals;
    });
  }
  return { lines, replayed: run.finish() };
}

/** The same for a table, with what the real allocator returned. */
export async function replayTable(
  policy: string,
  table: Table,
): Promise<Placed & { readonly real: string[] }> {
  const trace = await traceAt(table.tracePath);
  const real = bodyOf(table.path).map((line) => line.replace(/ m.*/, " m"));
  return { real, ...place(trace, choosePolicy(policy), table.heap) };
}
