/**
 * A collection pass by pass: what its marking reaches, wave by wave, and which references lead to what moves. The
 * recording knows blocks only, so the policy itself is run again up to the event, with its object graph.
 */
import type { Playback } from "../../src/replay/playback.ts";
import type { ReplaySettings } from "../../src/replay/replay.ts";
import { rerun } from "../../src/replay/rerun.ts";
import { type Slot, type Space, State } from "../../src/space/space.ts";
import { CHUNK_EVENTS, slice } from "../../src/traces/trace.ts";
import { Watcher } from "./watcher.ts";

/** What the program reaches as a collection begins. */
export interface Reached {
  /** By slot: how many references lie between it and the roots, from 0; -1 for what is not reached. */
  readonly waves: Int32Array;
  /** How many waves there are. */
  readonly depth: number;
  /** How many objects. */
  readonly objects: number;
  /** Roots, and references of what is reached. Slots. */
  readonly roots: Int32Array;
  readonly sources: Int32Array;
  readonly targets: Int32Array;
}

/**
 * Of the event before the playback's moment, and one of its collections, from 0; undefined when there is none such.
 * O(events since a keyframe + references).
 */
export function reachedAt(playback: Playback, settings: ReplaySettings, which = 0): Reached | undefined {
  const { trace, recording, event } = playback;
  const run = rerun(trace, settings, recording, event - 1);
  let found: Reached | undefined;
  const watcher = new Watcher(run.space, () => {
    if (watcher.collections === which) found = reachedIn(run.space);
  });
  run.space.probe = watcher;
  const at = (event - 1) % CHUNK_EVENTS;
  run.feed(slice(trace.chunks[Math.floor((event - 1) / CHUNK_EVENTS)], at, at + 1));
  return found;
}

/** Without references in the trace, what lives is what was not freed: one wave, and nothing to rewrite. */
function reachedIn(space: Space): Reached {
  const { graph } = space;
  const waves = new Int32Array(space.slotLimit).fill(-1);
  const order: Slot[] = [];
  const reach = (slot: Slot, wave: number): void => {
    if (slot === 0 || waves[slot] >= 0 || space.state(slot) !== State.live) return;
    waves[slot] = wave;
    order.push(slot);
  };
  if (!graph.on) {
    for (let slot = 1; slot < space.slotLimit; slot++) reach(slot, 0);
    const none = new Int32Array(0);
    return { waves, depth: 1, objects: order.length, roots: none, sources: none, targets: none };
  }
  const roots = graph.roots().slice();
  for (const slot of roots) reach(slot, 0);
  for (const slot of graph.pins()) reach(slot, 0);
  const { cells } = graph;
  const sources: Slot[] = [];
  const targets: Slot[] = [];
  for (let scanned = 0; scanned < order.length; scanned++) {
    const source = order[scanned];
    const first = graph.first(source);
    for (let i = first, end = first + graph.fields(source); i < end; i++) {
      if (cells[i] === 0) continue;
      reach(cells[i], waves[source] + 1);
      sources.push(source);
      targets.push(cells[i]);
    }
  }
  return {
    waves,
    depth: order.length === 0 ? 0 : waves[order[order.length - 1]] + 1,
    objects: order.length,
    roots,
    sources: Int32Array.from(sources),
    targets: Int32Array.from(targets),
  };
}
