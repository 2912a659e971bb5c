/** Seeded sequences of requests for contract tests: small, mixed, and mean. */
import { TraceBuilder } from "../traces/builder.ts";
import type { Trace } from "../traces/trace.ts";

/** xorshift32 (Marsaglia, Journal of Statistical Software 8(14), 2003): whole numbers 0 .. n - 1. */
export function sequenceOf(seed: number): (n: number) => number {
  let state = (seed ^ 0x9e3779b9) | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

export interface MixOptions {
  readonly events: number;
  readonly seed: number;
  /** Bytes of a request: mostly small, now and then up to this. Default 600. */
  readonly most?: number;
  /** Live objects that the sequence hovers around. Default 40. */
  readonly live?: number;
  /** Whether to ask for alignments. Default: yes. */
  readonly aligned?: boolean;
  /** So many threads, begun one after the other, take turns, and free what others have asked for. Default: none is named. */
  readonly threads?: number;
}

/** malloc, calloc, memalign, realloc and free in no order, sizes of 0 and 1 included; ends with all freed. */
export function mixedTrace({
  events,
  seed,
  most = 600,
  live = 40,
  aligned = true,
  threads,
}: MixOptions): Trace {
  const below = sequenceOf(seed);
  const thread = sequenceOf(seed + 1);
  const trace = new TraceBuilder(`mixed sequence ${seed}`);
  if (threads !== undefined) {
    trace.records("thread");
    trace.threads.push(...Array.from({ length: threads }, (_, i) => i));
  }
  const objects: number[] = [];
  const size = () =>
    below(10) === 0 ? below(most + 1) : below(4) === 0 ? below(16) : below(Math.min(most, 96) + 1);
  const pick = () => below(objects.length);
  while (trace.events < events - objects.length) {
    if (threads !== undefined) trace.details.thread = thread(Math.min(threads, 1 + (trace.events >> 4)));
    const die = below(2 * live) < objects.length;
    if (die && objects.length > 0) {
      const i = pick();
      trace.free(objects[i]);
      objects[i] = objects[objects.length - 1];
      objects.pop();
    } else if (objects.length > 0 && below(5) === 0) trace.reallocate(objects[pick()], size());
    else if (below(8) === 0) objects.push(trace.callocate(below(9), below(40)));
    else if (aligned && below(12) === 0) objects.push(trace.memalign(16 << below(4), size()));
    else objects.push(trace.allocate(size()));
  }
  for (const id of objects) trace.free(id);
  return trace.finish();
}
