/**
 * The binary buddy system: blocks of 2^k bytes at multiples of 2^k, split in halves on the way down, merged with the
 * other half, the buddy, on the way up. O(log heap), no search.
 *
 *   buddy(start, k) = start xor 2^k; the two make one block of order k + 1
 *   heap            = roots, from its start: the largest block that is aligned and fits, and so on with the rest
 *
 * So an arena of any size is used but for what is shorter than a smallest block. A heap that grows is extended to
 * the first end at which its roots, merged with what is free below, hold a block of the order asked for: by
 * 2^k bytes less the free ones at the end, if those begin at a multiple of 2^k, else up to such a multiple first.
 */
import type { Options } from "../options/options.ts";
import type { Column } from "../space/columns.ts";
import { Cost } from "../space/cost.ts";
import { type Address, Control, type Space, SpaceError } from "../space/space.ts";
import {
  type Allocator,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
  reallocateByCopy,
  roundUp,
} from "./contract.ts";
import { granuleFor } from "./parts/block-shape.ts";
import { BuddyTree } from "./parts/buddy-tree.ts";
import { LastReason } from "./parts/last-reason.ts";

const OPTIONS = {
  header: {
    type: "choice",
    default: "8",
    choices: ["0", "8"],
    about: "bytes before each payload; 0 where the order is kept in a table beside the heap",
  },
  smallest: {
    type: "integer",
    default: 16,
    min: 8,
    max: 4096,
    unit: "bytes",
    powerOfTwo: true,
    about: "blocks of the lowest order",
  },
  order: {
    type: "choice",
    default: "lifo",
    choices: ["lifo", "fifo"],
    about: "which block of a list is taken: the one freed last, as by Algorithm R, or first",
  },
} as const;

const REASONS = {
  exact: "a free block of {0} bytes, at {1}",
  split: "no block of {0} bytes is free: one of {2} at {1} is halved until it is",
  grown: "no block of {0} bytes or more is free: the heap grows to {2} for one at {1}",
  refused: "no block of {0} bytes or more is free; {1} bytes are, in smaller ones",
  trimmed: "the upper part of the block is free: {0} bytes are left of {1}",
  stays: "the block of {0} bytes stays",
  freed: "the block of {0} bytes is free and merged into one of {1} at {2}",
};

class Buddy implements Allocator {
  readonly #space: Space;
  readonly #header: number;
  readonly #smallest: number;
  readonly #tree: BuddyTree;
  /** [end of the last root]. */
  readonly #state: Column<Float64Array>;
  readonly #reason: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.#space = space;
    this.#header = Number(options.header);
    this.#smallest = options.smallest;
    this.#tree = new BuddyTree(space.columns, options.smallest, options.order === "lifo");
    this.#state = space.columns.float64(1);
    this.#reason = new LastReason(REASONS);
    if (space.grows) return;
    const end = space.limit - (space.limit % this.#smallest);
    this.#tree.add(0, end);
    this.#state.data[0] = end;
    if (end < space.limit) space.reserve(end, space.limit - end, Control.unused);
  }

  allocate(bytes: number, align: number, _request: Request): Address {
    const length = this.need(bytes, align);
    const found = this.#tree.lowestFree(length);
    this.#space.count(Cost.searchSteps, this.#tree.listsFrom(length, found));
    if (found === 0 && !(this.#space.grows && this.#grow(length))) {
      this.#reason.set("refused", length, this.#space.holeBytes);
      return REFUSED;
    }
    const start = this.#tree.take(length);
    if (found === 0) this.#reason.set("grown", length, start, this.#state.data[0]);
    else this.#reason.set(found === length ? "exact" : "split", length, start, found);
    return start + this.#offset(align);
  }

  free(address: Address, _request: Request): void {
    const start = this.blockStart(address);
    const length = this.#tree.length(start);
    const merged = this.#tree.give(start);
    this.#reason.set("freed", length, this.#tree.length(merged), merged);
  }

  /** A shorter block is cut in place, a longer one copied. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const start = this.blockStart(address);
    const before = this.#tree.length(start);
    const offset = address - start;
    if (offset + bytes > before) return reallocateByCopy(this, address, bytes, request);
    const length = Math.max(this.#power(offset + Math.max(bytes, 1)), this.#smallest);
    if (length < before) this.#tree.trim(start, length);
    this.#reason.set(length < before ? "trimmed" : "stays", length, before);
    return address;
  }

  need(bytes: number, align: number): number {
    return Math.max(this.#power(this.#offset(align) + Math.max(bytes, 1)), align, this.#smallest);
  }

  blockStart(address: Address): Address {
    return this.#tree.start(address);
  }

  blockLength(address: Address): number {
    return this.#tree.length(this.#tree.start(address));
  }

  reason(): Reason {
    return this.#reason.get();
  }

  internals(show: InternalsSink): void {
    this.#tree.show(show);
  }

  validate(): void {
    const free = this.#tree.validate(this.#space, this.#state.data[0]);
    if (free !== this.#space.holeBytes)
      throw new SpaceError(`the lists hold ${free} bytes, the holes ${this.#space.holeBytes}`);
  }

  /** Payload's address less the block's start: the header lies before the payload, which is aligned as asked for. */
  #offset(align: number): number {
    return this.#header === 0 ? 0 : Math.max(this.#header, align);
  }

  /** The least power of two >= `bytes`, which is at most 2^32. */
  #power(bytes: number): number {
    return 2 ** (32 - Math.clz32(bytes - 1));
  }

  #grow(length: number): boolean {
    const space = this.#space;
    const end = this.#state.data[0];
    const last = space.previous(space.heap);
    const below = end - (end % length);
    // The free end, if there is one, begins below a multiple of the length only where its blocks can make up for it.
    const start = last < 0 && space.start(last) <= below ? below : roundUp(end, length);
    if (space.extend(start + length - end) === 0) return false;
    this.#tree.add(end, start + length);
    this.#state.data[0] = start + length;
    return true;
  }
}

export const buddy = definePolicy<typeof OPTIONS>({
  name: "buddy",
  family: "buddy systems",
  summary: "Halves blocks of a power of two until one just fits; merges a free block with its buddy at once.",
  source:
    "Knowlton, A Fast Storage Allocator, Communications of the ACM 8(10), 1965, pp. 623-625; Knuth, The Art of Computer " +
    "Programming vol. 1, 3rd edition, section 2.5, Algorithms R and S, pp. 442-444; Peterson and Norman, Buddy Systems, " +
    "Communications of the ACM 20(6), 1977, pp. 421-431",
  departs:
    "Tags and links lie beside the heap. Knuth's heap is one block of 2^m; here it is a row of roots, so an arena may have any " +
    "size and a heap may grow. Neither source has a realloc: a block that becomes too long is cut, which is step R4 alone.",
  facts: {
    author: "Harry Markowitz and Kenneth Knowlton; published by Knowlton, 1965",
    ships: "Linux, for pages",
    header: "8 bytes, or 0 with a table beside the heap; and the rest of a power of two",
    alignment: "blocks at multiples of their length; payloads at multiples of 8 bytes",
    order:
      "a list for each power of two, last freed first; halves the head of the first list that has a block",
    coalescing: "at once, with the buddy only: two free neighbours that are not buddies stay apart",
    bound:
      "M(1 + log2 n) for requests of powers of two (exact bounds: Lloyd and Loui, Acta Informatica 22, 1985)",
    steps: "lists looked at, from the request's own order up to the first that has a block",
  },
  kind: "allocator",
  // Two free neighbours that are not buddies stay apart.
  coalesces: () => "never",
  options: OPTIONS,
  granule: (options) => granuleFor(options.smallest, Number(options.header)),
  reasons: REASONS,
  create: (space, options) => new Buddy(space, options),
});
