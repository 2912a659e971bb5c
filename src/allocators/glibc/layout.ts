/**
 * How a chunk of ptmalloc lies in memory, and which bin holds chunks of a size. w is the size of a word.
 *
 *   chunk    = [p, p + size); the word at p belongs to the chunk before while that is in use, the next one holds size
 *              and flags; payload = p + 2w, a multiple of 16
 *   block    = the same a word further up, [p + w, p + w + size): from the size word to the last byte of the payload,
 *              so that the blocks of neighbours touch and never overlap; payload = start + w
 *   size     = bytes + w, rounded up to 16, at least 32 (64 bits) or 16 (32 bits)
 *   unit     = 16 bytes; every size is a multiple, and p = 16u + lead where u is the chunk's unit:
 *              lead = 0 (64 bits) or 8 (32 bits), what the first chunk leaves for payloads to be aligned
 */
import { type Address, PAGE } from "../../space/space.ts";
import { roundUp } from "../contract.ts";

/** Bytes. Sizes of chunks, and their places but for the lead, are counted in it. */
export const UNIT = 16;

/** Bin 1 is the unsorted one, small and large ones follow; bin 0 is none. */
export const BINS = 128;
export const UNSORTED = 1;

/** Bins of the thread cache, one a size from the smallest chunk on. */
export const CACHES = 64;

/**
 * Large bins are 32 of 64 bytes, 16 of 512, 8 of 4096, 4 of 32768, 2 of 262144 and one for the rest:
 * [shift, most, base]: chunks with units >> shift <= most are in bin base + (units >> shift). The first row is that
 * of 64 bits; 32 bits with chunks of 16 bytes have one exact bin less and one of 64 bytes more.
 */
const SPACING = [
  [5, 20, 91],
  [8, 10, 110],
  [11, 4, 119],
  [14, 2, 124],
] as const;
const LAST_BIN = 126;

export class Layout {
  readonly word: 4 | 8;
  readonly lead: 0 | 8;
  /** Units of the smallest chunk, and so of the smallest remainder that is split off. */
  readonly smallest: number;
  /** Units of the largest chunk that a fastbin takes. */
  readonly mostFast: number;
  /** Units from which on chunks are large: smaller ones have a bin for each size. */
  readonly large: number;
  /** Units of the thread cache's own chunk, the first of the heap: 64 counts of 16 bits, 64 pointers. */
  readonly table: number;
  /** The bin of a small chunk is its units and this. */
  private readonly shift: 0 | 1;
  /** Units >> 2 of the longest chunks in bins of 64 bytes. */
  private readonly fine: 48 | 45;

  constructor(bits: string) {
    const wide = bits === "64";
    this.word = wide ? 8 : 4;
    this.lead = wide ? 0 : 8;
    this.smallest = wide ? 2 : 1;
    this.mostFast = wide ? 8 : 4;
    this.shift = wide ? 0 : 1;
    this.large = 64 - this.shift;
    this.fine = wide ? 48 : 45;
    this.table = this.units(CACHES * 2 + CACHES * this.word);
  }

  /** Units of the chunk that a request of `bytes` gets. Exact to 2^32. */
  units(bytes: number): number {
    const units = (bytes + this.word + UNIT - 1) >>> 4;
    return units < this.smallest ? this.smallest : units;
  }

  /** The bin for free chunks of `units`. */
  bin(units: number): number {
    if (units < this.large) return units + this.shift;
    if (units >> 2 <= this.fine) return 48 + this.shift + (units >> 2);
    for (const [shift, most, base] of SPACING) if (units >> shift <= most) return base + (units >> shift);
    return LAST_BIN;
  }

  /** Start of the block of the chunk at unit `u`. */
  block(u: number): Address {
    return u * UNIT + this.lead + this.word;
  }

  /** The unit of the chunk whose payload is at `address`. Payloads lie at 16u + 16, whatever the word. */
  unit(address: Address): number {
    return address / UNIT - 1;
  }

  payload(u: number): Address {
    return u * UNIT + UNIT;
  }

  /** Bytes of the mapping for a chunk of `units`: a word more, for there is no next chunk to lend its first. */
  mapping(units: number): number {
    return roundUp(units * UNIT + this.word + (this.lead === 0 ? 0 : UNIT - 1), PAGE);
  }
}
