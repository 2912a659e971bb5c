/** The ratios that people call fragmentation, from sizes in bytes. Only + - * / and sqrt: equal everywhere. */

/** 1 - largestHole / holeBytes; 0 without hole bytes. How much of the free memory no single request can have. */
export function externalFragmentation(largestHole: number, holeBytes: number): number {
  return holeBytes === 0 ? 0 : 1 - largestHole / holeBytes;
}

/** 1 - liveBytes / blockBytes; 0 without blocks. What headers and rounding cost (Randell, CACM 12(7), 1969). */
export function internalFragmentation(liveBytes: number, blockBytes: number): number {
  return blockBytes === 0 ? 0 : 1 - liveBytes / blockBytes;
}

const PART = 2 ** 20;
export const HOLE_SUMS = 4;

/**
 * `ESP.getHeapFragmentation()` of the ESP8266 Arduino core: 100 - 100 * sqrt(sum f^2) / sum f over holes f, in
 * percent and unrounded; the core itself rounds. 0 without holes.
 *
 * Squares pass 2^53. In parts each sum is exact, and the order of the holes is of no account.
 */
export class HoleSquares {
  private sum: number;
  private high: number;
  private middle: number;
  private low: number;

  /** Of holes that were summed elsewhere: HOLE_SUMS numbers, in this order. */
  constructor([sum, high, middle, low]: ArrayLike<number> & Iterable<number> = [0, 0, 0, 0]) {
    this.sum = sum;
    this.high = high;
    this.middle = middle;
    this.low = low;
  }

  /** A hole of so many bytes. */
  add(hole: number): void {
    const upper = Math.floor(hole / PART);
    const lower = hole - upper * PART;
    this.sum += hole;
    this.high += upper * upper;
    this.middle += upper * lower;
    this.low += lower * lower;
  }

  get fragmentation(): number {
    const squares = this.high * PART * PART + (2 * this.middle * PART + this.low);
    return this.sum === 0 ? 0 : 100 - (100 * Math.sqrt(squares)) / this.sum;
  }
}

/** The same of these holes. */
export function esp8266Fragmentation(holes: readonly number[]): number {
  const squares = new HoleSquares();
  for (const hole of holes) squares.add(hole);
  return squares.fragmentation;
}
