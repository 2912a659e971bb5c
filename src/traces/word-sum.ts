/**
 * A checksum of 32 bits over bytes as words, lowest byte first, many at a time: sixteen lanes, each of which takes every
 * sixteenth word by the round of xxHash32 (Yann Collet, xxHash specification 0.1.1), and then one that takes the lanes and the
 * number of bytes. What lacks to a multiple of 64 bytes is 0. A round is a bijection for a given word, so a change of one
 * word, and so of any bits within four bytes, always shows.
 */
const LANES = 16;

/** Unsigned. */
export function wordSum(bytes: Uint8Array): number {
  const lanes = new Int32Array(LANES);
  for (let i = 0; i < LANES; i++) lanes[i] = i;
  const padded = (bytes.length + 63) & -64;
  for (let i = 0, lane = 0; i < padded; i += 4, lane = (lane + 1) & (LANES - 1))
    lanes[lane] = round(
      lanes[lane],
      bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24),
    );
  return summed(lanes, bytes.length);
}

/** Of the lanes, as they are behind the last word. */
export function summed(lanes: Int32Array, length: number): number {
  let sum = length;
  for (const lane of lanes) sum = round(sum, lane);
  return (sum ^ (sum >>> 15)) >>> 0;
}

function round(lane: number, word: number): number {
  const sum = (lane + Math.imul(word, 0x85ebca77)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), 0x9e3779b1);
}
