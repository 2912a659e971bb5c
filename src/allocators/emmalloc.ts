/**
 * The small malloc of Emscripten: 64 lists by size, the last freed first, one try a list. O(1), but for a last look
 * at up to 99 regions of the largest list, and at all the others in it when there is no more memory.
 *
 * w is the size of a word. Free regions are merged at once: they are the space's own holes.
 *
 *   region  = block = size word, payload, size word; payload = start + w; length = 2w + bytes, rounded up to w
 *   least   = 4w: both words and two links. The same is what a sentinel takes at either end of the heap.
 *   payload = a multiple of 8: where it is not, the start of the region moves up, and the region *before*, which is
 *             in use, grows by the difference
 *   bucket  = by the bytes that a region's payload could have: steps of 8 below 128, then four to each power of two,
 *             then two from 4096 on
 */
import type { Options } from "../options/options.ts";
import type { Node } from "../space/block-map.ts";
import type { Column } from "../space/columns.ts";
import { Cost } from "../space/cost.ts";
import { type Address, Control, type Slot, type Space, SpaceError, State } from "../space/space.ts";
import {
  type Allocator,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
  roundUp,
} from "./contract.ts";
import { HoleRings } from "./parts/hole-rings.ts";
import { LastReason } from "./parts/last-reason.ts";

const OPTIONS = {
  bits: {
    type: "choice",
    default: "32",
    choices: ["32", "64"],
    about: "word size: wasm32 or wasm64; region words, links and rounding follow from it",
  },
} as const;

const REASONS = {
  first: "{0} bytes fit the first region of bucket {1}, at {2}",
  last: "{0} bytes fit no bucket's first region; the largest bucket, {1}, has one further back, at {2}",
  grown:
    "no region that was tried holds {0} bytes: {1} more were asked for; placed in bucket {2}'s first, at {3}",
  refused: "no region that was tried holds {0} bytes, and there are no {1} bytes more to be had",
  stays: "the region at {0} stays: {1} bytes become {2}, of which {3} are needed",
  freed: "[{0}, {1}) is free, in the region [{2}, {3})",
};

const BUCKETS = 64;
const ALIGNMENT = 8;
/** The largest bucket is looked through before more memory is asked for, if it is at least this one; so far. */
const LAST_LOOK_FROM = 30;
const LAST_LOOK = 99;
/** No sbrk of a 32-bit program takes more at once. */
const MOST_32 = 0x7fffffff;

class Emmalloc implements Allocator {
  private readonly space: Space;
  private readonly word: number;
  /** Bytes of the smallest region, of a sentinel, and of the smallest rest that is split off. */
  private readonly least: number;
  private readonly buckets: HoleRings;
  /** A bit for each bucket that may hold a region: set when it gets one, cleared when it is found empty. */
  private readonly used: Column<Int32Array>;
  /** [end of what sbrk gave]. */
  private readonly break: Column<Float64Array>;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.word = options.bits === "32" ? 4 : 8;
    this.least = 4 * this.word;
    this.buckets = new HoleRings(space.columns, BUCKETS);
    this.used = space.columns.int32(BUCKETS / 32);
    this.break = space.columns.float64(1);
    this.why = new LastReason(REASONS);
    // Two sentinels and a smallest region between them.
    this.claim(3 * this.least);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    return this.put(this.payload(bytes), Math.max(align, ALIGNMENT), request.slot);
  }

  free(_address: Address, request: Request): void {
    const space = this.space;
    const start = space.start(request.previous);
    const end = space.end(request.previous);
    const region = this.release(request.previous);
    this.why.set("freed", start, end, space.start(region), space.end(region));
  }

  /** In place if the region, with the free one behind it, is long enough; the boundary moves either way. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const space = this.space;
    const slot = request.previous;
    const before = space.length(slot);
    const length = this.payload(bytes) + 2 * this.word;
    if (this.resize(slot, length)) {
      this.why.set("stays", space.start(slot), before, space.length(slot), length);
      return address;
    }
    const to = this.put(this.payload(bytes), ALIGNMENT, request.slot);
    if (to !== REFUSED) this.release(slot);
    return to;
  }

  need(bytes: number): number {
    return this.payload(bytes) + 2 * this.word;
  }

  blockStart(address: Address): Address {
    return address - this.word;
  }

  blockLength(address: Address): number {
    return this.space.length(this.space.at(address - this.word));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      let region = this.buckets.first(bucket);
      if (region !== 0) show.list(`bucket ${bucket}`);
      for (; region !== 0; region = this.buckets.next(region))
        show.entry(this.space.start(region), this.space.length(region));
    }
  }

  /** Every hole between the sentinels is in the bucket of its size, once; no region is shorter than the least. */
  validate(): void {
    const space = this.space;
    const end = this.break.data[0];
    const found = new Set<Node>();
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      for (let region = this.buckets.first(bucket); region !== 0; region = this.buckets.next(region)) {
        if (space.at(space.start(region)) !== region)
          throw new SpaceError(`bucket ${bucket} holds ${region}, no hole`);
        if (found.has(region)) throw new SpaceError(`the region at ${space.start(region)} is listed twice`);
        found.add(region);
        if (this.bucketOf(region) !== bucket)
          throw new SpaceError(`bucket ${bucket} holds a region of ${space.length(region)} bytes`);
        if (!this.buckets.isLinked(region)) throw new SpaceError(`the links of bucket ${bucket} are broken`);
        if (this.firstUsed(bucket) !== bucket)
          throw new SpaceError(`bucket ${bucket} holds a region and is not marked`);
      }
    for (
      let node = space.next(space.heap);
      node !== space.heap && space.start(node) < end;
      node = space.next(node)
    ) {
      if (node < 0 && !found.has(node))
        throw new SpaceError(`the region at ${space.start(node)} is in no bucket`);
      if (space.length(node) < this.least)
        throw new SpaceError(`the region at ${space.start(node)} has ${space.length(node)} bytes`);
      const isSentinel = node > 0 && space.state(node) === State.control;
      if (isSentinel !== (space.start(node) === 0 || space.start(node) === end - this.least))
        throw new SpaceError(`a sentinel is missing or out of place at ${space.start(node)}`);
    }
  }

  /** Bytes of the payload that a request gets. */
  private payload(bytes: number): number {
    return Math.max(roundUp(bytes, this.word), 2 * this.word);
  }

  private put(bytes: number, align: number, slot: Slot): Address {
    const more = bytes + 3 * this.least + (align > ALIGNMENT ? align : 0);
    for (let grown = 0; ; grown = more) {
      const bucket = this.tryEach(bytes, align);
      if (bucket < BUCKETS) {
        const start = this.take(this.buckets.first(bucket), bytes, align, slot);
        if (grown > 0) this.why.set("grown", bytes, grown, bucket, start);
        else this.why.set("first", bytes, bucket, start);
        return start + this.word;
      }
      const largest = this.lastUsed();
      const tries = largest < LAST_LOOK_FROM ? 0 : LAST_LOOK;
      let region = this.tryMore(largest, 0, tries, bytes, align);
      if (region === 0) {
        if (this.claim(more)) continue;
        region = this.tryMore(largest, tries, Number.POSITIVE_INFINITY, bytes, align);
      }
      if (region === 0) {
        this.why.set("refused", bytes, more);
        return REFUSED;
      }
      const start = this.take(region, bytes, align, slot);
      this.why.set("last", bytes, largest, start);
      return start + this.word;
    }
  }

  /** Tries the first region of each bucket from that of the size up. Returns the bucket that serves, or BUCKETS. */
  private tryEach(bytes: number, align: number): number {
    const buckets = this.buckets;
    let bucket = this.firstUsed(bucketFor(bytes));
    for (; bucket < BUCKETS; bucket = this.firstUsed(bucket + 1)) {
      const region = buckets.first(bucket);
      if (region === 0) {
        this.used.data[bucket >> 5] &= ~(1 << (bucket & 31));
        continue;
      }
      this.space.count(Cost.searchSteps, 1);
      if (this.fits(region, bytes, align)) break;
      // A miss goes to the end of its list, so that the next one is tried next time.
      buckets.remove(region);
      buckets.append(bucket, region);
    }
    return bucket;
  }

  /** Tries the regions of a bucket from the one behind the first `from` to the first `to`; 0 if none will do. */
  private tryMore(bucket: number, from: number, to: number, bytes: number, align: number): Node {
    let region = bucket < 0 ? 0 : this.buckets.first(bucket);
    for (let i = 0; region !== 0 && i < to; i++, region = this.buckets.next(region)) {
      if (i < from) continue;
      this.space.count(Cost.searchSteps, 1);
      if (this.fits(region, bytes, align)) return region;
    }
    return 0;
  }

  private fits(region: Node, bytes: number, align: number): boolean {
    const payload = this.space.start(region) + this.word;
    return roundUp(payload, align) + bytes + this.word <= this.space.end(region);
  }

  /** Puts `slot` at the low end of the region, from where its payload is aligned. Returns the block's start. */
  private take(region: Node, bytes: number, align: number, slot: Slot): Address {
    const space = this.space;
    const payload = space.start(region) + this.word;
    const bump = roundUp(payload, align) - payload;
    this.buckets.remove(region);
    if (bump > 0) this.enlarge(space.previous(region), bump);
    const length = bytes + 2 * this.word;
    const room = space.length(region);
    const splits = room - length >= this.least;
    space.take(region, 0, splits ? length : room, slot);
    if (splits) this.link(region);
    return space.start(slot);
  }

  /** The used region or sentinel before a free one grows into it; the free one's hole stays what it is. */
  private enlarge(before: Node, bytes: number): void {
    const space = this.space;
    const start = space.start(before);
    const length = space.length(before) + bytes;
    if (space.state(before) === State.control) {
      space.unreserve(start);
      space.reserve(start, length, Control.header);
    } else space.resize(before, start, length);
  }

  /** Frees the block of `slot`. Returns its region, merged with both neighbours. */
  private release(slot: Slot): Node {
    const space = this.space;
    const previous = space.previous(slot);
    const next = space.next(slot);
    if (previous < 0) this.buckets.remove(previous);
    if (next < 0) this.buckets.remove(next);
    const region = space.give(slot);
    this.link(region);
    return region;
  }

  private resize(slot: Slot, length: number): boolean {
    const space = this.space;
    const start = space.start(slot);
    const next = space.next(slot);
    if (next < 0) {
      const rest = space.end(next) - start - length;
      if (rest < 0) return false;
      // The free region behind goes to the front of its list even if it stays as it is.
      this.buckets.remove(next);
      space.resize(slot, start, rest >= this.least ? length : length + rest);
      if (rest >= this.least) this.link(space.next(slot));
      return true;
    }
    const rest = space.length(slot) - length;
    if (rest >= this.least) {
      space.resize(slot, start, length);
      this.link(space.next(slot));
    }
    return rest >= 0;
  }

  /** Asks for `bytes` more, which join the last region if that is free; whether they were given. */
  private claim(bytes: number): boolean {
    const space = this.space;
    const old = this.break.data[0];
    const more = roundUp(bytes, ALIGNMENT);
    const end = old + more;
    if (this.word === 4 && more > MOST_32) return false;
    if (!(space.grows ? space.extend(more) !== 0 : end <= space.limit)) return false;
    if (old === 0) space.reserve(0, this.least, Control.header);
    else {
      const last = space.previous(space.at(old - this.least));
      if (last < 0) this.buckets.remove(last);
      space.unreserve(old - this.least);
    }
    this.break.data[0] = end;
    const sentinel = space.reserve(end - this.least, this.least, Control.header);
    this.link(space.previous(sentinel));
    return true;
  }

  private link(region: Node): void {
    const bucket = this.bucketOf(region);
    this.buckets.push(bucket, region);
    this.used.data[bucket >> 5] |= 1 << (bucket & 31);
  }

  private bucketOf(region: Node): number {
    return bucketFor(this.space.length(region) - 2 * this.word);
  }

  /** The first marked bucket from `bucket` on; BUCKETS if there is none. */
  private firstUsed(bucket: number): number {
    for (let word = bucket >> 5; word < BUCKETS / 32; word++) {
      const bits = word === bucket >> 5 ? this.used.data[word] & (-1 << (bucket & 31)) : this.used.data[word];
      if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits & -bits);
    }
    return BUCKETS;
  }

  /** The last marked bucket; -1 if there is none. */
  private lastUsed(): number {
    for (let word = BUCKETS / 32 - 1; word >= 0; word--)
      if (this.used.data[word] !== 0) return (word << 5) + 31 - Math.clz32(this.used.data[word]);
    return -1;
  }
}

/** The bucket of a payload of `bytes`, at least 8. The first of four, and of two, shares its bucket with the step below. */
function bucketFor(bytes: number): number {
  if (bytes < 128) return (bytes >> 3) - 1;
  const log = 31 - Math.clz32(bytes);
  if (log < 12) return 14 + 4 * (log - 7) + ((bytes >>> (log - 2)) & 3);
  return Math.min(33 + 2 * (log - 12) + ((bytes >>> (log - 1)) & 1), BUCKETS - 1);
}

export const emmalloc = definePolicy<typeof OPTIONS>({
  name: "emmalloc",
  family: "segregated fits",
  summary: "Sixty-four lists by size, one try in each: the small malloc of Emscripten.",
  source: "Emscripten, system/lib/emmalloc.c, Jukka Jylänki, 2019 and later (MALLOC=emmalloc)",
  departs:
    "A realloc to 0 bytes keeps a smallest region, where the real one frees it and returns null. Nothing else asks sbrk " +
    "for memory, so that the heap is always continued.",
  facts: {
    author: "Alon Zakai, 2018; written anew by Jukka Jylänki, 2019",
    ships: "Emscripten with MALLOC=emmalloc",
    header: "2w = 8 or 16 bytes: a size word at either end",
    alignment: "8 bytes; the region before is enlarged to reach it",
    order:
      "64 lists by size, last freed first; one try in each from the request's own on, a miss goes to " +
      "the tail",
    coalescing: "at once, with both neighbours",
    bound: "none known",
    steps: "one for each region that is tried, whether it serves or not",
  },
  kind: "allocator",
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => (options.bits === "32" ? 4 : 8),
  reasons: REASONS,
  create: (space, options) => new Emmalloc(space, options),
});
