/** Plays the moves of a collection, lane by lane: forward, backward, one object, or at once. */
import { signal } from "@preact/signals";
import { pause } from "./cursor.ts";
import { moments } from "./session.ts";
import { moves } from "./show.ts";
import { calm } from "./theme.ts";

/** Lane whose moves play by themselves. */
export const sliding = signal<number | undefined>(undefined);

/** Milliseconds: of one object, and of the whole at least and at most. */
const ONE = 260;
const SHORTEST = 900;
const LONGEST = 7000;

let frame = 0;

const total = (lane: number): number => moments.value[lane]?.collection?.moves ?? 0;

/** Moves done, all of them unless some are taken back. */
export const done = (lane: number): number => moves.value[lane] ?? total(lane);

export function setDone(lane: number, to: number): void {
  const next = [...moves.value];
  next[lane] = to >= total(lane) ? undefined : Math.max(0, to);
  moves.value = next;
}

export function stopSliding(): void {
  cancelAnimationFrame(frame);
  sliding.value = undefined;
}

/** From the first move to the last; goes on where it was stopped. */
export function playMoves(lane: number): void {
  pause();
  const all = total(lane);
  const from = done(lane) >= all ? 0 : done(lane);
  const time = Math.max(SHORTEST, Math.min(LONGEST, all * ONE));
  slide(lane, from, all, (time * (all - from)) / all);
}

/** One object forward or back. */
export function stepMove(lane: number, by: 1 | -1): void {
  pause();
  stopSliding();
  const at = done(lane);
  const to = Math.max(0, Math.min(total(lane), by > 0 ? Math.floor(at) + 1 : Math.ceil(at) - 1));
  slide(lane, at, to, ONE);
}

function slide(lane: number, from: number, to: number, time: number): void {
  stopSliding();
  if (calm.matches || time <= 0) {
    setDone(lane, to);
    return;
  }
  sliding.value = lane;
  const began = performance.now();
  const tick = (now: number) => {
    const share = Math.min(1, Math.max(0, (now - began) / time));
    setDone(lane, from + (to - from) * share);
    if (share < 1) frame = requestAnimationFrame(tick);
    else sliding.value = undefined;
  };
  setDone(lane, from);
  frame = requestAnimationFrame(tick);
}
