/**
 * Paints runs into pixels. Near (at most a granule to a pixel) every block has its edges; far out each pixel sums up
 * what lies under it. O(runs + pixels); 1,000,000 runs on a screen take some 16 ms.
 *
 * Importance beats mean: a pixel with any block in it is never drawn as free, nor one with any hole as full.
 */
import type { Layout } from "./layout.ts";
import { type Inks, mix } from "./palette.ts";
import { Kind, type Runs } from "./runs.ts";

/** Share of a block's colour in a pixel that is partly free: LEAST when next to empty, MOST when next to full. */
const LEAST = 0.4;
const MOST = 0.82;
/** In use up to rounding. */
const FULL = 0.99;

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** RGBA as words, row by row. Transparent where nothing is drawn. */
  readonly words: Uint32Array;
}

export interface Scale {
  readonly rowBytes: number;
  readonly rowHeight: number;
  readonly granule: number;
}

/** `runs` ascend by start; those of a compaction under way may overlap a little. */
export function paint(canvas: Canvas, layout: Layout, runs: Runs, scale: Scale, inks: Inks): void {
  const near = scale.rowBytes / canvas.width <= scale.granule;
  const row = near ? new NearRow(canvas, runs, scale, inks) : new FarRow(canvas, runs, scale, inks);
  const gap = scale.rowHeight >= 7 ? Math.max(1, Math.round(scale.rowHeight / 9)) : 0;
  let first = 0;
  for (const { start, end, y, x0, x1 } of layout.rows) {
    const top = Math.max(0, y);
    const bottom = Math.min(canvas.height, y + Math.round(scale.rowHeight) - gap);
    while (first < runs.count && runs.start[first] + runs.length[first] <= start) first++;
    if (bottom <= top) continue;
    row.begin(start - (x0 * scale.rowBytes) / canvas.width, top, bottom, x0, x1);
    for (let i = first; i < runs.count && runs.start[i] < end; i++) {
      const low = Math.max(start, runs.start[i]);
      const high = Math.min(end, runs.start[i] + runs.length[i]);
      if (high > low) row.run(i, low, high);
    }
    row.end();
  }
}

/** What both distances share: a row's place on the canvas. */
class PaintedRow {
  protected readonly canvas: Canvas;
  protected readonly runs: Runs;
  protected readonly inks: Inks;
  /** Pixels a byte. */
  protected readonly perByte: number;
  /** The address at x = 0. */
  protected origin = 0;
  protected top = 0;
  protected bottom = 0;
  protected x0 = 0;
  protected x1 = 0;

  constructor(canvas: Canvas, runs: Runs, scale: Scale, inks: Inks) {
    this.canvas = canvas;
    this.runs = runs;
    this.inks = inks;
    this.perByte = canvas.width / scale.rowBytes;
  }

  begin(origin: number, top: number, bottom: number, x0: number, x1: number): void {
    this.origin = Math.round(origin);
    this.top = top;
    this.bottom = bottom;
    this.x0 = x0;
    this.x1 = Math.max(x1, x0 + 1);
    this.fill(x0, this.x1, this.inks.hole);
  }

  protected fill(x0: number, x1: number, ink: number): void {
    const { words, width } = this.canvas;
    for (let y = this.top; y < this.bottom; y++) words.fill(ink, y * width + x0, y * width + x1);
  }

  /** Diagonal lines, `thick` of every `period` pixels. */
  protected hatch(x0: number, x1: number, ink: number, period: number, thick: number): void {
    const { words, width } = this.canvas;
    for (let y = this.top; y < this.bottom; y++)
      for (let x = x0; x < x1; x++) if ((x + y) % period < thick) words[y * width + x] = ink;
  }
}

class NearRow extends PaintedRow {
  run(i: number, low: number, high: number): void {
    const { runs, inks } = this;
    const kind = runs.kind[i];
    if (kind === Kind.hole) return;
    const x0 = this.#x(low);
    const x1 = Math.max(this.#x(high), x0 + 1);
    const ends = high === runs.start[i] + runs.length[i];
    const tone = inks.tones[runs.tone[i]];
    if (kind === Kind.control) {
      this.fill(x0, x1, mix(inks.control, inks.hole, 0.45));
      this.hatch(x0, x1, inks.control, 5, 2);
    } else if (kind === Kind.garbage) {
      this.fill(x0, x1, mix(inks.garbage, tone, 0.12));
      this.hatch(x0, x1, inks.garbageHatch, 6, 2);
    } else {
      this.fill(x0, x1, tone);
      const payload = runs.start[i] + runs.offset[i];
      this.#waste(low, Math.min(high, payload), runs.tone[i]);
      this.#waste(Math.max(low, payload + runs.payload[i]), high, runs.tone[i]);
    }
    if (runs.moved[i]) this.#stripe(x0, x1);
    if (ends && x1 - x0 >= 4) this.fill(x1 - 1, x1, inks.seam);
  }

  end(): void {}

  #x(address: number): number {
    return Math.min(this.x1, Math.round((address - this.origin) * this.perByte));
  }

  /** Header and slack. */
  #waste(low: number, high: number, tone: number): void {
    if (high > low) this.hatch(this.#x(low), this.#x(high), this.inks.waste[tone], 4, 2);
  }

  #stripe(x0: number, x1: number): void {
    const { words, width } = this.canvas;
    const high = this.bottom - this.top;
    const thick = Math.max(1, Math.min(4, Math.round(high / 7)));
    for (let y = this.bottom - thick; y < this.bottom; y++)
      words.fill(this.inks.moved, y * width + x0, y * width + x1);
  }
}

class FarRow extends PaintedRow {
  /** The share of each pixel that is in use; the largest part of it, and its colour. */
  readonly #used: Float32Array;
  readonly #most: Float32Array;
  readonly #ink: Uint32Array;
  readonly #moved: Uint8Array;
  /** Under the pixel is some hole, which may be too short for `#used` to tell. */
  readonly #free: Uint8Array;

  constructor(canvas: Canvas, runs: Runs, scale: Scale, inks: Inks) {
    super(canvas, runs, scale, inks);
    this.#used = new Float32Array(canvas.width + 1);
    this.#most = new Float32Array(canvas.width + 1);
    this.#ink = new Uint32Array(canvas.width + 1);
    this.#moved = new Uint8Array(canvas.width + 1);
    this.#free = new Uint8Array(canvas.width + 1);
  }

  override begin(origin: number, top: number, bottom: number, x0: number, x1: number): void {
    super.begin(origin, top, bottom, x0, x1);
    this.#used.fill(0);
    this.#most.fill(0);
    this.#moved.fill(0);
    this.#free.fill(0);
  }

  run(i: number, low: number, high: number): void {
    const { runs, inks, perByte } = this;
    const kind = runs.kind[i];
    const ink =
      kind === Kind.live ? inks.tones[runs.tone[i]] : kind === Kind.garbage ? inks.garbage : inks.control;
    const from = (low - this.origin) * perByte;
    const to = (high - this.origin) * perByte;
    const last = Math.min(this.x1 - 1, Math.ceil(to) - 1);
    if (kind === Kind.hole) {
      this.#free.fill(1, Math.floor(from), last + 1);
      return;
    }
    for (let x = Math.floor(from); x <= last; x++) {
      const part = Math.min(to, x + 1) - Math.max(from, x);
      this.#used[x] += part;
      if (part > this.#most[x]) {
        this.#most[x] = part;
        this.#ink[x] = ink;
      }
      if (runs.moved[i]) this.#moved[x] = 1;
    }
  }

  end(): void {
    const { words, width } = this.canvas;
    const { hole, moved } = this.inks;
    const stripe = this.bottom - Math.max(1, Math.round((this.bottom - this.top) / 4));
    for (let x = this.x0; x < this.x1; x++) {
      const used = this.#used[x];
      if (used === 0) continue;
      const full = used > FULL && this.#free[x] === 0;
      const ink = full ? this.#ink[x] : mix(hole, this.#ink[x], LEAST + (MOST - LEAST) * used);
      for (let y = this.top; y < this.bottom; y++)
        words[y * width + x] = this.#moved[x] && y >= stripe ? moved : ink;
    }
  }
}
