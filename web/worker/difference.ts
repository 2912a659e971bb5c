/** Where two heaps differ: what is in use in both, in the first only, in the second only. One merge, O(runs). */
import { Kind, type Runs } from "./runs.ts";

/** Tones of the runs of a difference, which are all `live`. */
export const Differs = { both: 0, here: 1, there: 2 } as const;

/** `here` and `there` ascend by start. Bytes of live blocks only: garbage and what is the allocator's own are as free. */
export function difference(runs: Runs, here: Runs, there: Runs): void {
  const a = new Edges(here);
  const b = new Edges(there);
  let at = Math.min(a.next, b.next);
  let tone = -1;
  let start = at;
  while (at !== Number.POSITIVE_INFINITY) {
    const inHere = a.pass(at);
    const inThere = b.pass(at);
    const now = inHere ? (inThere ? Differs.both : Differs.here) : inThere ? Differs.there : -1;
    if (now !== tone) {
      if (tone >= 0) add(runs, start, at, tone);
      start = at;
      tone = now;
    }
    at = Math.min(a.next, b.next);
  }
}

/** The addresses where live bytes begin or end, ascending. */
class Edges {
  /** The next one that was not passed. */
  next = Number.POSITIVE_INFINITY;
  readonly #runs: Runs;
  #i = -1;
  #inside = false;

  constructor(runs: Runs) {
    this.#runs = runs;
    this.#seek();
  }

  /** Whether the byte at `at`, which is no farther than `next`, is live. */
  pass(at: number): boolean {
    while (at === this.next) {
      this.#inside = !this.#inside;
      if (this.#inside) this.next = this.#runs.start[this.#i] + this.#runs.length[this.#i];
      else this.#seek();
    }
    return this.#inside;
  }

  #seek(): void {
    const { kind, count, start } = this.#runs;
    do this.#i++;
    while (this.#i < count && kind[this.#i] !== Kind.live);
    this.next = this.#i < count ? start[this.#i] : Number.POSITIVE_INFINITY;
  }
}

function add(runs: Runs, start: number, end: number, tone: number): void {
  const i = runs.add();
  runs.start[i] = start;
  runs.length[i] = end - start;
  runs.payload[i] = end - start;
  runs.offset[i] = 0;
  runs.kind[i] = Kind.live;
  runs.tone[i] = tone;
  runs.moved[i] = 0;
  runs.emphasis[i] = 0;
  runs.slot[i] = 0;
}
