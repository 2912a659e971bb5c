/** Plays a collection, lane by lane and pass by pass: forward, backward, one step, or at once. */
import { batch, effect, signal } from "@preact/signals";
import type { Compaction, Passes } from "../worker/protocol.ts";
import { pause } from "./cursor.ts";
import { engine, event, lanes, moments } from "./session.ts";
import { moves, waves } from "./show.ts";
import { calm } from "./theme.ts";

/** In the order in which they are shown; collectors that do two at once say so. */
export const PASSES = ["mark", "addresses", "references", "moves"] as const;
export type Pass = (typeof PASSES)[number];

/** Lane whose pass plays by itself. */
export const sliding = signal<number | undefined>(undefined);
/** The pass that each lane shows: its moves, if nothing else is said. */
const shown = signal<readonly (Pass | undefined)[]>([]);
/** Addresses computed or references rewritten, in that pass; all of them when undefined. */
const steps = signal<readonly (number | undefined)[]>([]);
const facts = signal<readonly (Passes | undefined)[]>([]);
const apart = signal<readonly (Compaction | undefined)[]>([]);

/** Milliseconds: of one step, and of a pass at least and at most. */
const ONE = 260;
const SHORTEST = 900;
const LONGEST = 7000;

let frame = 0;

export const passOf = (lane: number): Pass => (factsOf(lane) && shown.value[lane]) || "moves";

/** Of the event at the cursor, the collection that is taken apart. */
export const apartOf = (lane: number): Compaction | undefined => {
  const known = apart.value[lane];
  return known?.event === moments.value[lane]?.event ? known : undefined;
};

/** Of the collection at the cursor, once a pass before the moves was asked for. */
export const factsOf = (lane: number): Passes | undefined => {
  const known = facts.value[lane];
  return known?.event === moments.value[lane]?.event ? known : undefined;
};

/** Steps of the pass that is shown. */
export function total(lane: number): number {
  const known = factsOf(lane);
  switch (passOf(lane)) {
    case "mark":
      return known?.waves.length ?? 0;
    case "references":
      return known?.references ?? 0;
    default:
      return apartOf(lane)?.moves.count ?? 0;
  }
}

/** Steps done, all of them unless some are taken back. */
export function done(lane: number): number {
  const pass = passOf(lane);
  const at = pass === "moves" ? moves.value[lane] : pass === "mark" ? waves.value[lane] : steps.value[lane];
  return at ?? total(lane);
}

export function setDone(lane: number, to: number): void {
  const pass = passOf(lane);
  const all = total(lane);
  const at = Math.max(0, Math.min(all, to));
  // After its last move there is the heap as it is, unless the event has more collections.
  const each = moments.value[lane]?.collection?.each ?? [];
  const isLast = (apartOf(lane)?.which ?? 0) >= each.length - 1;
  batch(() => {
    set(moves, lane, pass !== "moves" ? 0 : at >= all && isLast ? undefined : at);
    set(waves, lane, pass === "mark" ? Math.ceil(at) : undefined);
    set(steps, lane, pass === "addresses" || pass === "references" ? at : undefined);
  });
}

/** Takes a collection of the event apart: the one of that number, or the first that moves something. */
export async function takeApart(lane: number, which?: number): Promise<void> {
  stopSliding();
  const at = event.value;
  const found = await engine.call((laboratory) => laboratory.compaction(lane, which)).catch(() => undefined);
  if (at !== event.value || found?.event !== at) return;
  batch(() => {
    set(apart, lane, found);
    set(facts, lane, undefined);
    if (which !== undefined) setDone(lane, total(lane));
  });
  if (found.moves.count === 0) await showPass(lane, "mark");
}

/** Goes to a pass, and to its end; what marking reaches is found out when it is first asked for. */
export async function showPass(lane: number, pass: Pass, from: "begin" | "end" = "end"): Promise<void> {
  stopSliding();
  const at = event.value;
  if (pass !== "moves" && !factsOf(lane)) {
    const found = await engine.call((laboratory) => laboratory.passes(lane)).catch(() => undefined);
    if (at !== event.value) return;
    set(facts, lane, found);
  }
  batch(() => {
    set(shown, lane, pass);
    setDone(lane, from === "begin" ? 0 : total(lane));
  });
}

export function stopSliding(): void {
  cancelAnimationFrame(frame);
  sliding.value = undefined;
}

/** The pass that is shown, from its first step to its last; goes on where it was stopped. */
export function playMoves(lane: number, then?: () => void): void {
  pause();
  const all = total(lane);
  const from = done(lane) >= all ? 0 : done(lane);
  const time = Math.max(SHORTEST, Math.min(LONGEST, all * ONE));
  slide(lane, from, all, all === 0 ? 0 : (time * (all - from)) / all, then);
}

/** All passes, one after the other. */
export async function playPasses(lane: number, first = 0): Promise<void> {
  await showPass(lane, PASSES[first], "begin");
  playMoves(lane, () => {
    if (first + 1 < PASSES.length) playPasses(lane, first + 1);
  });
}

/** One step forward or back. */
export function stepMove(lane: number, by: 1 | -1): void {
  pause();
  stopSliding();
  const at = done(lane);
  const to = Math.max(0, Math.min(total(lane), by > 0 ? Math.floor(at) + 1 : Math.ceil(at) - 1));
  slide(lane, at, to, ONE);
}

function slide(lane: number, from: number, to: number, time: number, then?: () => void): void {
  stopSliding();
  if (calm.matches || time <= 0) {
    setDone(lane, to);
    then?.();
    return;
  }
  sliding.value = lane;
  const began = performance.now();
  const tick = (now: number) => {
    const share = Math.min(1, Math.max(0, (now - began) / time));
    setDone(lane, from + (to - from) * share);
    if (share < 1) frame = requestAnimationFrame(tick);
    else {
      sliding.value = undefined;
      then?.();
    }
  };
  setDone(lane, from);
  frame = requestAnimationFrame(tick);
}

function set<T>(list: { value: readonly (T | undefined)[] }, lane: number, value: T | undefined): void {
  const next = [...list.value];
  next[lane] = value;
  list.value = next;
}

// Another moment, or another trace, has other collections.
effect(() => {
  void [event.value, lanes.value];
  batch(() => {
    apart.value = [];
    facts.value = [];
    shown.value = [];
    steps.value = [];
  });
});
