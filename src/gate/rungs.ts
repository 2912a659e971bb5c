/**
 * A ladder: prefixes of a recording's hash at growing distances, so that of two recordings one can say about where they
 * part though only one of them can be run again.
 *
 * Rung j is the hash after R(j) events, R = 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 ...: four to each doubling,
 *
 *     R(j) = j                                   for j < 4
 *     R(j) = (4 + j mod 4) * 2^(floor(j/4) - 1)  from there on,
 *
 * so the stretch between the last rung that is equal and the first that is not has at most a quarter as many events as
 * lie before it; and the length of a trace need not be known in advance. 18 bits of each hash are kept, as three
 * characters of base64url: 180 characters for 65,536 events. That two hashes agree in them by chance (1 in 2^18) makes
 * the stretch begin too late; whether the recordings are equal is for the whole hash to say.
 */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CHARACTERS = 3;

/** Events before rung `j`. */
export const rungAt = (j: number): number => (j < 4 ? j : (4 + (j % 4)) * 2 ** (Math.floor(j / 4) - 1));

/** A rung for the hash's 16 hex digits. */
export function rung(hash: string): string {
  const bits = Number.parseInt(hash.slice(0, 5), 16) >> 2;
  return DIGITS[bits >> 12] + DIGITS[(bits >> 6) & 63] + DIGITS[bits & 63];
}

/** Where two recordings part: before event `first` nothing differs, and by the end of event `last` something does. */
export interface Parting {
  /** From 0; -1 for what the policy sets up before the first event. */
  readonly first: number;
  readonly last: number;
}

/** Of two recordings that are not equal, with so many events in the shorter one. */
export function parting(was: string, is: string, events: number): Parting {
  const rungs = Math.min(was.length, is.length) / CHARACTERS;
  let j = 0;
  const at = (ladder: string): string => ladder.slice(CHARACTERS * j, CHARACTERS * (j + 1));
  while (j < rungs && at(was) === at(is)) j++;
  const last = j < rungs ? rungAt(j) - 1 : events - 1;
  return { first: j === 0 ? -1 : Math.min(rungAt(j - 1), last), last };
}
