/**
 * The Serial collector of HotSpot, OpenJDK 17, address for address: objects begin in eden; young collections copy them
 * between two survivor spaces, and promote to the old generation what is old enough; full ones slide all into it.
 *
 *   generations/young-spaces eden, s0, s1 and their tops
 *   generations/evacuation   the copying of what is young
 *   hotspot/generations      where they and old lie
 *   hotspot/card-table       which parts of old to look at for references to what is young
 *   hotspot/tenuring         ages and the threshold of promotion
 *   hotspot/scavenge         young collections: what is held on to, with their costs
 *   hotspot/full-collection  full ones: dead wood, the slide, and what no longer fits; with their costs
 *   hotspot/collections      which of them runs when
 *   hotspot/survivor-at-start which survivor space the recorded traces begin with
 *
 * An object is an array: mark word, class pointer, length (16 bytes), then its fields, 8 bytes each; lengths are
 * multiples of 8. A request goes to
 *
 *   eden     and, where that is full and young collections are not safe, to from
 *   old      if it is larger than eden, or young collections are not safe
 *   eden     after a collection; then from and old, as above; then all of it once more, after a full one without dead wood
 *
 * and is refused if that was in vain.
 */
import {
  type Cause,
  type Collector,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
} from "../allocators/contract.ts";
import { BlockShape } from "../allocators/parts/block-shape.ts";
import { LastReason } from "../allocators/parts/last-reason.ts";
import { RecentBlock } from "../allocators/parts/recent-block.ts";
import type { Options } from "../options/options.ts";
import type { Address, Slot, Space } from "../space/space.ts";
import type { Trace } from "../traces/trace.ts";
import { Alignments } from "./alignments.ts";
import { CardTable } from "./hotspot/card-table.ts";
import { checkCards } from "./hotspot/check-cards.ts";
import { Collections } from "./hotspot/collections.ts";
import { FullCollection } from "./hotspot/full-collection.ts";
import { Generations } from "./hotspot/generations.ts";
import { ARRAY_HEADER, REFERENCE, RootTable } from "./hotspot/root-table.ts";
import { Scavenge } from "./hotspot/scavenge.ts";
import { survivorAtStart } from "./hotspot/survivor-at-start.ts";
import { Tenuring } from "./hotspot/tenuring.ts";
import { reallocate } from "./reallocate.ts";

const BYTES = { type: "integer", default: 0, min: 0, max: 2 ** 34, unit: "bytes" } as const;

const OPTIONS = {
  young: {
    ...BYTES,
    about: "the young generation (-Xmn); 0: a third of the heap. At most three quarters of it",
  },
  settled: { ...BYTES, about: "bytes at old's low end that are taken and never move. At most half of old" },
  roots: {
    ...BYTES,
    about: "where in these the array of the program's roots begins; what does not fit is on the stack",
  },
  from: {
    type: "choice",
    choices: ["inferred", "s0", "s1"],
    default: "inferred",
    about:
      "the survivor space in use at first. inferred: by a model of the program that made the recordings, which reads its " +
      "trace first, from nine runs of it; no rule of the JVM",
  },
  fulls: { type: "integer", default: 0, min: 0, max: 1000, about: "full collections there have been before" },
  always: { type: "flag", default: false, about: "no dead wood, ever (MarkSweepAlwaysCompactCount=1)" },
  header: {
    type: "integer",
    default: 0,
    min: 0,
    max: 16,
    unit: "bytes",
    about: "added to each size, rounded up to 8; sizes in traces of Java objects have their header in them",
  },
} as const;

const REASONS = {
  eden: "in eden: [{0}, {1})",
  collected: "eden was full; after a collection the block is [{0}, {1})",
  from: "eden is full, and a young collection not safe: in the survivor space, [{0}, {1})",
  old: "eden has no room for it: at old's end, [{0}, {1})",
  refused: "{0} bytes do not fit in eden, or in the {1} bytes left of old, even after a collection",
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until a collection of its generation",
};

class HotspotSerial implements Collector {
  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly generations: Generations;
  private readonly cards: CardTable;
  private readonly table: RootTable;
  private readonly tenuring: Tenuring;
  private readonly alignments: Alignments;
  private readonly collections: Collections;
  private readonly recent: RecentBlock;
  /** The survivor space in use at first is to be inferred. */
  private readonly infers: boolean;
  private readonly last: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.shape = new BlockShape(Math.ceil(options.header / 8) * 8, 8);
    const { header } = this.shape;
    const { young, settled, from, fulls, always } = options;
    const generations = new Generations(space, young, settled, from === "s0" ? 0 : 1);
    this.infers = from === "inferred";
    const cards = new CardTable(space.columns, generations.old, generations.end);
    const tableAt = generations.old + Math.floor(options.roots / 8) * 8;
    const table = new RootTable(space.graph, tableAt, generations.settled);
    const tenuring = new Tenuring(space.columns);
    const alignments = new Alignments(space.columns);
    const scavenge = new Scavenge(space, generations, cards, table, tenuring, header);
    const full = new FullCollection(space, generations, cards, tenuring, alignments, header);
    this.collections = new Collections(space, generations, scavenge, full, fulls, always);
    this.generations = generations;
    this.cards = cards;
    this.table = table;
    this.tenuring = tenuring;
    this.alignments = alignments;
    this.recent = new RecentBlock(space);
    this.last = new LastReason(REASONS);
  }

  prepare({ events }: Trace): void {
    const { young } = this.generations;
    if (this.infers) young.begin(survivorAtStart(events, young.eden));
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const { slot } = request;
    const length = this.length(bytes, this.space.graph.fields(slot) | 0);
    const start = align > 8 ? this.placeAligned(length, align, slot) : this.placed(length, slot);
    if (start < 0) {
      this.last.set("refused", length, this.generations.oldFree);
      return REFUSED;
    }
    this.tenuring.born(slot);
    this.alignments.set(slot, align);
    this.collections.allocated(length);
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
    this.collections.collect(cause);
  }

  stored(source: Slot, field: number, target: Slot): void {
    const start = this.space.start(source);
    if (target !== 0 && start >= this.generations.settled)
      this.cards.dirty(start + this.shape.header + ARRAY_HEADER + field * REFERENCE);
  }

  rooted(slot: Slot): void {
    const address = this.table.address(slot);
    if (address >= 0) this.cards.dirty(address);
  }

  need(bytes: number): number {
    return this.length(bytes, 0);
  }

  blockStart(address: Address): Address {
    return address - this.shape.header;
  }

  blockLength(address: Address): number {
    return this.space.length(this.recent.at(this.blockStart(address)));
  }

  place(address: Address): string {
    return this.generations.place(this.blockStart(address));
  }

  reason(): Reason {
    return this.last.get();
  }

  internals(show: InternalsSink): void {
    const { young, oldTop, end } = this.generations;
    const { edenTop, edenEnd, from, fromTop, survivor } = young;
    const rest = (name: string, top: Address, limit: Address) => {
      show.list(name);
      if (limit > top) show.entry(top, limit - top);
    };
    rest("eden", edenTop, edenEnd);
    rest("from", fromTop, from + survivor);
    rest("old", oldTop, end);
  }

  validate(): void {
    this.generations.validate();
    const fieldsAt = this.shape.header + ARRAY_HEADER;
    checkCards(this.space, this.generations, this.cards, this.table, fieldsAt);
  }

  private length(bytes: number, fields: number): number {
    return this.shape.header + Math.ceil(Math.max(bytes, ARRAY_HEADER + fields * REFERENCE) / 8) * 8;
  }

  /** Where the block of `slot` is now, or -1. */
  private placed(length: number, slot: Slot): Address {
    let start = this.placeYoung(length, slot, "eden");
    if (start < 0 && (length > this.generations.young.eden || this.collections.isUnsafe))
      start = this.placeOld(length, slot);
    if (start >= 0) return start;
    this.collections.makeRoom(length);
    start = this.placeAnywhere(length, slot);
    if (start >= 0 || !this.collections.makeMostRoom(length)) return start;
    return this.placeAnywhere(length, slot);
  }

  private placeAnywhere(length: number, slot: Slot): Address {
    const start = this.placeYoung(length, slot, "collected");
    return start < 0 ? this.placeOld(length, slot) : start;
  }

  private placeYoung(length: number, slot: Slot, why: keyof typeof REASONS): Address {
    let start = this.generations.young.takeEden(length, slot);
    if (start >= 0) this.last.set(why, start, start + length);
    else if (this.collections.usesFrom) {
      start = this.generations.young.takeFrom(length, slot);
      if (start >= 0) this.last.set("from", start, start + length);
    }
    return start;
  }

  private placeOld(length: number, slot: Slot, align = 0): Address {
    const start = this.generations.takeOld(this.shape.start(this.generations.oldTop, align), length, slot);
    if (start >= 0) this.last.set("old", start, start + length);
    return start;
  }

  /** An object aligned beyond 8, which Java has not: it begins in old. */
  private placeAligned(length: number, align: number, slot: Slot): Address {
    const start = this.placeOld(length, slot, align);
    if (start >= 0 || !this.collections.makeMostRoom(length)) return start;
    return this.placeOld(length, slot, align);
  }
}

export const hotspotSerial = definePolicy<typeof OPTIONS>({
  name: "hotspot-serial",
  family: "collectors",
  summary:
    "Copies young objects between survivor spaces until they are old, and slides the old ones, as a Java VM does.",
  source:
    "OpenJDK 17.0.15, gc/serial and gc/shared (DefNewGeneration, TenuredGeneration, GenMarkSweep, CardTableRS), held to " +
    "addresses recorded from it; Ungar, Generation Scavenging, 1984; Jones, Hosking and Moss, The Garbage Collection " +
    "Handbook, 2012, chapter 9 and section 11.8",
  departs:
    "The heap is of its full size from the start (-Xms = -Xmx), and threads have no allocation buffers of their own (-UseTLAB). A young " +
    "collection is begun only if old has room for all that is young; HotSpot also begins one if it has room for what is promoted on average, " +
    "and leaves in place what then cannot be. No weak references, no code, no classes. Every object is an array. Pinned objects are kept, " +
    "found last, and move all the same. Objects aligned beyond 8 bytes begin in old. Without references objects are copied in the order of " +
    "their addresses. Where next to nothing has died or been allocated, a full collection for want of room is not begun. Which survivor space is in " +
    "use when a trace begins depends on what the program did before: by default it is inferred by a model of the program that " +
    "made the recordings, from nine runs of it, and no rule of the JVM.",
  facts: {
    author: "Sun Microsystems, after David Ungar's generation scavenging (1984); HotSpot, 1999",
    ships: "OpenJDK and its kin: -XX:+UseSerialGC, the default on one processor or little memory",
    header: "16 bytes, part of an object's size in traces of Java; an option adds them to others",
    alignment: "8 bytes",
    order: "at the top of eden; larger objects at the top of old",
    coalescing: "by copying and sliding; dead wood in old may stay for up to three full collections",
    bound:
      "none is known: eden, one survivor space and old hold objects, and up to 5% of old stays dead until a full " +
      "collection without dead wood",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "young: none, copies what it reaches; full, 3: forwarding addresses, references, moves",
    extra: "the card table; young: and a survivor space",
    order: "young: breadth-first, by turns in survivor space and old; full: sliding, young behind old",
  },
  kind: "collector",
  guarantees: () => ({ finds: "when asked", keepsPins: false, keepsOrder: false, compacts: false }),
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => 8,
  reasons: REASONS,
  create: (space, options) => new HotspotSerial(space, options),
});
