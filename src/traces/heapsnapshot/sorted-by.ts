/**
 * Radix sort by keys of 32 bits, from the low digit up, 11 bits at a time (Knuth, The Art of Computer Programming 3,
 * 5.2.5, algorithm R): stable, three passes of O(n), and no function called for a comparison.
 */
const BITS = 11;
const DIGITS = 1 << BITS;

/** `rows` in the order of `keys[row]`. */
export function sortedBy(keys: Uint32Array, rows: Uint32Array): Uint32Array {
  let from: Uint32Array = rows;
  let to = new Uint32Array(rows.length);
  let spare = new Uint32Array(rows.length);
  const ends = new Uint32Array(DIGITS);
  for (let shift = 0; shift < 32; shift += BITS) {
    ends.fill(0);
    for (let i = 0; i < from.length; i++) ends[(keys[from[i]] >>> shift) & (DIGITS - 1)]++;
    let sum = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = ends[digit];
      ends[digit] = sum;
      sum += count;
    }
    for (let i = 0; i < from.length; i++) {
      const row = from[i];
      to[ends[(keys[row] >>> shift) & (DIGITS - 1)]++] = row;
    }
    from = to;
    [to, spare] = [spare, to];
  }
  return from;
}
