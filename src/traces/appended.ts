/**
 * `bytes` behind the first `length` of `held`: in `held` itself or, where there is no room, in a copy at least twice as long.
 * Amortised O(bytes).
 */
export function appended(
  held: Uint8Array<ArrayBuffer>,
  length: number,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const all = length + bytes.length;
  let room = held;
  if (all > held.length) {
    room = new Uint8Array(Math.max(all, held.length * 2));
    room.set(held.subarray(0, length));
  }
  room.set(bytes, length);
  return room;
}
