/**
 * Zephyr's sys_heap: rings of free chunks by power of two, a bounded number of tries in the ring of the request, then
 * any chunk of a higher one. O(1) a request: at most 4 chunks are looked at.
 *
 *   chunk  = 8 bytes, the granule; big = 64 bits, or more than 32767 chunks in the heap
 *   header = 8 if big, else 4: payload = start + header, so 4 mod 8 in small heaps
 *   length = header + bytes, rounded up to chunks; no rest is kept in a block
 *   least  = 2 chunks if big, else 1: a free chunk shorter than that has no room for its links, and is in no ring
 *   end    = floor((H - header) / 8): the chunk that marks the heap's end
 *   control = 16 + buckets * (8 for 64 bits and the header of 2.5, else 4), rounded up to chunks
 */
import { OptionError, type Options } from "../options/options.ts";
import type { Node } from "../space/block-map.ts";
import { Cost } from "../space/cost.ts";
import { type Address, Control, type Slot, type Space } from "../space/space.ts";
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
import { BucketRings } from "./parts/bucket-rings.ts";
import { LastReason } from "./parts/last-reason.ts";
import { RecentBlock } from "./parts/recent-block.ts";

const OPTIONS = {
  header: {
    type: "choice",
    default: "2.5",
    choices: ["2.5", "modern"],
    about: "layout of the control structure: of release 2.5, or of later ones, which is smaller on 64 bits",
  },
  bits: {
    type: "choice",
    default: "32",
    choices: ["32", "64"],
    about: "word size of the machine: 32-bit heaps under 256 KiB have headers of 4 bytes, others of 8",
  },
} as const;

const REASONS = {
  tried: "chunk {0} of those tried in the bucket of {1} bytes: {2} bytes at {3}",
  higher:
    "{0} chunks tried in the bucket of {1} bytes, then the next one of a higher bucket: {2} bytes at {3}",
  none: "none of {0} chunks tried holds {1} bytes and no higher bucket has any; the longest hole has {2}",
  zero: "a request of 0 bytes is refused",
  huge: "{0} bytes are more than the heap of {1}",
  kept: "the block at {0} stays: {1} bytes become {2}",
  grown: "the block at {0} grows into the free chunk behind it: {1} bytes become {2}",
  freed: "[{0}, {1}) is free, in the free chunk [{2}, {3})",
};

const CHUNK = 8;
/** CONFIG_SYS_HEAP_ALLOC_LOOPS: chunks tried in the ring of the request. */
const TRIES = 3;

class SysHeap implements Allocator {
  private readonly space: Space;
  private readonly header: number;
  /** Chunks of the heap: number of the end marker. */
  private readonly end: number;
  private readonly rings: BucketRings;
  private readonly recent: RecentBlock;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, { header, bits }: Options<typeof OPTIONS>) {
    this.space = space;
    if (space.limit > 0x7fffffff * CHUNK)
      throw new OptionError(`policy zephyr: a heap of ${space.limit} bytes; chunks are counted in 31 bits`);
    this.header = bits === "64" || Math.floor(space.limit / CHUNK) > 0x7fff ? 8 : 4;
    this.end = Math.max(Math.floor((space.limit - this.header) / CHUNK), 0);
    const least = Math.ceil((this.header + 1) / CHUNK);
    this.rings = new BucketRings(space, least, this.end);
    const buckets = this.rings.bucket(Math.max(this.end, least)) + 1;
    const control = roundUp(16 + buckets * (bits === "64" && header === "2.5" ? 8 : 4), CHUNK);
    if (control < this.end * CHUNK) {
      space.reserve(0, control, Control.table);
      space.reserve(this.end * CHUNK, space.limit - this.end * CHUNK, Control.header);
    } else if (space.limit > 0) space.reserve(0, space.limit, Control.unused);
    this.recent = new RecentBlock(space);
    this.why = new LastReason(REASONS);
    space.follow(this.rings);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    if (!this.takes(bytes)) return REFUSED;
    if (align > this.header) return this.placeAligned(bytes, align, request.slot);
    const length = this.need(bytes);
    const hole = this.find(length / CHUNK);
    if (hole === 0) return REFUSED;
    const start = this.space.start(hole);
    this.space.take(hole, 0, length, request.slot);
    this.recent.note(request.slot);
    return start + this.header;
  }

  free(_address: Address, request: Request): void {
    const space = this.space;
    const start = space.start(request.previous);
    const end = space.end(request.previous);
    const hole = space.give(request.previous);
    this.why.set("freed", start, end, space.start(hole), space.end(hole));
  }

  /** In place if the block, with a free chunk behind it, is long enough; what is too much is split off and merged. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    if (!this.takes(bytes)) return REFUSED;
    const space = this.space;
    const slot = request.previous;
    const start = space.start(slot);
    const before = space.length(slot);
    const length = roundUp(address - start + bytes, CHUNK);
    if (length > before) {
      space.count(Cost.searchSteps, 1);
      const next = space.next(slot);
      if (next >= 0 || length > before + space.length(next))
        return reallocateByCopy(this, address, bytes, request);
    }
    if (length !== before) space.resize(slot, start, length);
    this.recent.note(slot);
    this.why.set(length > before ? "grown" : "kept", start, before, length);
    return address;
  }

  need(bytes: number): number {
    return roundUp(this.header + Math.max(bytes, 1), CHUNK);
  }

  /** An aligned payload may begin 4 bytes behind where it would in its first chunk. */
  blockStart(address: Address): Address {
    return Math.floor((address - this.header) / CHUNK) * CHUNK;
  }

  blockLength(address: Address): number {
    return this.space.length(this.recent.at(this.blockStart(address)));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    this.rings.show(show);
  }

  validate(): void {
    this.rings.validate();
  }

  private takes(bytes: number): boolean {
    const huge = Math.floor(bytes / CHUNK) >= this.end;
    if (bytes === 0) this.why.set("zero");
    else if (huge) this.why.set("huge", bytes, this.end * CHUNK);
    return bytes > 0 && !huge;
  }

  /** Up to TRIES chunks of the request's own ring, which stays turned past those that are too short; then a higher one. */
  private find(chunks: number): Node {
    const space = this.space;
    const rings = this.rings;
    const length = chunks * CHUNK;
    let tried = 0;
    if (chunks > this.end) {
      this.why.set("none", tried, length, space.largestHole);
      return 0;
    }
    const bucket = rings.bucket(chunks);
    const first = rings.first(bucket);
    for (let hole = first; hole !== 0 && tried < TRIES; ) {
      tried++;
      if (space.length(hole) >= length) {
        space.count(Cost.searchSteps, tried);
        this.why.set("tried", tried, length, space.length(hole), space.start(hole));
        return hole;
      }
      hole = rings.next(hole);
      rings.turn(bucket, hole);
      if (hole === first) break;
    }
    const higher = rings.above(bucket);
    space.count(Cost.searchSteps, tried + (higher < 0 ? 0 : 1));
    if (higher < 0) {
      this.why.set("none", tried, length, space.largestHole);
      return 0;
    }
    const hole = rings.first(higher);
    this.why.set("higher", tried, length, space.length(hole), space.start(hole));
    return hole;
  }

  /** Searches for so much more that the payload can be moved up; the chunks before and behind it are free again. */
  private placeAligned(bytes: number, align: number, slot: Slot): Address {
    const space = this.space;
    const hole = this.find(this.need(bytes + align - this.header) / CHUNK);
    if (hole === 0) return REFUSED;
    const address = roundUp(space.start(hole) + this.header, align);
    const start = this.blockStart(address);
    space.take(hole, start - space.start(hole), roundUp(address + bytes, CHUNK) - start, slot);
    this.recent.note(slot);
    return address;
  }
}

export const zephyr = definePolicy<typeof OPTIONS>({
  name: "zephyr",
  family: "segregated fits",
  summary: "Tries three free chunks of the request's power of two, then takes one of any higher power.",
  source:
    "Zephyr, lib/os/heap.c (sys_heap) of release 2.5 and of later ones: alloc_chunk, free_chunk, aligned realloc; " +
    "its documentation, Kernel Services: Memory Heaps",
  departs:
    "The rings are kept beside the heap. realloc to 0 bytes, which frees, is refused and changes nothing. A heap too small " +
    "for the control structure and one chunk refuses everything. The word before the end marker's end is counted as its own.",
  facts: {
    author: "Andy Ross, Intel, 2019",
    ships: "Zephyr: k_heap, and from 2.5 on k_malloc and the C library's malloc",
    header: "4 bytes in 32-bit heaps under 256 KiB, else 8",
    alignment: "chunks of 8 bytes: payloads at 4 mod 8 where the header has 4 bytes, else at multiples of 8",
    order:
      "a ring for each power of two, first freed first; three tries in the request's own, then the " +
      "head of the next that has any",
    coalescing: "at once, with the chunk behind and the chunk before",
    bound:
      "memory: none known; steps: at most 4 chunks for each request (CONFIG_SYS_HEAP_ALLOC_LOOPS, 3, " +
      "and one)",
    steps:
      "one for each chunk tried in the request's ring, one for the head taken of a higher ring, one for " +
      "the neighbour that a growing realloc looks at",
  },
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => CHUNK,
  reasons: REASONS,
  create: (space, options) => new SysHeap(space, options),
});
