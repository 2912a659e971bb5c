/**
 * The sizes of cells, in quanta: 1, 2, 3 .. 2s, then s to each doubling, s being a power of two. Numbered from 0:
 *
 *   n <= 2s                size n, number n - 1
 *   2^p < n <= 2^(p + 1)   size m * 2^k, the next one up, with k = p - log2 s and s < m <= 2s; number s * k + m - 1
 */
export class CellSizes {
  private readonly quantum: number;
  private readonly stepsLog2: number;

  /** `quantum` in bytes, and `steps` to a doubling: powers of two. */
  constructor(quantum: number, steps: number) {
    this.quantum = quantum;
    this.stepsLog2 = 31 - Math.clz32(steps);
  }

  /** Bytes of the cell for so many, 1 .. 2^31. A multiple of every power of two that they are one of. */
  size(bytes: number): number {
    const quanta = Math.ceil(bytes / this.quantum);
    const unit = 2 ** this.shift(quanta);
    return Math.ceil(quanta / unit) * unit * this.quantum;
  }

  /** The number of a size. */
  number(size: number): number {
    const quanta = size / this.quantum;
    const shift = this.shift(quanta);
    return (shift << this.stepsLog2) + quanta / 2 ** shift - 1;
  }

  private shift(quanta: number): number {
    return Math.max(31 - Math.clz32(quanta - 1) - this.stepsLog2, 0);
  }
}
