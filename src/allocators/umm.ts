/**
 * umm_malloc, the heap of the ESP8266's Arduino core: blocks numbered in 15 bits, one unordered free list. A request
 * looks at every free block (best fit) or at those up to the first that will do: O(free blocks).
 *
 *   unit    = 8 bytes, the granule; at most 32767 units; the first and the last one are the list's head and the end
 *   block   = [start, start + 8 units), payload = start + 4
 *   units   = 1 for up to 4 bytes, else 2 + floor((bytes - 5) / 8)
 *
 * A block takes the low end; the rest keeps the place of the whole in the list. A block that is freed takes the place
 * of the free block below it, if there is one, else goes to the head; the one above it leaves the list.
 */
import type { Options } from "../options/options.ts";
import type { HoleIndex, Node } from "../space/block-map.ts";
import { Cost } from "../space/cost.ts";
import { type Address, Control, type Slot, type Space, SpaceError } from "../space/space.ts";
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
import { FreeList } from "./parts/free-list.ts";
import { LastReason } from "./parts/last-reason.ts";
import { RecentBlock } from "./parts/recent-block.ts";

const OPTIONS = {
  fit: {
    type: "choice",
    default: "best",
    choices: ["best", "first"],
    about:
      "the shortest free block that will do, of equal ones the list's first; or the list's first that will do",
  },
  bits: {
    type: "choice",
    default: "32",
    choices: ["32"],
    about: "word size of the machine; the layout is the same on any",
  },
} as const;

const REASONS = {
  placed: "of {0} free blocks looked at, [{1}, {2}) is taken for {3} bytes",
  none: "none of {0} free blocks holds {1} bytes; the longest hole has {2}",
  zero: "a request of 0 bytes is refused",
  kept: "the block at {0} stays: {1} bytes become {2}",
  next: "the block at {0} takes the free block behind it: {1} bytes become {2}",
  previous: "the block at {0} moves down to {3}, into the free block before it: {1} bytes become {2}",
  both: "the block at {0} moves down to {3}, into the free blocks around it: {1} bytes become {2}",
  freed: "[{0}, {1}) is free, in the free block [{2}, {3})",
};

const UNIT = 8;
const HEADER = 4;
const MOST_UNITS = 32767;

class UmmMalloc implements Allocator, HoleIndex {
  private readonly space: Space;
  private readonly best: boolean;
  private readonly list: FreeList;
  private readonly recent: RecentBlock;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, { fit }: Options<typeof OPTIONS>) {
    this.space = space;
    this.best = fit === "best";
    const units = Math.min(Math.floor(space.limit / UNIT), MOST_UNITS);
    if (units > 2) {
      space.reserve(0, UNIT, Control.header);
      space.reserve((units - 1) * UNIT, UNIT, Control.header);
      const unused = space.limit - units * UNIT;
      if (unused > 0) space.reserve(units * UNIT, unused, Control.unused);
    } else if (space.limit > 0) space.reserve(0, space.limit, Control.unused);
    this.list = new FreeList(space.columns, space, "lifo");
    this.recent = new RecentBlock(space);
    this.why = new LastReason(REASONS);
    space.follow(this);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    if (bytes === 0) return this.refuseNothing();
    const slack = align > HEADER ? align - HEADER : 0;
    const length = this.need(bytes + slack);
    const hole = this.find(length);
    if (hole === 0) return REFUSED;
    const payload = this.space.start(hole) + HEADER;
    this.space.take(hole, 0, length, request.slot);
    this.recent.note(request.slot);
    return slack > 0 ? roundUp(payload, align) : payload;
  }

  free(_address: Address, request: Request): void {
    const space = this.space;
    const start = space.start(request.previous);
    const end = space.end(request.previous);
    const hole = this.give(request.previous);
    this.why.set("freed", start, end, space.start(hole), space.end(hole));
  }

  /** Six cases in this order; whatever is left over of the first five is freed at the end. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    if (bytes === 0) return this.refuseNothing();
    const space = this.space;
    const slot = request.previous;
    const start = space.start(slot);
    const own = space.length(slot);
    // Behind an aligned payload's gap there is less room.
    const length = this.need(bytes + address - start - HEADER);
    if (own >= length) return this.stay("kept", slot, address, length);
    const previous = space.previous(slot);
    const next = space.next(slot);
    const below = previous < 0 ? space.length(previous) : 0;
    const above = next < 0 ? space.length(next) : 0;
    space.count(Cost.searchSteps, 2);
    if (own + above === length || (below === 0 && own + above >= length))
      return this.stay("next", slot, address, length);
    if (below + own >= length) return this.moveDown("previous", previous, length, request);
    if (below + own + above >= length) return this.moveDown("both", previous, length, request);
    return reallocateByCopy(this, address, bytes, request);
  }

  need(bytes: number): number {
    return (bytes <= HEADER ? 1 : 2 + Math.floor((bytes - HEADER - 1) / UNIT)) * UNIT;
  }

  blockStart(address: Address): Address {
    return address % UNIT === HEADER ? address - HEADER : this.space.start(this.recent.at(address));
  }

  blockLength(address: Address): number {
    return this.space.length(this.recent.at(address));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    show.list("free list");
    for (let hole = this.list.first; hole !== 0; hole = this.list.next(hole))
      show.entry(this.space.start(hole), this.space.length(hole));
  }

  validate(): void {
    this.list.validate();
    const { holes } = this.space;
    if (this.list.size !== holes)
      throw new SpaceError(`${this.list.size} blocks are in the free list, ${holes} holes in the space`);
    for (let hole = this.list.first; hole !== 0; hole = this.list.next(hole))
      if (this.space.at(this.space.start(hole)) !== hole)
        throw new SpaceError(`the free list holds ${this.space.start(hole)}, where no hole starts`);
  }

  // The space tells of its holes.

  appear(hole: Node): void {
    this.list.insert(hole);
  }

  vanish(hole: Node): void {
    this.list.remove(hole);
  }

  /** Stays where it is in the list: the rest of a split, or the lower of two that merge. */
  change(): void {}

  private find(length: number): Node {
    const space = this.space;
    const list = this.list;
    let found: Node = 0;
    let shortest = Number.POSITIVE_INFINITY;
    let looked = 0;
    for (let hole = list.first; hole !== 0; hole = list.next(hole)) {
      const room = space.length(hole);
      looked++;
      if (room < length || room >= shortest) continue;
      found = hole;
      shortest = room;
      if (!this.best) break;
    }
    space.count(Cost.searchSteps, looked);
    if (found === 0) this.why.set("none", looked, length, space.largestHole);
    else this.why.set("placed", looked, space.start(found), space.end(found), length);
    return found;
  }

  /** The block stays where it is and becomes `length` long; what is left behind it is freed. */
  private stay(why: "kept" | "next", slot: Slot, address: Address, length: number): Address {
    const space = this.space;
    const start = space.start(slot);
    const before = space.length(slot);
    if (length !== before) {
      space.resize(slot, start, length);
      this.freed(space.next(slot));
    }
    this.recent.note(slot);
    this.why.set(why, start, before, length);
    return address;
  }

  /** The block becomes the low end of the hole before it, of itself and, if need be, of the hole behind it. */
  private moveDown(why: "previous" | "both", hole: Node, length: number, request: Request): Address {
    const space = this.space;
    const slot = request.previous;
    const start = space.start(hole);
    this.why.set(why, space.start(slot), space.length(slot), length, start);
    const end = space.end(slot);
    if (start + length <= space.start(slot)) {
      space.take(hole, 0, length, request.slot);
      this.freed(space.give(slot));
      this.recent.note(request.slot);
    } else {
      space.resize(slot, start, length);
      if (space.end(slot) !== end) this.freed(space.next(slot));
      this.recent.note(slot);
    }
    return start + HEADER;
  }

  /** Frees a block. Returns the hole that it is in. */
  private give(slot: Slot): Node {
    const space = this.space;
    const merges = space.previous(slot) < 0;
    const hole = space.give(slot);
    if (!merges) this.freed(hole);
    return hole;
  }

  /** `node`, if it is a hole, came free: it goes to the list's head, wherever in it a part of it has been. */
  private freed(node: Node): void {
    if (node >= 0 || this.list.first === node) return;
    this.list.remove(node);
    this.list.insert(node);
  }

  private refuseNothing(): Address {
    this.why.set("zero");
    return REFUSED;
  }
}

export const umm = definePolicy<typeof OPTIONS>({
  name: "umm",
  family: "sequential fits",
  summary: "Takes the shortest of all free blocks on one unordered list, or the first of them that will do.",
  source:
    "Ralph Hempel's umm_malloc (github.com/rhempel/umm_malloc), built for best fit or first fit; " +
    "the ESP8266's Arduino core ships it (cores/esp8266/umm_malloc)",
  departs:
    "The free list is kept beside the heap. There is no memalign: a block long enough for an aligned payload in it is taken, " +
    "and known by its slot. realloc to 0 bytes, which frees, is refused and changes nothing. What lies behind 32767 units " +
    "is set aside.",
  facts: {
    author: "Ralph Hempel, 2007",
    ships: "the Arduino core of the ESP8266",
    header: "4 bytes: two block numbers of 15 bits each and a flag",
    alignment: "4 mod 8",
    order:
      "one list of all free blocks, last freed first; takes the shortest that will do, or the first " +
      "(fit=first)",
    coalescing: "at once, with the block behind and the block before, whose place in the list stays",
    bound:
      "best fit: about M(n - 2) (Robson 1977); first fit along a list that is not by address: none known",
    steps: "free blocks looked at by searches, and both neighbours that a growing realloc looks at",
  },
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => UNIT,
  reasons: REASONS,
  create: (space, options) => new UmmMalloc(space, options),
});
