/** Parts of one sweep, done wherever, become the whole. */
import type { Outcome } from "./engine.ts";
import { cellInWords, firstDifference, type Plan } from "./plan.ts";
import { readOutcomes, readPlan } from "./store.ts";

/** Something is missing: no fault of what is there. */
export class MissingError extends Error {
  override readonly name = "MissingError";
}

/**
 * All outcomes of the folders' one plan. Throws where their versions or plans differ, or two of them have different
 * outcomes for one job; MissingError where some job has none.
 */
export function mergeFolders(folders: readonly string[]): { plan: Plan; outcomes: Map<string, Outcome> } {
  const parts = folders.map((folder) => ({ folder, ...readPlan(folder) }));
  const [first, ...others] = parts;
  for (const { folder, plan } of parts)
    if (plan.search) throw new Error(`${folder}: it is a search (--minimize), which has no parts to merge`);
  for (const { folder, plan } of others) {
    if (plan.version !== first.plan.version)
      throw new Error(
        `${folder}: it is a sweep of Heapscape ${plan.version}, ${first.folder} one of ${first.plan.version}; do both with one version`,
      );
    if (JSON.stringify(plan.jobs) !== JSON.stringify(first.plan.jobs))
      throw new Error(
        `${folder}: its plan is not that of ${first.folder}: ${firstDifference(plan, first.plan)}`,
      );
  }
  const outcomes = new Map<string, Outcome>();
  const from = new Map<string, string>();
  const planned = new Set(first.plan.jobs.map(({ id }) => id));
  for (const { folder } of parts) {
    for (const [id, outcome] of lastOf(readOutcomes(folder).outcomes)) {
      if (!planned.has(id)) throw new Error(`${folder}: it has a result, ${id}, that is not in its plan`);
      const other = outcomes.get(id);
      if (other && JSON.stringify(other) !== JSON.stringify(outcome))
        throw new Error(
          `${folder}: its result for ${cellInWords(first.plan, id)} is not that of ${from.get(id)}`,
        );
      outcomes.set(id, outcome);
      from.set(id, folder);
    }
  }
  checkComplete(parts, first.plan, outcomes);
  return { plan: first.plan, outcomes };
}

/** What was done again, having failed, has two lines; the later one holds. */
const lastOf = (outcomes: readonly Outcome[]) => new Map(outcomes.map((outcome) => [outcome.id, outcome]));

function checkComplete(
  parts: readonly ReturnType<typeof readPlan>[],
  plan: Plan,
  outcomes: ReadonlyMap<string, Outcome>,
): void {
  const missing = plan.jobs.filter(({ id }) => !outcomes.has(id));
  if (missing.length === 0) return;
  const of = Math.max(...parts.map(({ shard }) => shard.of));
  const there = new Set(parts.filter(({ shard }) => shard.of === of).map(({ shard }) => shard.index));
  const absent = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !there.has(index));
  const shards =
    absent.length > 0 ? `no shard ${absent.map((index) => `${index}/${of}`).join(", ")}, and so ` : "";
  throw new MissingError(
    `there is ${shards}no result for ${missing.length} of ${plan.jobs.length} cells; the first is ${cellInWords(plan, missing[0].id)}`,
  );
}
