/**
 * Generational copying: objects begin in a nursery; a minor collection copies what lives there between two survivor
 * spaces until it has survived often enough, and then to the mature space, which is copied whole, between two halves,
 * by major collections.
 *
 *   heap   = origin | nursery | s0 | s1 | half | half; a survivor space is a quarter of the nursery
 *   room   = bytes of a half - mature - young, never negative: all that is young can be promoted, and all copied
 *
 * A request finds no room if the nursery is full: a minor collection; or if it is beyond `room`: a major one. Longer
 * than the nursery, or aligned beyond the rest, it goes to the mature space at once.
 *
 * Minor: held on to are the roots, oldest first, and the fields of mature objects that are remembered, in the order of
 * the stores; whether these objects live is not asked. Words counted are those of an evacuation, and
 *
 *   scanned   1 a root, 2 a remembered field: its address and itself
 *   extra     the survivor space, and a word a remembered field
 *
 * Major: all that roots reach is copied breadth-first to the other half, and nothing is young or remembered then.
 * Words counted (The Garbage Collection Handbook, section 4.1, Algorithms 4.1 and 4.2):
 *
 *   marked    the words of live blocks, where to-space is read for references
 *   touched   these; 2 a word copied, and 1 an object for the forwarding address left behind
 *   extra     the half that is copied into
 */
import {
  Cause,
  type Collector,
  definePolicy,
  REFUSED,
  type Reason,
  type Request,
} from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import { LastReason } from "../allocators/parts/last-reason.ts";
import { RecentBlock } from "../allocators/parts/recent-block.ts";
import type { Options } from "../options/options.ts";
import { type Address, type Slot, type Space, SpaceError, State } from "../space/space.ts";
import { Alignments } from "./alignments.ts";
import { eachBlock } from "./each-block.ts";
import { Ages } from "./generations/ages.ts";
import { GenerationalCopy } from "./generations/generational-copy.ts";
import { MatureHalves } from "./generations/mature-halves.ts";
import { RememberedSet } from "./generations/remembered-set.ts";
import { YoungSpaces } from "./generations/young-spaces.ts";
import { reallocate } from "./reallocate.ts";
import { Trigger } from "./trigger.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  nursery: {
    type: "integer",
    default: 0,
    min: 0,
    max: 2 ** 34,
    unit: "bytes",
    about: "bytes of the nursery; 0: an eighth of the heap. At most a third of it",
  },
  age: {
    type: "integer",
    default: 1,
    min: 0,
    max: 15,
    about: "minor collections that an object survives before the next one promotes it; 0: no survivor spaces",
  },
} as const;

const REASONS = {
  nursery: "in the nursery: [{0}, {1})",
  minor: "the nursery was full; a minor collection emptied it, and the block is [{0}, {1})",
  major: "no room for all to be copied; after a major collection the block is [{0}, {1})",
  mature: "too long for the nursery, or aligned beyond the rest: in the mature space, [{0}, {1})",
  refused: "{0} bytes are more than the {1} of a half for which room is left, even after a collection",
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until a collection of its generation",
};

class Generational implements Collector {
  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly alignments: Alignments;
  private readonly young: YoungSpaces;
  private readonly mature: MatureHalves;
  private readonly remembered: RememberedSet;
  private readonly ages: Ages;
  private readonly copy: GenerationalCopy;
  private readonly trigger: Trigger;
  private readonly recent: RecentBlock;
  private readonly last: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    const shape = new BlockShape(options.header, options.alignment);
    const { origin, alignment } = shape;
    shape.begin(space);
    const room = Math.max(0, space.limit - origin);
    const down = (bytes: number) => Math.floor(bytes / alignment) * alignment;
    const nursery = down(options.nursery > 0 ? Math.min(options.nursery, room / 3) : room / 8);
    const survivor = options.age > 0 ? down(nursery / 4) : 0;
    const end = Math.max(origin, Math.floor(space.limit / shape.granule) * shape.granule);
    this.space = space;
    this.shape = shape;
    this.alignments = new Alignments(space.columns);
    this.young = new YoungSpaces(space, origin, nursery, survivor, 0);
    this.mature = new MatureHalves(space, shape, this.alignments, this.young.end, end);
    this.remembered = new RememberedSet(space, this.young);
    this.ages = new Ages(space.columns);
    this.copy = new GenerationalCopy(space, this.young, this.mature, this.remembered, this.ages, options.age);
    this.trigger = new Trigger(space);
    this.recent = new RecentBlock(space);
    this.last = new LastReason(REASONS);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const length = this.shape.length(bytes);
    const { slot } = request;
    const direct = align > this.shape.alignment || length > this.young.eden;
    const start = direct ? this.placeMature(length, align, slot) : this.placeYoung(length, slot);
    if (start < 0) {
      this.last.set("refused", length, this.room);
      return REFUSED;
    }
    this.alignments.set(slot, align);
    this.ages.born(slot);
    this.trigger.allocated(length);
    this.recent.note(slot);
    return start + this.shape.header;
  }

  free(_address: Address, request: Request): void {
    this.space.die(request.previous);
    this.last.set("died", this.space.start(request.previous), this.space.end(request.previous));
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    this.recent.note(request.previous);
    this.last.set("stays", this.space.length(request.previous));
    return reallocate(this, this.space, address, bytes, request, () => false);
  }

  collect(cause: Cause): void {
    const { space } = this;
    space.beginCollection(cause);
    if (cause === Cause.young) this.copy.minor();
    else this.major();
    space.endCollection();
  }

  stored(source: Slot, field: number, target: Slot): void {
    const { space, young } = this;
    if (target === 0 || space.start(source) < young.end || space.start(target) >= young.end) return;
    this.remembered.keep(source, field);
  }

  need(bytes: number): number {
    return this.shape.length(bytes);
  }

  blockStart(address: Address): Address {
    return address - this.shape.header;
  }

  blockLength(address: Address): number {
    return this.space.length(this.recent.at(this.blockStart(address)));
  }

  reason(): Reason {
    return this.last.get();
  }

  /** Every field of a mature object that refers to a young one is remembered. */
  validate(): void {
    const { space, young } = this;
    const { graph } = space;
    this.mature.validate();
    this.alignments.validate(space, this.shape);
    if (this.room < 0) throw new SpaceError(`there are ${-this.room} bytes more than a half has room for`);
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      const isYoung = space.start(slot) < young.end;
      if (isYoung && !young.holds(space.start(slot), space.end(slot)))
        throw new SpaceError(`the block at ${space.start(slot)} is above the top of its space`);
      if (isYoung || !graph.on) return;
      for (let field = 0; field < graph.fields(slot); field++) {
        const target = graph.target(slot, field);
        if (target === 0 || space.state(target) !== State.live || space.start(target) >= young.end) continue;
        if (!this.remembered.has(slot, field))
          throw new SpaceError(`field ${field} of ${space.nameOf(slot)} refers to a young object, unknown`);
      }
    });
  }

  /** Bytes that may be allocated, so that a half still has room for all there is. */
  private get room(): number {
    return this.mature.free - this.young.used;
  }

  private placeYoung(length: number, slot: Slot): Address {
    if (this.tryYoung(length, slot, "nursery")) return this.space.start(slot);
    const beyond = length > this.room;
    if (!beyond || !this.trigger.due(length)) {
      this.exhausted(false);
      if (this.tryYoung(length, slot, "minor")) return this.space.start(slot);
    }
    if (!this.trigger.due(length)) return -1;
    this.exhausted(true);
    return this.tryYoung(length, slot, "major") ? this.space.start(slot) : -1;
  }

  private tryYoung(length: number, slot: Slot, why: keyof typeof REASONS): boolean {
    if (length > this.room) return false;
    const start = this.young.takeEden(length, slot);
    if (start >= 0) this.last.set(why, start, start + length);
    return start >= 0;
  }

  private placeMature(length: number, align: number, slot: Slot): Address {
    const toll = this.mature.toll(length, align);
    if (toll > this.room && this.trigger.due(length)) this.exhausted(true);
    if (toll > this.room) return -1;
    const start = this.mature.place(length, align, slot);
    this.last.set("mature", start, start + length);
    return start;
  }

  /** A collection for want of room: a major one, or a minor one if there is anything young. */
  private exhausted(major: boolean): void {
    const { space } = this;
    if (!major && this.young.used === 0) return;
    space.beginCollection(Cause.exhausted);
    if (major) this.major();
    else this.copy.minor();
    space.endCollection();
  }

  private major(): void {
    this.copy.major();
    this.trigger.collected();
  }
}

export const generational = definePolicy<typeof OPTIONS>({
  name: "generational",
  family: "collectors",
  summary:
    "Copies what survives of a nursery until it is old; the old generation is copied between two halves.",
  source:
    "Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, chapter 9 and section 11.8; Lieberman and Hewitt, A " +
    "Real-Time Garbage Collector Based on the Lifetimes of Objects, Communications of the ACM 26(6), 1983; Ungar, Generation " +
    "Scavenging, 1984; MMTk's GenCopy",
  departs:
    "Nursery and halves are of fixed sizes, where MMTk lets them share what is free; there is no space of its own for large objects, " +
    "which begin in the mature one, as do those aligned beyond the rest. A trace without references has no breadth-first order: objects are " +
    "copied in the order of their addresses. Pinned objects are kept, found last in minor collections, and copied all the same. Where next to " +
    "nothing has died or been allocated, a major collection for want of room is not begun.",
  facts: {
    author: "Henry Lieberman and Carl Hewitt, 1983; David Ungar, 1984",
    ships: "MMTk's GenCopy in Jikes RVM; with other old generations HotSpot, V8, OCaml and GHC",
    header: "8 bytes, an option; 0 where lengths are kept elsewhere",
    alignment: "8 bytes, an option",
    order: "at the top of the nursery; what is longer, at the top of the mature half",
    coalescing: "by copying: what is free in a space is one hole",
    bound:
      "2M and the young spaces, with header and rounding: each half holds all that lives (by its algorithm)",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "none: copies what it reaches, and scans the copies",
    extra:
      "minor: a survivor space, and a word a remembered field; major: the other half of the mature space",
    order: "breadth-first; minor: by turns in survivor and mature space",
  },
  kind: "collector",
  guarantees: () => ({ finds: "when asked", keepsPins: false, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new Generational(space, options),
});
