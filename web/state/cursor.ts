/** Moves the cursor: seek, step, play, and jumps to what matters. */
import { batch, effect, signal } from "@preact/signals";
import { against, colouring, filter, part } from "./appearance.ts";
import { event, events, lanes, writeAddress } from "./session.ts";
import { moves, waves } from "./show.ts";
import { followCursor } from "./span.ts";

/** Events a second. */
export const SPEEDS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536] as const;
export const speed = signal<number>(64);
export const playing = signal(false);

export function seek(to: number): void {
  const next = Math.max(0, Math.min(events.value, Math.round(to)));
  batch(() => {
    event.value = next;
    moves.value = [];
    waves.value = [];
    followCursor();
  });
  remember();
}

export function step(by: number): void {
  pause();
  seek(event.value + by);
}

export type Landmark = "refusal" | "collection";

/** Cursors just after each refusal or collection of any lane, ascending. */
export function landmarks(kind: Landmark): number[] {
  const all = lanes.value.flatMap((lane): readonly { event: number }[] =>
    kind === "refusal" ? lane.refusals : lane.collections,
  );
  return [...new Set(all.map((entry) => entry.event + 1))].sort((a, b) => a - b);
}

/** The next one, or the first again after the last. */
export function jump(kind: Landmark, backwards = false): void {
  const all = landmarks(kind);
  if (all.length === 0) return;
  pause();
  const here = event.value;
  const next = backwards ? all.findLast((at) => at < here) : all.find((at) => at > here);
  seek(next ?? (backwards ? all[all.length - 1] : all[0]));
}

let frame = 0;

export function play(): void {
  if (playing.value) return;
  if (event.value >= events.value) seek(0);
  playing.value = true;
  let before = performance.now();
  let due = event.value;
  const tick = (now: number) => {
    due += ((now - before) * speed.value) / 1000;
    before = now;
    if (due >= event.value + 1) seek(due - (due % 1));
    if (event.value >= events.value) pause();
    else frame = requestAnimationFrame(tick);
  };
  frame = requestAnimationFrame(tick);
}

export function pause(): void {
  if (!playing.value) return;
  playing.value = false;
  cancelAnimationFrame(frame);
  remember();
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** The address follows when the cursor rests: browsers limit how often it may change. */
export function remember(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!playing.value) writeAddress();
  }, 250);
}

// How maps and charts look is in the address too.
effect(() => {
  void [colouring.value, filter.value, part.value, against.value];
  remember();
});
