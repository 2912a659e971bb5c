/**
 * A 64-bit hash of a sequence of 32-bit words: two lanes of 32 bits, 4 multiplications a word, no allocation.
 *
 * Each lane takes a word by the round of xxHash32 (Yann Collet, xxHash specification 0.1.1, section "Algorithm
 * steps": `lane = rotl(lane + word * P, r) * Q`), the second one with other primes and another rotation. A round is
 * a bijection of the lane for a given word and of the word for a given lane, so two sequences that differ in one
 * word differ in both lanes. The digest stirs the lanes into each other with the finalizer of MurmurHash3 (Austin
 * Appleby, public domain) over the number of words. Integer operations only: equal in every engine. Not meant to
 * withstand somebody who wants a collision.
 */
export class Hash {
  /**
   * [lane, lane, words so far], all of its state. A typed array rather than numbers: a lane would not fit Chromium's
   * 31-bit small integers.
   */
  private readonly lanes: Int32Array;

  /** `state`, of 3 entries, is given by who wants to save and restore it. */
  constructor(state: Int32Array = new Int32Array(3)) {
    this.lanes = state;
    state.set([0x24234428, 0x61c8864f, 0]);
  }

  /** The state lies where `register` says. */
  bind(registers: { point(register: number, state: Int32Array): void }, register: number): void {
    registers.point(register, this.lanes);
  }

  word(word: number): void {
    const lanes = this.lanes;
    const a = (lanes[0] + Math.imul(word, 0x85ebca77)) | 0;
    const b = (lanes[1] + Math.imul(word, 0xc2b2ae3d)) | 0;
    lanes[0] = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
    lanes[1] = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
    lanes[2]++;
  }

  /** The same as `word` of op, row, bytes and argument of each event from .. to - 1, with the lanes held meanwhile. */
  events(
    op: Uint8Array,
    row: Int32Array,
    bytes: Int32Array,
    argument: Int32Array,
    from: number,
    to: number,
  ): void {
    const lanes = this.lanes;
    let a = lanes[0];
    let b = lanes[1];
    for (let i = from; i < to; i++) {
      a = (a + Math.imul(op[i], 0x85ebca77)) | 0;
      b = (b + Math.imul(op[i], 0xc2b2ae3d)) | 0;
      a = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
      b = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
      a = (a + Math.imul(row[i], 0x85ebca77)) | 0;
      b = (b + Math.imul(row[i], 0xc2b2ae3d)) | 0;
      a = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
      b = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
      a = (a + Math.imul(bytes[i], 0x85ebca77)) | 0;
      b = (b + Math.imul(bytes[i], 0xc2b2ae3d)) | 0;
      a = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
      b = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
      a = (a + Math.imul(argument[i], 0x85ebca77)) | 0;
      b = (b + Math.imul(argument[i], 0xc2b2ae3d)) | 0;
      a = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
      b = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
    }
    lanes[0] = a;
    lanes[1] = b;
    lanes[2] += 4 * (to - from);
  }

  /** The same as `word` of each in turn, with the lanes loaded and stored once. */
  three(first: number, second: number, third: number): void {
    const lanes = this.lanes;
    let a = lanes[0];
    let b = lanes[1];
    a = (a + Math.imul(first, 0x85ebca77)) | 0;
    b = (b + Math.imul(first, 0xc2b2ae3d)) | 0;
    a = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
    b = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
    a = (a + Math.imul(second, 0x85ebca77)) | 0;
    b = (b + Math.imul(second, 0xc2b2ae3d)) | 0;
    a = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
    b = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
    a = (a + Math.imul(third, 0x85ebca77)) | 0;
    b = (b + Math.imul(third, 0xc2b2ae3d)) | 0;
    lanes[0] = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
    lanes[1] = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
    lanes[2] += 3;
  }

  /** Its length, then its UTF-16 code units: texts that follow each other do not run together. */
  text(text: string): void {
    this.word(text.length);
    for (let i = 0; i < text.length; i++) this.word(text.charCodeAt(i));
  }

  /** 16 hex digits for the words so far and one more that is not kept; others may follow. */
  digest(last = 0): string {
    const [a, b, words] = this.lanes;
    const low = stir(a ^ stir(b ^ words) ^ stir(last));
    const high = stir(b ^ low);
    return hex(high) + hex(low);
  }
}

function stir(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
