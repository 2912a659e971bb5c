/** What runs in each thread of the pool; see threads.ts. */
import { setImmediate } from "node:timers/promises";
import { trapExit } from "../exit-trap.ts";
import { failedWith, JobDoer } from "./do-job.ts";
import type { Outcome } from "./engine.ts";
import type { PlannedJob } from "./plan.ts";

// Whoever ends the process here ends a thread, of which nobody would hear.
trapExit();

/** What a policy threw in a callback of its own, where no replay could catch it. */
let stray: unknown;
process.on("uncaughtException", (error) => {
  stray ??= error;
});

const doer = new JobDoer();

export default async (job: PlannedJob): Promise<Outcome> => {
  stray = undefined;
  const outcome = await doer.do(job);
  await setImmediate(); // what the replay left to be called back
  if (stray === undefined) return outcome;
  const message = stray instanceof Error ? stray.message : String(stray);
  return failedWith(job, `${job.policy}: it threw outside of the replay: ${message}`);
};
