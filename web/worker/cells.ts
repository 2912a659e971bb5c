/**
 * What lies under equal cells of the address space, each cell a pixel of some view.
 *
 *   used   share of the cell that is not free, 0 .. 1
 *   most   the largest part of it that one run covers, 0 .. 1, and `ink`, that run's colour
 *   flags  FREE: some hole lies there, which may be too short for `used` to tell; MOVED: something there just moved
 *
 * Importance beats mean: a cell with any block in it is never drawn as free, nor one with any hole as full.
 */
import { type Inks, mix } from "./palette.ts";

/** Share of a block's colour in a cell that is partly free: LEAST when next to empty, MOST when next to full. */
const LEAST = 0.4;
const MOST = 0.82;
/** In use up to rounding. */
const FULL = 0.99;

const FREE = 1;
const MOVED = 2;

export class Cells {
  readonly count: number;
  readonly #used: Float32Array;
  readonly #most: Float32Array;
  readonly #ink: Uint32Array;
  readonly #flags: Uint8Array;

  constructor(count: number) {
    this.count = count;
    this.#used = new Float32Array(count);
    this.#most = new Float32Array(count);
    this.#ink = new Uint32Array(count);
    this.#flags = new Uint8Array(count);
  }

  clear(): void {
    this.#used.fill(0);
    this.#most.fill(0);
    this.#flags.fill(0);
  }

  /** [from, to), in cells, is free. */
  addHole(from: number, to: number): void {
    const last = Math.min(this.count, Math.ceil(to));
    for (let x = Math.floor(from); x < last; x++) this.#flags[x] |= FREE;
  }

  /** [from, to), in cells, is in use. */
  add(from: number, to: number, ink: number, moved: boolean): void {
    const last = Math.min(this.count, Math.ceil(to));
    for (let x = Math.floor(from); x < last; x++) {
      const part = Math.min(to, x + 1) - Math.max(from, x);
      this.#used[x] += part;
      if (part > this.#most[x]) {
        this.#most[x] = part;
        this.#ink[x] = ink;
      }
      if (moved) this.#flags[x] |= MOVED;
    }
  }

  /** Two cells become one; `shift` empty ones are put before the first. */
  half(shift: number): Cells {
    const next = new Cells(Math.ceil((this.count + shift) / 2));
    for (let i = 0; i < this.count; i++) {
      const to = (i + shift) >> 1;
      next.#used[to] += this.#used[i] / 2;
      next.#flags[to] |= this.#flags[i];
      const most = this.#most[i] / 2;
      if (most === 0) continue;
      if (next.#ink[to] === this.#ink[i]) next.#most[to] += most;
      else if (most > next.#most[to]) {
        next.#most[to] = most;
        next.#ink[to] = this.#ink[i];
      }
    }
    return next;
  }

  /** The colour of cell `i`; `hole` where nothing is. */
  shade(i: number, { hole }: Inks): number {
    const used = this.#used[i];
    if (!(used > 0)) return hole;
    const full = used > FULL && (this.#flags[i] & FREE) === 0;
    return full ? this.#ink[i] : mix(hole, this.#ink[i], LEAST + (MOST - LEAST) * Math.min(1, used));
  }

  moved(i: number): boolean {
    return (this.#flags[i] & MOVED) !== 0;
  }
}
