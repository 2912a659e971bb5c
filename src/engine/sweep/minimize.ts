/** The options with which a policy does best by one figure, as far as a local search finds them; see descent.ts. */
import { costOf } from "../../metrics/metric.ts";
import type { Options } from "../../options/options.ts";
import type { Cell, Result } from "../result.ts";
import type { Job } from "../run-cell.ts";
import { policySpace, type Space } from "./calls.ts";
import { type Cost, type Descent, descend, type Point } from "./descent.ts";
import type { Engine, Outcome } from "./engine.ts";
import { type Plan, type PlannedJob, planOf } from "./plan.ts";
import type { Store } from "./store.ts";
import { sweep } from "./sweep.ts";

/** What one search came to: of one input, one policy and one heap. */
export interface Search {
  readonly input: string;
  /** As it was asked for: `NAME[:key=value,...]` or a file, with what its options may be. */
  readonly policy: string;
  /** Cells that were tried, that with the defaults among them. */
  readonly tried: number;
  /** Of those, cells that refused requests. */
  readonly refused: number;
  /** Of those, cells that failed. */
  readonly failed: number;
  readonly ended: Descent["ended"];
  /** With the defaults, or what is nearest to them; missing where that cell failed. */
  readonly start?: Cell;
  /** Missing where every cell failed. */
  readonly best?: Cell;
  /** What of the best cell's options differs from the defaults. */
  readonly changed: Options;
}

export interface Minimized {
  /** The figure by which cells were compared. */
  readonly metric: string;
  /** In the order in which they were asked for. */
  readonly searches: readonly Search[];
}

export interface MinimizeSettings {
  /** A figure of which more or less is worse. */
  readonly metric: string;
  /** Most cells of each search. */
  readonly budget: number;
  readonly signal?: AbortSignal;
  /** Search `index` of `all`, from 0, has tried so many cells. */
  readonly progress?: (index: number, all: number, tried: number) => void;
}

/** Searches that are to be done, and the plan of a folder that keeps what they try. */
export class Searches {
  readonly plan: Plan;
  private readonly targets: readonly Target[];
  private readonly hashes: Map<string, Promise<string>>;

  private constructor(plan: Plan, targets: readonly Target[], hashes: Map<string, Promise<string>>) {
    this.plan = plan;
    this.targets = targets;
    this.hashes = hashes;
  }

  /** Their policies are calls with what their options may be. Throws where one, or a file, is not as it must be. */
  static async of(version: string, jobs: readonly Job[]): Promise<Searches> {
    const hashes = new Map<string, Promise<string>>();
    const targets: Target[] = [];
    for (const job of jobs) targets.push({ job, space: await policySpace(job.policy) });
    const starts = targets.map(({ job, space }) => jobAt(job, space, startOf(space)));
    return new Searches({ ...(await planOf(version, starts, hashes)), search: true }, targets, hashes);
  }

  /** One after the other; each cell is computed once, and what was done is in the store, also where this throws. */
  async run(
    store: Store,
    engine: Engine,
    settings: MinimizeSettings,
  ): Promise<Result & { minimized: Minimized }> {
    const { metric, budget, signal, progress } = settings;
    const { targets, hashes, plan } = this;
    const jobs = new Map<string, PlannedJob>();
    const found: Found[] = [];
    for (const [index, { job, space }] of targets.entries()) {
      const ids = new Map<string, string>();
      const descent = await descend(
        space.axes.map(({ values, start, ordered }) => ({ size: values.length, start, ordered })),
        budget,
        async (points) => {
          const asked = points.map((point) => jobAt(job, space, point));
          const planned = (await planOf(plan.version, asked, hashes)).jobs;
          for (const [i, each] of planned.entries()) {
            ids.set(String(points[i]), each.id);
            if (!jobs.has(each.id)) jobs.set(each.id, each);
          }
          await sweep(planned, store, engine, {
            ...(signal && { signal }),
            progress: (done) => progress?.(index, targets.length, ids.size - points.length + done),
          });
          return planned.map(({ id }) => outcomeCost(store.outcomes.get(id)!, metric));
        },
      );
      found.push({ ...descent, job, space, ids });
    }
    const result = store.result([...jobs.values()]);
    const ended = [...jobs.keys()].filter((id) => "cell" in store.outcomes.get(id)!);
    const cells = new Map(ended.map((id, at) => [id, result.cells[at]]));
    const searches = found.map(({ job, space, ids, best, tried, ended }): Search => {
      const own = [...ids.values()].flatMap((id) => cells.get(id) ?? []);
      const at = (point: Point) => cells.get(ids.get(String(point))!);
      const [first, last] = [at(startOf(space)), at(best)];
      return {
        input: job.input,
        policy: job.policy,
        tried,
        refused: own.filter(({ metrics }) => metrics.refusals > 0).length,
        failed: tried - own.length,
        ended,
        ...(first && { start: first }),
        ...(last && { best: last }),
        changed: space.changed(best),
      };
    });
    return { ...result, minimized: { metric, searches } };
  }
}

interface Target {
  readonly job: Job;
  readonly space: Space;
}

interface Found extends Target, Descent {
  /** Of the cells that were tried, by their points. */
  readonly ids: ReadonlyMap<string, string>;
}

const startOf = ({ axes }: Space): Point => axes.map(({ start }) => start);
const jobAt = (job: Job, space: Space, point: Point): Job => ({ ...job, policy: space.call(point) });

/** A cell that failed is worse than all others, and one that refused requests worse than any that refused fewer. */
function outcomeCost(outcome: Outcome, metric: string): Cost {
  if ("failure" in outcome) return [1, 0, 0];
  const { metrics } = outcome.cell;
  return [0, metrics.refusals, costOf(metric, metrics)];
}
