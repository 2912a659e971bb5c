/** A collection taken apart: the blocks as it found them, with any number of its moves done. */
import type { Compaction, SegmentFacts } from "./protocol.ts";
import { Kind, Runs } from "./runs.ts";
import type { Move } from "./watcher.ts";

export class Compacting {
  readonly #before: Runs;
  readonly #moves: readonly Move[];
  /** Index in #before by slot. */
  readonly #index = new Map<number, number>();
  readonly #idOf: (slot: number) => number;

  /** `before` holds every run of the space, by address; it is kept. */
  constructor(before: Runs, moves: readonly Move[], idOf: (slot: number) => number) {
    this.#before = before;
    this.#moves = moves;
    this.#idOf = idOf;
    for (let i = 0; i < before.count; i++) if (before.slot[i] > 0) this.#index.set(before.slot[i], i);
  }

  /** The runs when `done` moves are done; of a fraction the next block is on its way. Then garbage goes at once. */
  runs(done: number): Runs {
    const before = this.#before;
    const start = before.start.slice(0, before.count);
    const moved = new Uint8Array(before.count);
    const over = done >= this.#moves.length;
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
    return this.#inOrder(order, start, moved);
  }

  /** For the strips: every move in its order. */
  facts(event: number, extent: SegmentFacts): Compaction {
    const moves = this.#moves;
    const tones = this.#before.tone;
    return {
      event,
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

  /** Copies the runs in `order`. Garbage gives way to what has moved over it. */
  #inOrder(order: readonly number[], start: Float64Array, moved: Uint8Array): Runs {
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
      runs.start[to] = low;
      runs.length[to] = high - low;
      runs.kind[to] = before.kind[i];
      runs.tone[to] = before.tone[i];
      runs.offset[to] = before.offset[i];
      runs.payload[to] = before.payload[i];
      runs.slot[to] = before.slot[i];
      runs.moved[to] = moved[i];
    });
    return runs;
  }
}
