/** Inputs that nobody would write: samples with bytes, lines and numbers changed, cut, moved, doubled and put together. */
import { crc32 } from "../../src/traces/crc32.ts";
import { checksumOf, HEAD_LENGTH, MAGIC } from "../../src/traces/heaptrace-layout.ts";
import type { Random } from "../../src/workloads/random.ts";

/** No input is longer, so that many can be tried. */
const LONGEST = 3000;
const WORDS = [
  ...["0", "1", "-1", "2147483647", "2147483648", "4294967296", "9007199254740993", "18446744073709551615"],
  ...[
    "0x0",
    "0xffffffffffffffff",
    "(nil)",
    "ffffffff",
    "10000000",
    "99999999999999999999999999",
    "1e9",
    "NaN",
  ],
  ...["\n", "\r\n", "\r", " ", "\t", "\0", "\ufeff", "#", "=", "@", "(", ")", "<unfinished ...>", "+", "-"],
].map((word) => new TextEncoder().encode(word));

type Mutation = (bytes: Uint8Array, random: Random, samples: readonly Uint8Array[]) => Uint8Array;

const splice = (bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array => {
  const rest = Math.min(bytes.length, at + removed);
  const spliced = new Uint8Array(at + added.length + bytes.length - rest);
  spliced.set(bytes.subarray(0, at));
  spliced.set(added, at);
  spliced.set(bytes.subarray(rest), at + added.length);
  return spliced;
};

/** The line or the word around a place. */
const around = (
  bytes: Uint8Array,
  at: number,
  ends: (byte: number) => boolean,
): [from: number, to: number] => {
  let [from, to] = [at, at];
  while (from > 0 && !ends(bytes[from - 1])) from--;
  while (to < bytes.length && !ends(bytes[to])) to++;
  return [from, to];
};
const endsLine = (byte: number) => byte === 10;
const endsWord = (byte: number) => byte <= 32 || byte === 40 || byte === 41 || byte === 44;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => splice(bytes, random.below(bytes.length), 1, Uint8Array.of(random.below(256))),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return splice(bytes, at, 1, Uint8Array.of(bytes[at] ^ (1 << random.below(8))));
  },
  (bytes, random) => splice(bytes, random.below(bytes.length), 1 + random.below(20), new Uint8Array(0)),
  (bytes, random) => splice(bytes, random.below(bytes.length), 0, WORDS[random.below(WORDS.length)]),
  (bytes, random) => {
    const [from, to] = around(bytes, random.below(bytes.length), endsWord);
    return splice(bytes, from, to - from, WORDS[random.below(WORDS.length)]);
  },
  (bytes, random) => {
    const [from, to] = around(bytes, random.below(bytes.length), endsLine);
    const line = bytes.slice(from, to + 1);
    const [at] = around(bytes, random.below(bytes.length), endsLine);
    return splice(bytes, at, random.below(2) * line.length, line);
  },
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  (bytes, random, samples) => {
    const other = samples[random.below(samples.length)];
    return splice(bytes, random.below(bytes.length), random.below(100), other.slice(0, random.below(400)));
  },
];

/** One of the samples, changed in one to four places. */
export function mutated(samples: readonly Uint8Array[], random: Random): Uint8Array {
  const sample = samples[random.below(samples.length)];
  const from = sample.length > LONGEST && random.below(2) === 0 ? random.below(sample.length - LONGEST) : 0;
  let bytes: Uint8Array = sample.slice(from, from + LONGEST);
  for (let times = 1 + random.below(4); times > 0 && bytes.length > 0; times--)
    bytes = MUTATIONS[random.below(MUTATIONS.length)](bytes, random, samples);
  return bytes;
}

/** A `.heaptrace` whose checksums are right again, as far as its blocks can be told: what lies behind them is tried then. */
export function withChecksums(bytes: Uint8Array): Uint8Array {
  const mended = bytes.slice();
  mended.set(MAGIC.subarray(0, mended.length));
  for (let at = MAGIC.length; at + HEAD_LENGTH <= mended.length; ) {
    const head = new DataView(mended.buffer, at, HEAD_LENGTH);
    const length = Math.min(head.getUint32(8, true), mended.length - at - HEAD_LENGTH);
    head.setUint32(8, length, true);
    const body = mended.subarray(at + HEAD_LENGTH, at + HEAD_LENGTH + length);
    head.setUint32(12, checksumOf(head.getUint32(0, true), body), true);
    head.setUint32(16, crc32(mended, at, at + 16), true);
    at += HEAD_LENGTH + length;
  }
  return mended;
}
