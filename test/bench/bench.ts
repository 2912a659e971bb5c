/**
 * `npm run bench`: the same traces through our policies and through the allocators people run, in turns.
 *
 *   --json           {machine, rounds, rows, skipped} on stdout instead of the table
 *   --quick          smaller traces, 3 rounds: under a minute, to see that it works; V8 is hardly warm
 *   --check          short traces, fastest of 5 rounds: fails when a bar is missed by more than SLACK times
 *   --rounds N       default 5
 *   --budget MS      CPU time that a contender gets at most in a round, default 4000; slow ones see less of the trace
 *   --policy CALL    instead of those that have a bar to meet; may be given again
 *   --trace NAME     only traces whose names begin so; may be given again
 *   --against DIR    another build of this library (its dist), in the same turns: rows `NAME@DIR`
 *
 * A round is a process of its own, and a contender has its rounds in turn with all others, so that what else the
 * machine does falls on all alike. Figures are CPU time; their ratios are what counts.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, release, tmpdir, type } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { reached, SLACK, verdicts } from "./bars.ts";
import { type Contender, compilerVersion, glibcVersion, peers, policy } from "./contenders.ts";
import { writePacked } from "./packed-trace.ts";
import { type Report, type Row, type Skipped, table } from "./table.ts";
import { type BenchTrace, benchTraces } from "./traces.ts";

const root = resolve(import.meta.dirname, "../..");
const POLICIES = ["tlsf", "best-fit", "slab", "buddy", "first-fit", "glibc"];
/** Share of the events behind the filling that warm up, and the most that do. */
const WARM_SHARE = 0.3;
const WARM_MOST = 500_000;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    rounds: { type: "string" },
    budget: { type: "string" },
    policy: { type: "string", multiple: true, default: POLICIES },
    trace: { type: "string", multiple: true, default: [""] },
    against: { type: "string" },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
const budgetMs = Number(values.budget ?? (values.quick ? 100 : values.check ? 1500 : 4000));

const made = mkdtempSync(join(tmpdir(), "heapscape-bench-"));
process.on("exit", () => rmSync(made, { recursive: true, force: true }));
process.on("SIGINT", () => process.exit(130));

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};

/**
 * Our policies of this build and, if asked for, of another, with metrics and, where `bare`, without. A policy that bears
 * a peer's name is called its model where it is without metrics: name and metrics tell rows apart.
 */
function ours(bare: boolean, present: readonly Contender[]): Contender[] {
  const dist = join(root, "dist");
  statSync(join(dist, "index.js"));
  const { policy: calls, against } = values;
  return calls.flatMap((call) =>
    (bare ? [true, false] : [true]).flatMap((metrics) => [
      policy(
        dist,
        call,
        metrics,
        !metrics && present.some(({ name }) => name === call) ? `${call}-model` : call,
      ),
      ...(against ? [policy(resolve(against), call, metrics, `${call}@${against}`)] : []),
    ]),
  );
}

/** All rounds of one trace. */
async function contest(
  { name, live, filled, trace }: BenchTrace,
  contenders: readonly Contender[],
): Promise<{ rows: Row[]; skipped: Skipped[] }> {
  const file = join(made, "trace");
  const from = filled + Math.min(Math.floor((trace.events - filled) * WARM_SHARE), WARM_MOST);
  writePacked(file, trace, filled, from);
  const times = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  const events = new Map<Contender, number>();
  const skipped: Skipped[] = [];
  for (let round = 1; round <= rounds; round++)
    for (const contender of times.keys()) {
      progress(`${name}, round ${round} of ${rounds}: ${contender.name}`);
      const measured = await contender.round(file, budgetMs);
      if ("skipped" in measured) {
        times.delete(contender);
        skipped.push({ name: contender.name, trace: name, why: measured.skipped });
      } else {
        times.get(contender)?.push(measured.ns);
        events.set(contender, measured.events);
      }
    }
  const rows = [...times].map(([contender, each]): Row => {
    const sorted = each.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    const taken = values.check ? sorted[0] : median;
    return {
      trace: name,
      live,
      name: contender.name,
      metrics: contender.metrics,
      nsPerEvent: taken,
      spread: (sorted[sorted.length - 1] - sorted[0]) / taken,
      events: events.get(contender) ?? 0,
      ours: contender.ours,
    };
  });
  return { rows, skipped };
}

const { present, absent } = await peers(made);
const rows: Row[] = [];
const skipped: Skipped[] = [...absent];
const reference = process.env.HEAPSCAPE_REFERENCE ?? join(root, "../shared/reference");
const size = values.check ? "check" : values.quick ? "quick" : "whole";
for await (const trace of benchTraces(size, reference)) {
  if (!values.trace.some((name) => trace.name.startsWith(name))) continue;
  const all = [...present, ...ours(trace.bare, present)];
  const result = await contest(
    trace,
    trace.only ? all.filter(({ name }) => trace.only?.includes(name)) : all,
  );
  rows.push(...result.rows);
  skipped.push(...result.skipped);
}
progress("");
const [cpu] = cpus();
const report: Report = {
  machine: {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    glibc: glibcVersion(),
    compiler: compilerVersion(),
  },
  rounds,
  rows,
  skipped,
};
const bars = reached(rows);
if (values.json) process.stdout.write(`${JSON.stringify({ ...report, bars }, null, 2)}\n`);
else process.stdout.write(`${table(report)}\n${verdicts(bars)}`);
// A check that compares nothing must not pass where it counts.
if (values.check && process.env.CI && absent.some(({ name }) => name === "glibc")) process.exitCode = 1;
if (values.check && bars.some(({ reached, ratio, open }) => !open && reached * SLACK < ratio))
  process.exitCode = 1;
