/**
 * Paints runs into pixels. Near (at most a granule to a pixel) every block has its edges; far out each pixel sums up
 * what lies under it (cells.ts). O(runs + pixels); from a pyramid O(pixels).
 */
import { type Canvas, gapBelow, paintCells } from "./cell-painter.ts";
import { Cells } from "./cells.ts";
import { inkOf } from "./ink-of.ts";
import type { Layout } from "./layout.ts";
import { type Inks, mix } from "./palette.ts";
import { Kind, type Runs } from "./runs.ts";

export interface Scale {
  readonly rowBytes: number;
  readonly rowHeight: number;
  readonly granule: number;
}

/** `runs` ascend by start; those of a compaction under way may overlap a little. */
export function paint(canvas: Canvas, layout: Layout, runs: Runs, scale: Scale, inks: Inks): void {
  const near = scale.rowBytes / canvas.width <= scale.granule;
  const row = near ? new NearRow(canvas, runs, scale, inks) : new FarRow(canvas, runs, scale, inks);
  const gap = gapBelow(scale.rowHeight);
  let first = layout.rows.length > 0 ? runs.indexAt(layout.rows[0].start) : 0;
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
  top = 0;
  bottom = 0;
  x0 = 0;
  x1 = 0;

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
    const emphasis = runs.emphasis[i];
    if (kind === Kind.hole && emphasis !== 2) return;
    const x0 = this.#x(low);
    const x1 = Math.max(this.#x(high), x0 + 1);
    const ends = high === runs.start[i] + runs.length[i];
    const tone = inks.tones[runs.tone[i]];
    if (kind === Kind.hole) this.fill(x0, x1, inks.found);
    else if (emphasis === 1) this.fill(x0, x1, inkOf(runs, i, inks));
    else if (kind === Kind.control) {
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
  readonly #cells: Cells;

  constructor(canvas: Canvas, runs: Runs, scale: Scale, inks: Inks) {
    super(canvas, runs, scale, inks);
    this.#cells = new Cells(canvas.width + 1);
  }

  override begin(origin: number, top: number, bottom: number, x0: number, x1: number): void {
    super.begin(origin, top, bottom, x0, x1);
    this.#cells.clear();
  }

  run(i: number, low: number, high: number): void {
    const { runs, perByte } = this;
    const from = (low - this.origin) * perByte;
    const to = Math.min(this.x1, (high - this.origin) * perByte);
    if (runs.kind[i] === Kind.hole && runs.emphasis[i] !== 2) this.#cells.addHole(from, to);
    else this.#cells.add(from, to, inkOf(runs, i, this.inks), runs.moved[i] === 1);
  }

  end(): void {
    paintCells(this.canvas, this, this.#cells, 0, this.inks);
  }
}
