/** Long work in slices, with a pause after each in which the worker hears what else the page asks. */
import type { Replay } from "../../src/replay/replay.ts";
import { slice, type Trace } from "../../src/traces/trace.ts";

/** Milliseconds of one slice, and events between two looks at the clock. */
const SLICE = 25;
const STRIDE = 1024;

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** A task of its own behind those that wait. Timers would wait 4 ms each time. */
export const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(undefined);
  });

/** Feeds all of `trace`; stops at event `at` on the way, for `look` at what the space holds then. */
export async function feedInSlices(
  run: Replay,
  trace: Trace,
  { signal, progress, at, look }: FeedSettings,
): Promise<void> {
  let until = performance.now() + SLICE;
  if (at === 0) look?.();
  for (const chunk of trace.chunks) {
    for (let from = 0; from < chunk.events; ) {
      const base = run.event - from;
      const most = Math.min(chunk.events, from + STRIDE);
      const to = at !== undefined && at > base + from && at < base + most ? at - base : most;
      run.feed(slice(chunk, from, to));
      from = to;
      if (run.event === at) look?.();
      if (performance.now() < until) continue;
      progress(run.event / trace.events);
      await breathe();
      signal.throwIfAborted();
      until = performance.now() + SLICE;
    }
  }
}

export interface FeedSettings {
  readonly signal: AbortSignal;
  /** 0 .. 1 */
  readonly progress: (share: number) => void;
  /** Events applied when `look` is called. */
  readonly at?: number;
  readonly look?: () => void;
}
