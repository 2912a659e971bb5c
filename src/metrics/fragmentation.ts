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

/**
 * `ESP.getHeapFragmentation()` of the ESP8266 Arduino core: 100 - 100 * sqrt(sum f^2) / sum f over holes f, in
 * percent and unrounded; the core itself rounds. 0 without holes.
 */
export function esp8266Fragmentation(holes: readonly number[]): number {
  let sum = 0;
  // Squares pass 2^53. In parts each sum is exact, and the order of the holes is of no account.
  let high = 0;
  let middle = 0;
  let low = 0;
  for (const hole of holes) {
    const upper = Math.floor(hole / PART);
    const lower = hole - upper * PART;
    sum += hole;
    high += upper * upper;
    middle += upper * lower;
    low += lower * lower;
  }
  const squares = high * PART * PART + (2 * middle * PART + low);
  return sum === 0 ? 0 : 100 - (100 * Math.sqrt(squares)) / sum;
}
