/** What does a sweep's jobs: this thread, threads of this machine, or whoever listens to a queue. */
import type { Cell, Failure } from "../result.ts";
import type { PlannedJob } from "./plan.ts";

/** What a job comes to: plain data, equal in every engine. */
export type Outcome =
  | { readonly id: string; readonly cell: Cell }
  | { readonly id: string; readonly failure: Failure };

export interface EngineSettings {
  /** Called once for each job, in whatever order. */
  readonly took: (outcome: Outcome) => void;
  /** Ends the run with its reason: no job is begun any more, and no outcome is told. */
  readonly signal?: AbortSignal;
}

/** `test/engine/sweep/engine-contract.ts` says what each of them must do. */
export interface Engine {
  /**
   * Does the jobs, begun in their order. Ends when each has its outcome: a job whose policy or trace fails, or takes its
   * thread or its machine with it, has its failure as that. Rejects when it is cancelled, or can do nothing at all.
   */
  run(jobs: readonly PlannedJob[], settings: EngineSettings): Promise<void>;
  /** Ends what belongs to it. */
  close(): Promise<void>;
}
