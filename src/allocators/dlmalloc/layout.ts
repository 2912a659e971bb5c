/**
 * How a chunk of dlmalloc lies in memory. w is the size of a word.
 *
 *   chunk   = [p, p + size); the word at p belongs to the chunk before while that is in use, the next one holds
 *             size and flags; payload = p + 2w
 *   block   = the same a word further up: [p + w, p + w + size), from the size word to the last byte of the payload,
 *             so that the blocks of neighbours touch and never overlap; payload = start + w
 *   size    = bytes + w, rounded up to the alignment, at least 4w rounded up to it
 *   foot    = the last bytes of the memory got from the system, where a record of it would be put: a chunk of 4
 *             words (base, size, next, flags) and a smallest one
 */
import { roundUp } from "../contract.ts";

/** What malloc_state takes as an mspace's first chunk: bins, trees, counters and its record. By word size. */
const STATE = { 4: 480, 8: 944 } as const;

export class Layout {
  readonly word: 4 | 8;
  /** Payloads are multiples of it, counted from a chunk at 0. */
  readonly alignment: number;
  /** Bytes of the smallest chunk, and so of the smallest remainder that is split off. */
  readonly smallest: number;
  /** Most bytes of a request that is served as a small one. */
  readonly mostSmall: number;
  /** Bytes of the state, when it lies in the heap: of an mspace. */
  readonly state: number;
  readonly foot: number;

  constructor(bits: string, over: string) {
    this.word = bits === "32" ? 4 : 8;
    this.alignment = over === "mspace" ? 2 * this.word : 8;
    this.smallest = roundUp(4 * this.word, this.alignment);
    this.mostSmall = 255 - (this.alignment - 1) - this.word;
    this.state = over === "mspace" ? STATE[this.word] : 0;
    this.foot = this.size(4 * this.word) + this.smallest;
  }

  /** The chunk that a request of `bytes` gets. */
  size(bytes: number): number {
    return Math.max(roundUp(bytes + this.word, this.alignment), this.smallest);
  }
}
