/**
 * `npm run bench:sweep`: how much faster two threads do a sweep than one does. Both do the same jobs in turns, so that what
 * else the machine does falls on both.
 *
 *   --rounds N   default 3
 *   --steps N    of the workloads, default 6000000: a minute in one thread. In a third of it each thread's start and its
 *                compiler, of which one thread has no less to do than two, take a tenth
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { cells } from "../../src/engine/run-cells.ts";
import { planOf } from "../../src/engine/sweep/plan.ts";
import { Store } from "../../src/engine/sweep/store.ts";
import { sweep } from "../../src/engine/sweep/sweep.ts";
import { inThreads } from "../../src/engine/sweep/threads.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, steps: { type: "string", default: "6000000" } },
});
const inputs = [`workload:random:steps=${values.steps}`, `workload:random:live=2000,steps=${values.steps}`];
const policies = ["first-fit", "best-fit", "tlsf", "buddy", "glibc", "slab"];
const { jobs } = await planOf("bench", cells(inputs, policies, ["1.2x", "1.5x", "2x", "4x"]));

/** Seconds, on the clock and of all threads; these start within them, as they do in a sweep. */
async function timed(threads: number) {
  const engine = inThreads({ threads });
  const start = performance.now();
  const before = process.cpuUsage();
  await sweep(jobs, new Store(), engine);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  await engine.close();
  return { seconds, cpu: (user + system) / 1e6 };
}

console.log(`${jobs.length} cells, ${cpus().length} processors, load ${loadavg()[0].toFixed(1)}`);
const ratios: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const one = await timed(1);
  const two = await timed(2);
  ratios.push(one.seconds / two.seconds);
  const told = ({ seconds, cpu }: typeof one) => `${seconds.toFixed(1)} s (${cpu.toFixed(1)} s of CPU time)`;
  console.log(`1 thread ${told(one)}, 2 threads ${told(two)}: ${ratios[round].toFixed(2)}`);
}
ratios.sort((a, b) => a - b);
const median = ratios[ratios.length >> 1];
console.log(`median ${median.toFixed(2)}, bar 1.8: ${median >= 1.8 ? "reached" : "missed"}`);
