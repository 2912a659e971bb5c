/**
 * Marsaglia's multiply-with-carry generator of two 16-bit halves (as in Mesh, src/rng/mwc.h), its state in a column: a
 * state that is brought back goes on with the same numbers. Not pure-rand's, whose state is an object for every draw.
 *
 *   z = 36969 * (z & 65535) + (z >> 16),  w = 18000 * (w & 65535) + (w >> 16);  next = (z << 16) + w
 */
import type { Columns } from "../../space/columns.ts";

const SCALE = 2 ** 32;
/** Marsaglia's own seeds. */
const Z = 362436069;
const W = 521288629;

export class RandomWords {
  /** [z, w]. */
  private readonly state: Int32Array;

  /** `seed`: any whole number of 31 bits. */
  constructor(columns: Columns, seed: number) {
    this.state = columns.int32(2).data;
    this.state[0] = Z ^ seed || Z;
    this.state[1] = W;
    for (let i = 0; i < 16; i++) this.below(2);
  }

  /** 0 .. n - 1; n is 1 .. 2^21. */
  below(n: number): number {
    const state = this.state;
    const z = 36969 * (state[0] & 65535) + (state[0] >>> 16);
    const w = 18000 * (state[1] & 65535) + (state[1] >>> 16);
    state[0] = z;
    state[1] = w;
    return Math.floor(((((z << 16) + w) >>> 0) * n) / SCALE);
  }

  /** Reorders `items` in place: Fisher and Yates, as Durstenfeld wrote it (CACM 7:7, 1964). */
  shuffle(items: number[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
  }
}
