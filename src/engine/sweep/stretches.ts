/**
 * Who does which jobs. Neighbours share a trace, which a thread reads once for them, and a policy, for which it has
 * compiled its code: each thread goes through a stretch of its own, then helps with the longest that is left, from its end.
 */
export class Stretches<J> {
  private readonly left: J[][];

  constructor(jobs: readonly J[], threads: number) {
    const begin = (thread: number) => Math.round((jobs.length * thread) / threads);
    this.left = Array.from({ length: threads }, (_, thread) => jobs.slice(begin(thread), begin(thread + 1)));
  }

  /** Undefined when there is nothing left to begin. `thread`: from 0. */
  next(thread: number): J | undefined {
    const own = this.left[thread].shift();
    if (own !== undefined) return own;
    return this.left.reduce((a, b) => (b.length > a.length ? b : a)).pop();
  }
}
