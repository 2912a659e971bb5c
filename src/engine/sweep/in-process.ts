/** Jobs one after the other in this very thread: what takes it down takes the sweep down. */
import { JobDoer } from "./do-job.ts";
import type { Engine } from "./engine.ts";

export function inProcess(): Engine {
  const doer = new JobDoer();
  return {
    async run(jobs, { took, signal }) {
      for (const job of jobs) {
        signal?.throwIfAborted();
        took(await doer.do(job, signal));
      }
    },
    async close() {},
  };
}
