/** `npm run check:sweep`: a thousand cells come to the same on every engine, and in shards, to the byte. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cells } from "../../../src/engine/run-cells.ts";
import { inputCalls, policyCalls } from "../../../src/engine/sweep/calls.ts";
import type { Engine } from "../../../src/engine/sweep/engine.ts";
import { inProcess } from "../../../src/engine/sweep/in-process.ts";
import { mergeFolders } from "../../../src/engine/sweep/merge.ts";
import { type PlannedJob, planOf } from "../../../src/engine/sweep/plan.ts";
import { onRedis } from "../../../src/engine/sweep/redis.ts";
import { workOn } from "../../../src/engine/sweep/redis-worker.ts";
import { jobsOfShard, Store } from "../../../src/engine/sweep/store.ts";
import { sweep } from "../../../src/engine/sweep/sweep.ts";
import { inThreads } from "../../../src/engine/sweep/threads.ts";
import { RedisServer } from "./redis-server.ts";

const INPUTS = [
  "workload:random:live=20,steps=20|30|40|50|60",
  "workload:linked-list:length=20,steps=40|50|60|70|80",
];
const POLICIES = [
  "first-fit",
  "best-fit",
  "tlsf:bits=*",
  "buddy",
  "glibc",
  "slab",
  "mark-compact",
  "semispace",
  "pool",
];
const HEAPS = ["1.1x", "1.2x", "1.5x", "2x", "3x", "4KiB", "8KiB", "16KiB", "64KiB", "grow"];

const policies = (await Promise.all(POLICIES.map(policyCalls))).flat();
const plan = await planOf("check", cells(INPUTS.flatMap(inputCalls), policies, HEAPS));
if (plan.jobs.length !== 1000) throw new Error(`there are ${plan.jobs.length} cells`);

const digests = new Set<string>();
function tell(name: string, result: unknown, start: number): void {
  const digest = createHash("sha256").update(JSON.stringify(result)).digest("hex");
  digests.add(digest);
  console.log(
    `${name.padEnd(28)} ${digest.slice(0, 16)}  ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
}

async function on(name: string, engine: Engine, jobs: readonly PlannedJob[] = plan.jobs): Promise<void> {
  const start = performance.now();
  const result = await sweep(jobs, new Store(), engine);
  await engine.close();
  if (result.cells.length + result.failures.length !== 1000) throw new Error(`${name}: cells are missing`);
  tell(`${name} (${result.failures.length} failures)`, result, start);
}

const redis = await new RedisServer().start();
const folder = mkdtempSync(join(tmpdir(), "heapscape-thousand-"));
try {
  await on("in-process", inProcess());
  await on("2 threads", inThreads({ threads: 2 }));
  const settings = { url: redis.url, version: "check" };
  const workers = await Promise.all([1, 2].map(() => workOn({ ...settings, threads: 1 })));
  await on("bullmq, 2 workers", onRedis(settings));
  for (const worker of workers) await worker.close();
  const start = performance.now();
  const parts = [3, 1, 2].map((index) => ({ index, of: 3 }));
  for (const shard of parts) {
    const engine = inThreads({ threads: 2 });
    const store = Store.open(join(folder, String(shard.index)), plan, shard);
    await sweep(jobsOfShard(plan, shard), store, engine);
    store.close();
    await engine.close();
  }
  const merged = new Store();
  for (const outcome of mergeFolders(parts.map(({ index }) => join(folder, String(index)))).outcomes.values())
    merged.add(outcome);
  tell("3 shards, merged", merged.result(plan.jobs), start);
} finally {
  await redis.stop();
  rmSync(folder, { recursive: true });
}
if (digests.size > 1) {
  console.error("the results differ");
  process.exitCode = 1;
}
