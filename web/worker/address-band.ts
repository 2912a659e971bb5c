/**
 * A range of addresses over time, in ROWS rows and as many columns as are asked for: how full each cell is, and what
 * with. It learns of every change, so that a column costs its rows and not the blocks that live.
 *
 *   now      bytes of each row in use, live and dead, at the moment at hand
 *   columns  what it was at the end of each column, as shares of a row in 255ths; a row that is not empty has 1 at least
 */
export const ROWS = 256;

/** Cells of one band, column by column, low addresses first. */
export interface BandCells {
  /** The address of row 0, and bytes to a row. */
  readonly origin: number;
  readonly rowBytes: number;
  readonly live: Uint8Array<ArrayBuffer>;
  /** Garbage and control. */
  readonly other: Uint8Array<ArrayBuffer>;
  /** The tone of a block that fills half of the row at least, from 1; 0 for many small ones. */
  readonly tone: Uint8Array<ArrayBuffer>;
  /** Something was moved there, within the column. */
  readonly moved: Uint8Array<ArrayBuffer>;
}

export class AddressBand {
  readonly origin: number;
  #rowBytes: number;
  readonly #grows: boolean;
  readonly #live = new Float64Array(ROWS);
  readonly #other = new Float64Array(ROWS);
  readonly #tone = new Uint8Array(ROWS);
  readonly #moved = new Uint8Array(ROWS);
  readonly #cells: BandCells;

  /** One that grows doubles the bytes of its rows when something lies beyond them; else it shows what lies within. */
  constructor(origin: number, rowBytes: number, columns: number, grows: boolean) {
    this.origin = origin;
    this.#rowBytes = rowBytes;
    this.#grows = grows;
    const table = () => new Uint8Array(columns * ROWS);
    this.#cells = { origin, rowBytes, live: table(), other: table(), tone: table(), moved: table() };
  }

  get cells(): BandCells {
    return { ...this.#cells, rowBytes: this.#rowBytes };
  }

  /** [start, start + length) comes into use (`sign` 1) or goes out of it (-1). `tone` from 1, 0 without one. */
  add(start: number, length: number, sign: 1 | -1, isLive: boolean, tone: number): void {
    const end = start + length - this.origin;
    while (this.#grows && end > ROWS * this.#rowBytes) this.#double();
    const rowBytes = this.#rowBytes;
    const from = Math.max(0, start - this.origin);
    const to = Math.min(end, ROWS * rowBytes);
    const bytes = isLive ? this.#live : this.#other;
    for (let row = Math.floor(from / rowBytes); row * rowBytes < to; row++) {
      const part = Math.min(to, (row + 1) * rowBytes) - Math.max(from, row * rowBytes);
      bytes[row] = Math.max(0, bytes[row] + sign * part);
      if (sign > 0) this.#tone[row] = 2 * part >= rowBytes ? tone : 0;
    }
  }

  /** Something moved from or to [start, start + length). */
  mark(start: number, length: number): void {
    const rowBytes = this.#rowBytes;
    const first = Math.max(0, Math.floor((start - this.origin) / rowBytes));
    const last = Math.min(ROWS - 1, Math.floor((start + length - 1 - this.origin) / rowBytes));
    for (let row = first; row <= last; row++) this.#moved[row] = 1;
  }

  /** The column is over. */
  close(column: number): void {
    const { live, other, tone, moved } = this.#cells;
    const base = column * ROWS;
    for (let row = 0; row < ROWS; row++) {
      live[base + row] = this.#share(this.#live[row]);
      other[base + row] = this.#share(this.#other[row]);
    }
    tone.set(this.#tone, base);
    moved.set(this.#moved, base);
    this.#moved.fill(0);
  }

  #share(bytes: number): number {
    if (bytes <= 0) return 0;
    return Math.max(1, Math.min(255, Math.round((bytes / this.#rowBytes) * 255)));
  }

  #double(): void {
    this.#rowBytes *= 2;
    const { live, other, tone, moved } = this.#cells;
    const sum = (a: number, b: number) => a + b;
    const most = Math.max;
    const mean = (a: number, b: number) => (a + b + 1) >> 1;
    const alike = (a: number, b: number) => (a === b ? a : 0);
    halve(this.#live, sum);
    halve(this.#other, sum);
    halve(this.#tone, alike);
    halve(this.#moved, most);
    for (let base = 0; base < live.length; base += ROWS) {
      halve(live.subarray(base, base + ROWS), mean);
      halve(other.subarray(base, base + ROWS), mean);
      halve(tone.subarray(base, base + ROWS), alike);
      halve(moved.subarray(base, base + ROWS), most);
    }
  }
}

/** Two rows become one; those above are empty. */
function halve(rows: Float64Array | Uint8Array, join: (a: number, b: number) => number): void {
  const half = rows.length / 2;
  for (let i = 0; i < half; i++) rows[i] = join(rows[2 * i], rows[2 * i + 1]);
  rows.fill(0, half);
}
