/**
 * `npm run bench:compaction`: what a compaction of 1,000,000 live objects (35 MB asked for) with 2,000,000 references
 * takes, against one `Uint8Array.copyWithin` over as many bytes as live.
 *
 *   --json         {machine, node, rounds, rows} on stdout instead of the table
 *   --plain        TypeScript alone, without the kernel
 *   --policy CALL  default mark-compact, whose ratios have bars: 60 in all, 8 after marking
 *   --objects N    live objects; --rounds N, default 5
 *
 * 2,000,000 objects are allocated, a random half is dead. The other half is a random binary tree, each object's two
 * fields refer to its children, and those of the leaves anywhere. `in order`: slots were handed out in the order of
 * addresses. `recycled`: two collections before have left survivors and new objects in slots of any order; no bar.
 * A round makes a heap, copies, collects and copies again. Figures are CPU time, the least of all rounds, after
 * small heaps have warmed the compilers up; no probe and no metrics.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";

const dist = (name: string): string => new URL(`../../dist/${name}.js`, import.meta.url).href;
const {
  Cause,
  Counter,
  Replay,
  TraceBuilder,
  choosePolicy,
  isCollector,
}: typeof import("../../src/index.ts") = await import(dist("index"));
const { kernelModule }: typeof import("../../src/engine/kernel-module.ts") = await import(
  dist("engine/kernel-module")
);
const { sequenceOf }: typeof import("../../src/testing/sequences.ts") = await import(
  dist("testing/sequences")
);

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    plain: { type: "boolean", default: false },
    policy: { type: "string", default: "mark-compact" },
    objects: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "5" },
  },
});
const objects = Number(values.objects);
const rounds = Number(values.rounds);
const RECYCLED = 2;
const BARS = { total: 60, after: 8 };

/** CPU time so far, in ms. */
function now(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A heap of 2 * `live` objects of which half is reachable, after so many collections like the one to be measured. */
function heapTrace(live: number, collections: number, seed: number) {
  const below = sequenceOf(seed);
  const trace = new TraceBuilder("compaction");
  const ids = new Int32Array(2 * live);
  const allocate = (from: number) => {
    for (let i = from; i < ids.length; i++) ids[i] = trace.allocate(16 + below(39), 2);
  };
  allocate(0);
  let root = 0;
  for (let round = 0; ; round++) {
    for (let i = ids.length - 1; i > 0; i--) {
      const j = below(i + 1);
      const id = ids[i];
      ids[i] = ids[j];
      ids[j] = id;
    }
    for (let i = 0; i < ids.length; i++)
      for (let field = 0; field < 2; field++) {
        const child = 2 * i + 1 + field;
        trace.store(ids[i], field, ids[child < live ? child : below(live)]);
      }
    trace.root(ids[0]);
    if (root > 0 && root !== ids[0]) trace.unroot(root);
    root = ids[0];
    if (round === collections) return trace.finish();
    trace.collect();
    allocate(live);
  }
}

interface Row {
  readonly heap: string;
  readonly liveObjects: number;
  readonly liveBytes: number;
  readonly references: number;
  readonly copyMs: number;
  readonly markMs: number;
  readonly afterMarkMs: number;
  readonly totalMs: number;
  readonly totalRatio: number;
  readonly afterMarkRatio: number;
  readonly totalBar?: number;
  readonly afterMarkBar?: number;
}

const choice = choosePolicy(values.policy);
const kernel = values.plain ? undefined : kernelModule();

/** A replay of the trace, with time spent in marking apart. */
function heapOf(trace: ReturnType<typeof heapTrace>) {
  const replay = new Replay({
    ...choice,
    heap: 300 * objects + (1 << 20),
    record: false,
    metrics: false,
    kernel,
  });
  for (const chunk of trace.chunks) replay.feed(chunk);
  const { space, allocator } = replay;
  if (!isCollector(allocator)) throw new Error(`${values.policy} does not collect`);
  const { graph } = space;
  const mark = graph.mark.bind(graph);
  const spent = { marking: 0, total: 0 };
  graph.mark = () => {
    const begun = now();
    const count = mark();
    spent.marking = now() - begun;
    return count;
  };
  const collect = () => {
    const begun = now();
    allocator.collect(Cause.asked);
    spent.total = now() - begun;
    return spent;
  };
  return { space, collect };
}

function measure(heap: string, collections: number): Row {
  const trace = heapTrace(objects, collections, 1);
  const least = { copy: Infinity, mark: Infinity, after: Infinity, total: Infinity };
  let liveBytes = 0;
  let references = 0;
  for (let round = 1; round <= rounds; round++) {
    const { space, collect } = heapOf(trace);
    const bytes = new Uint8Array(space.segmentEnd(space.heap)).fill(1);
    const copy = (length: number) => {
      const begun = now();
      bytes.copyWithin(0, bytes.length - length);
      least.copy = Math.min(least.copy, now() - begun);
    };
    copy(35 * objects);
    const { marking, total } = collect();
    liveBytes = space.counter(Counter.liveBytes);
    references = space.graph.references();
    copy(liveBytes);
    least.mark = Math.min(least.mark, marking);
    least.after = Math.min(least.after, total - marking);
    least.total = Math.min(least.total, total);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${heap}, round ${round} of ${rounds}`);
  }
  return {
    heap,
    liveObjects: objects,
    liveBytes,
    references,
    copyMs: least.copy,
    markMs: least.mark,
    afterMarkMs: least.after,
    totalMs: least.total,
    totalRatio: least.total / least.copy,
    afterMarkRatio: least.after / least.copy,
    ...(collections === 0 && { totalBar: BARS.total, afterMarkBar: BARS.after }),
  };
}

const small = heapTrace(20_000, 0, 2);
for (let i = 0; i < 30; i++) heapOf(small).collect();
const rows = [measure("in order", 0), measure("recycled", RECYCLED)];
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
const report = {
  machine: cpus()[0]?.model ?? "unknown",
  node: process.versions.node,
  policy: values.policy,
  rounds,
  rows,
};
const line = (cells: readonly string[]) =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(14))).join("");
const times = (ratio: number, bar?: number) => `${ratio.toFixed(1)}x${bar === undefined ? "" : ` of ${bar}`}`;
const table = [
  `${report.machine}; Node ${report.node}; ${values.policy}; CPU time in ms, least of ${rounds} rounds`,
  line([
    "",
    "live objects",
    "live bytes",
    "references",
    "copyWithin",
    "marking",
    "after",
    "in all",
    "after / copy",
    "all / copy",
  ]),
  ...rows.map((row) =>
    line([
      row.heap,
      ...[row.liveObjects, row.liveBytes, row.references].map(String),
      ...[row.copyMs, row.markMs, row.afterMarkMs, row.totalMs].map((ms) => ms.toFixed(1)),
      times(row.afterMarkRatio, row.afterMarkBar),
      times(row.totalRatio, row.totalBar),
    ]),
  ),
];
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : `${table.join("\n")}\n`);
