/** A sweep: what of its jobs is not done yet goes to an engine, longest first, and what comes back into the store. */
import { statSync } from "node:fs";
import { choosePolicy } from "../../replay/policies.ts";
import { isWorkload } from "../inputs.ts";
import { policyFile } from "../load-policy.ts";
import type { Result } from "../result.ts";
import type { Engine } from "./engine.ts";
import type { PlannedJob } from "./plan.ts";
import type { Store } from "./store.ts";

export interface SweepSettings {
  readonly signal?: AbortSignal;
  /** So many jobs of so many are done; `now` of them by this run. */
  readonly progress?: (done: number, all: number, now: number) => void;
}

/** Ends with the result of all `jobs`. What was done is in the store, also where this throws. */
export async function sweep(
  jobs: readonly PlannedJob[],
  store: Store,
  engine: Engine,
  { signal, progress }: SweepSettings = {},
): Promise<Result> {
  const left = longestFirst(jobs.filter(({ id }) => !store.outcomes.has(id)));
  let now = 0;
  const tell = () => progress?.(jobs.length - left.length + now, jobs.length, now);
  tell();
  await engine.run(left, {
    ...(signal && { signal }),
    took(outcome) {
      store.add(outcome);
      now++;
      tell();
    },
  });
  return store.result(jobs);
}

/**
 * So that no long job is begun when all others are done, and jobs of one trace come one after another, for a thread holds
 * one trace: the longest traces first, and of one trace collectors before allocators.
 * Generated traces, of whose length nothing is known, come before all files.
 */
export function longestFirst(jobs: readonly PlannedJob[]): PlannedJob[] {
  const traces = new Map<string, { readonly bytes: number; readonly at: number }>();
  const keyOf = ({ input, seed }: PlannedJob): string => `${seed} ${input}`;
  for (const [at, job] of jobs.entries()) {
    const { input } = job;
    if (traces.has(keyOf(job))) continue;
    const bytes = isWorkload(input)
      ? Number.MAX_SAFE_INTEGER
      : (statSync(input, { throwIfNoEntry: false })?.size ?? 0);
    traces.set(keyOf(job), { bytes, at });
  }
  return jobs
    .map((job) => ({ job, trace: traces.get(keyOf(job))!, rank: rankOf(job) }))
    .sort((a, b) => b.trace.bytes - a.trace.bytes || a.trace.at - b.trace.at || a.rank - b.rank)
    .map(({ job }) => job);
}

/** The lower, the longer a replay is likely to take. */
function rankOf({ policy }: PlannedJob): number {
  if (policyFile(policy)) return 1;
  const { policy: found, options } = choosePolicy(policy);
  if (found.kind === "collector") return 0;
  return found.kernel?.(options) === undefined ? 1 : 2;
}
