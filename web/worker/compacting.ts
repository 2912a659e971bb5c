/** A collection taken apart: the blocks as it found them, what it reaches, and any number of its moves done. */
import type { Space } from "../../src/space/space.ts";
import type { Reached } from "./passes.ts";
import type { Compaction, Passes, SegmentFacts } from "./protocol.ts";
import { allRuns, Kind, Runs } from "./runs.ts";
import { type Move, Watcher } from "./watcher.ts";

/** References that are drawn at most, spread evenly over all that are rewritten. */
const MOST_ARROWS = 400;

/** Which of an event's collections: its number, from 0, or the first that moves something, else the last. */
export type Which = number | "first";

/** Takes one of the collections apart that the event brings about which `play` plays to the watcher it is given. */
export function takeApart(
  space: Space,
  which: Which,
  play: (watcher: Watcher) => void,
): { watcher: Watcher; compacting: Compacting | undefined } {
  let before: Runs | undefined;
  let after: Runs | undefined;
  let taken = 0;
  const watcher = new Watcher(space, () => {
    const { collections, moves } = watcher;
    if (which === "first" ? moves.length === 0 : which === collections) {
      before = allRuns(space);
      taken = collections;
    } else if (before) after ??= allRuns(space);
  });
  play(watcher);
  const idOf = (slot: number) => space.id(slot);
  const compacting = before && new Compacting(taken, { before, after }, watcher.movesOf(taken), idOf);
  return { watcher, compacting };
}

export class Compacting {
  /** Its number among those of its event, from 0. */
  readonly which: number;
  readonly #before: Runs;
  readonly #after: Runs | undefined;
  readonly #moves: readonly Move[];
  /** Index in #before by slot. */
  readonly #index = new Map<number, number>();
  readonly #idOf: (slot: number) => number;
  #reached: Reached | undefined;

  /**
   * `before` holds every run of the space as it begins, and `after` as the next one of the same event does, if there is
   * one; they are kept.
   */
  constructor(
    which: number,
    { before, after }: { readonly before: Runs; readonly after: Runs | undefined },
    moves: readonly Move[],
    idOf: (slot: number) => number,
  ) {
    this.which = which;
    this.#before = before;
    this.#after = after;
    this.#moves = moves;
    this.#idOf = idOf;
    for (let i = 0; i < before.count; i++) if (before.slot[i] > 0) this.#index.set(before.slot[i], i);
    if (!after) return;
    const moved = new Set(moves.map(({ slot }) => slot));
    for (let i = 0; i < after.count; i++) after.moved[i] = moved.has(after.slot[i]) ? 1 : 0;
  }

  /**
   * The runs when `done` moves are done; of a fraction the next block is on its way. Then garbage goes at once. With
   * `waves`, only what so many waves of marking have reached is known to live.
   */
  runs(done: number, waves?: number): Runs {
    const before = this.#before;
    const start = before.start.slice(0, before.count);
    const moved = new Uint8Array(before.count);
    const over = done >= this.#moves.length && waves === undefined;
    if (over && this.#after) return this.#after;
    for (let m = 0; m < Math.min(Math.ceil(done), this.#moves.length); m++) {
      const { slot, from, to } = this.#moves[m];
      const i = this.#index.get(slot);
      if (i === undefined) continue;
      start[i] = from + (to - from) * Math.min(1, done - m);
      moved[i] = 1;
    }
    const order = Array.from(start.keys())
      .filter((i) => before.kind[i] !== Kind.hole && !(over && before.kind[i] === Kind.garbage))
      .sort((a, b) => start[a] - start[b]);
    return this.#inOrder(order, start, moved, waves);
  }

  /** For the strips: every move in its order. */
  facts(event: number, extent: SegmentFacts): Compaction {
    const moves = this.#moves;
    const tones = this.#before.tone;
    return {
      event,
      which: this.which,
      extent,
      moves: {
        count: moves.length,
        id: Int32Array.from(moves, ({ slot }) => this.#idOf(slot)),
        from: Float64Array.from(moves, ({ from }) => from),
        to: Float64Array.from(moves, ({ to }) => to),
        length: Float64Array.from(moves, ({ length }) => length),
        tone: Uint8Array.from(moves, ({ slot }) => tones[this.#index.get(slot) ?? 0]),
      },
    };
  }

  /** What marking reaches, and the references to what moves. `reached` is kept for `runs`. */
  passes(event: number, reached: Reached): Passes {
    this.#reached = reached;
    const { waves, depth, objects, roots, sources, targets } = reached;
    const to = new Map(this.#moves.map((move) => [move.slot, move.to]));
    const starts = (slot: number) => this.#before.start[this.#index.get(slot) ?? 0];
    const rewritten = Array.from(targets.keys()).filter((i) => to.has(targets[i]));
    const step = Math.max(1, rewritten.length / MOST_ARROWS);
    const drawn = Array.from({ length: Math.min(rewritten.length, MOST_ARROWS) }, (_, i) =>
      Math.floor(i * step),
    );
    const sizes = new Array<number>(depth).fill(0);
    for (const wave of waves) if (wave >= 0) sizes[wave]++;
    return {
      event,
      objects,
      waves: sizes,
      references: rewritten.length,
      roots: roots.filter((slot) => to.has(slot)).length,
      arrows: drawn.map((n) => {
        const i = rewritten[n];
        return {
          turn: n,
          wave: waves[targets[i]],
          source: starts(sources[i]),
          from: starts(targets[i]),
          to: to.get(targets[i]) ?? 0,
        };
      }),
    };
  }

  /** Copies the runs in `order`. Garbage gives way to what has moved over it. */
  #inOrder(
    order: readonly number[],
    start: Float64Array,
    moved: Uint8Array,
    waves: number | undefined,
  ): Runs {
    const before = this.#before;
    const runs = new Runs();
    let reached = 0;
    order.forEach((i, n) => {
      const next = n + 1 < order.length ? start[order[n + 1]] : Number.POSITIVE_INFINITY;
      const dead = before.kind[i] === Kind.garbage;
      const low = dead ? Math.max(start[i], reached) : start[i];
      const high = dead ? Math.min(start[i] + before.length[i], next) : start[i] + before.length[i];
      if (!dead) reached = Math.max(reached, high);
      if (high <= low) return;
      const to = runs.add();
      const known = waves === undefined || before.kind[i] !== Kind.live || this.#isReached(i, waves);
      runs.start[to] = low;
      runs.length[to] = high - low;
      runs.kind[to] = known ? before.kind[i] : Kind.garbage;
      runs.tone[to] = before.tone[i];
      runs.offset[to] = before.offset[i];
      runs.payload[to] = before.payload[i];
      runs.slot[to] = before.slot[i];
      runs.moved[to] = moved[i];
    });
    return runs;
  }

  #isReached(i: number, waves: number): boolean {
    const wave = this.#reached?.waves[this.#before.slot[i]] ?? -1;
    return wave >= 0 && wave < waves;
  }
}
