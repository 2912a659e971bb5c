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
import type { Registers } from "../kernel/kernel.ts";
import { OF_POLICY } from "../kernel/registers.ts";
import type { Options } from "../options/options.ts";
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
  private readonly space: Space;
  private readonly header: number;
  /** Bytes of a unit, a smallest block: 2^shift. */
  private readonly unit: number;
  private readonly shift: number;
  private readonly inverse: number;
  private readonly tree: BuddyTree;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.header = Number(options.header);
    this.unit = options.smallest;
    this.shift = 31 - Math.clz32(options.smallest);
    this.inverse = 1 / options.smallest;
    this.tree = new BuddyTree(space.columns, options.order === "lifo");
    this.why = new LastReason(REASONS);
    if (space.grows) return;
    this.tree.extend(Math.floor(space.limit / this.unit));
    const end = this.tree.end * this.unit;
    if (end < space.limit) space.reserve(end, space.limit - end, Control.unused);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const tree = this.tree;
    const order = this.order(bytes, align);
    const length = this.bytes(order);
    const fits = tree.free >>> order;
    const lists = (fits === 0 ? 31 - Math.clz32(tree.free) - order : lowestBit(fits)) + 1;
    this.space.count(Cost.searchSteps, Math.max(lists, 1));
    if (fits === 0 && !(this.space.grows && this.grow(length))) {
      this.why.set("refused", length, this.space.holeBytes);
      return REFUSED;
    }
    const found = order + lowestBit(tree.free >>> order);
    const { slot } = request;
    const at = tree.take(slot, order, found);
    const start = at * this.unit;
    if (fits === 0) this.why.set("grown", length, start, tree.end * this.unit);
    else this.why.set(found === order ? "exact" : "split", length, start, this.bytes(found));
    const above = tree.slotAbove(at + (1 << order));
    this.space.claim(slot, start, length, above === 0 ? this.space.previous(this.space.heap) : above);
    return start + this.offset(align);
  }

  free(_address: Address, request: Request): void {
    const slot = request.previous;
    const length = this.space.length(slot);
    const order = this.orderOf(length);
    const at = (this.space.start(slot) * this.inverse) | 0;
    // The space's own neighbour is at hand, where a look at the tree most often misses the cache.
    const beside = (at & (1 << order)) === 0 ? this.space.next(slot) : this.space.previous(slot);
    const row = this.tree.give(at, order, beside < 0);
    const merged = this.bytes(this.tree.order(row));
    this.why.set("freed", length, merged, this.tree.start(row) * this.unit);
    this.space.give(slot);
  }

  /** A shorter block is cut in place, a longer one copied. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const slot = request.previous;
    const start = this.space.start(slot);
    const before = this.space.length(slot);
    const order = this.orderOf(address - start + Math.max(bytes, 1));
    const length = this.bytes(order);
    if (length > before) return reallocateByCopy(this, address, bytes, request);
    if (length < before) {
      this.tree.trim(start * this.inverse, this.orderOf(before), order);
      this.space.resize(slot, start, length);
    }
    this.why.set(length < before ? "trimmed" : "stays", length, before);
    return address;
  }

  bind(registers: Registers): void {
    registers.set(OF_POLICY, this.header);
    registers.set(OF_POLICY + 1, this.shift);
    registers.set(OF_POLICY + 2, this.space.heap);
    this.tree.bind(registers);
  }

  need(bytes: number, align: number): number {
    return this.bytes(this.order(bytes, align));
  }

  blockStart(address: Address): Address {
    return this.space.start(this.tree.slotAt((address * this.inverse) | 0));
  }

  blockLength(address: Address): number {
    return this.space.length(this.tree.slotAt((address * this.inverse) | 0));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    this.tree.show(show, this.unit);
  }

  validate(): void {
    const free = this.tree.validate(this.space, this.unit) * this.unit;
    if (free !== this.space.holeBytes)
      throw new SpaceError(`the lists hold ${free} bytes, the holes ${this.space.holeBytes}`);
  }

  /** Payload's address less the block's start: the header lies before the payload, which is aligned as asked for. */
  private offset(align: number): number {
    return this.header === 0 ? 0 : Math.max(this.header, align);
  }

  /** Order of the block for a request. */
  private order(bytes: number, align: number): number {
    const order = this.orderOf(this.offset(align) + Math.max(bytes, 1));
    return align <= this.unit ? order : Math.max(order, 31 - Math.clz32(align) - this.shift);
  }

  /** Order of the least block that has `bytes`, 1 .. 2^32. */
  private orderOf(bytes: number): number {
    return 32 - Math.clz32((bytes - 1) >>> this.shift);
  }

  /** Bytes of a block. */
  private bytes(order: number): number {
    return (1 << order) * this.unit;
  }

  private grow(length: number): boolean {
    const space = this.space;
    const end = this.tree.end * this.unit;
    const last = space.previous(space.heap);
    const below = end - (end % length);
    // The free end, if there is one, begins below a multiple of the length only where its blocks can make up for it.
    const start = last < 0 && space.start(last) <= below ? below : roundUp(end, length);
    if (space.extend(start + length - end) === 0) return false;
    this.tree.extend((start + length) / this.unit);
    return true;
  }
}

/** Index of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
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
  kernel: () => "buddy",
  reasons: REASONS,
  create: (space, options) => new Buddy(space, options),
});
