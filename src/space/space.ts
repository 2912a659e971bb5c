/**
 * The simulated address space: the only way to change the block map, and every change is checked.
 *
 * Addresses and lengths are bytes, counted from the heap's start, and multiples of the granule that the policy
 * declares. Columns hold granules in 32 bits, so a space reaches 2^31 granules: 8, 16 or 32 GiB. The first
 * segment, at 0, is the brk heap or the fixed arena; mapped segments follow behind its limit, packed.
 *
 *   heapBytes = blockBytes + garbageBytes + controlBytes + holeBytes
 *
 * Two ways in. A policy that coalesces at once works on the holes: `take`, `give`, and a `HoleIndex` of its own.
 * A model with its own headers and lists never calls these; replay claims each block for it by address, or it does so
 * itself, near a node that it knows.
 */
import type { Kernel, Registers } from "../kernel/kernel.ts";
import { COSTS as COSTS_AT, HASHED, LIVE_BYTES, SLID, SLID_WORDS } from "../kernel/registers.ts";
import type { HoleIndex, Node } from "./block-map.ts";
import { type Address, ByteMap, type Hole, type Segment, type Slot } from "./byte-map.ts";
import type { Column, Snapshot } from "./columns.ts";
import { COSTS, Cost } from "./cost.ts";
import { Graph } from "./graph.ts";
import { PAGE, Pages } from "./pages.ts";
import type { Probe } from "./probe.ts";
import { Control, Counter, Row, State, Tally } from "./rows.ts";
import { type Destination, Slide } from "./slide.ts";
import { SpaceError } from "./space-error.ts";

export type { HoleIndex, Node } from "./block-map.ts";
export type { Address, Hole, Segment, Slot } from "./byte-map.ts";
export { CONTROL_NAMES, Control, Counter, State } from "./rows.ts";
export { SpaceError } from "./space-error.ts";

/** Granules that any space reaches. */
const REACH = 0x7fffffff;

export { PAGE };

/** Numbers that `Space.tally` writes for a moment. */
export const TALLIES = 4;

const { LOG2, LENGTH, PAYLOAD, STATE, OFFSET, ID } = Row;
const { COLLECTING, VACANT, HOLE_GRANULES, USED } = Tally;
/** Behind the costs: words touched when the collection began, and the extra bytes that it needed so far. */
const TOUCHED = COSTS;
const EXTRA = COSTS + 1;

export interface SpaceOptions {
  /** 4, 8 or 16. */
  readonly granule: number;
  /** Bytes of the fixed arena, or "grow": a heap that begins empty and is extended by the policy. */
  readonly heap: number | "grow";
  /** Does some of the work; all columns lie in its arena. */
  readonly kernel?: Kernel | undefined;
}

export class Space extends ByteMap {
  /** Bytes that the first segment may reach. */
  readonly limit: number;
  readonly grows: boolean;
  /** References between objects, roots and pins, where the trace has them. */
  readonly graph: Graph;
  probe: Probe | undefined;

  private readonly kernel: Kernel | undefined;
  /** What the kernel says of a slide. */
  private readonly slid: Float64Array;
  private readonly pages: Pages;
  private readonly sliding: Slide;
  /** Changes of garbage, control and heap bytes. */
  private changes: number;
  /** [live bytes]: the one counter that 32 bits would not hold and `tallies` lacks. */
  private readonly payloads: Float64Array;
  private readonly costs: Float64Array;
  /** Edges of all segments by address; entry 0 is how many there are. */
  private readonly edgeList: Column<Int32Array>;

  constructor({ granule, heap, kernel }: SpaceOptions) {
    super(granule, kernel);
    this.grows = heap === "grow";
    // A growing heap leaves the upper half of the reach to mapped segments.
    const half = Math.floor((REACH * granule) / 2 / PAGE) * PAGE;
    this.limit = heap === "grow" ? half : Math.floor(heap / granule) * granule;
    if (this.limit > REACH * granule || this.limit < 0)
      throw new SpaceError(`a heap of ${heap} bytes is beyond what granules of ${granule} bytes reach`);
    this.probe = undefined;
    this.changes = 0;
    this.pages = new Pages(this.columns);
    this.payloads = this.columns.float64(1).data;
    this.costs = this.columns.float64(COSTS + 2).data;
    this.edgeList = this.columns.int32(4);
    this.kernel = kernel;
    kernel?.add(this);
    this.graph = new Graph(this.columns, (slot) => this.state(slot) === State.live, kernel);
    this.slid = this.columns.array(Float64Array, SLID_WORDS);
    const { slotRows, holeRows, tallies, longest, pages, graph } = this;
    const nameOf = (slot: Slot) => this.nameOf(slot);
    this.sliding = new Slide({ granule, slotRows, holeRows, tallies, longest, pages, graph, nameOf });
    this.addSegment(0, 0);
    if (!this.grows) this.extend(this.limit);
  }

  override bind(registers: Registers): void {
    super.bind(registers);
    registers.point(LIVE_BYTES, this.payloads);
    registers.point(COSTS_AT, this.costs);
    registers.point(SLID, this.slid);
    const edges = this.edgeList.data;
    this.pages.bind(registers, this.segmentEnd(edges[edges[0]]));
  }

  /** The kernel has changed it. */
  unbind(registers: Registers): void {
    this.pages.unbind(registers);
    this.forgetIndex();
  }

  // Reading

  counter(index: number): number {
    if (index === Counter.liveBytes) return this.payloads[0];
    const value = this.tallies[index];
    return index < Counter.blockBytes ? value : value * this.granule;
  }
  /**
   * What changes at most events, of this moment, as number `i`: live bytes; and granules of live blocks, live blocks,
   * holes, granules of the largest hole.
   */
  tally(lives: Float64Array, rows: Int32Array, i: number): void {
    const { tallies } = this;
    const at = i * TALLIES;
    lives[i] = this.payloads[0];
    rows[at] = tallies[Counter.blockBytes];
    rows[at + 1] = tallies[Counter.liveBlocks];
    rows[at + 2] = this.holes;
    rows[at + 3] = this.longest.length;
  }
  /** Another number whenever garbage, control, heap or resident bytes have changed. */
  get seldomChanged(): number {
    return this.changes + this.pages.changes;
  }
  /** Whether heapBytes is the sum of all that lies in it, each counted on its own: anything else is a fault. */
  get adds(): boolean {
    const c = this.tallies;
    return (
      c[Counter.heapBytes] ===
      c[Counter.blockBytes] + c[Counter.garbageBytes] + c[Counter.controlBytes] + this.holeGranules
    );
  }
  /** Pages of 4 KiB touched and not given back, those that share memory once. */
  get residentBytes(): number {
    return this.pages.residentBytes;
  }
  isResident(address: Address): boolean {
    return this.pages.isResident(address);
  }
  /** Whether a collection has begun and not ended. */
  get collecting(): boolean {
    return this.tallies[COLLECTING] !== 0;
  }
  cost(cost: Cost): number {
    return this.costs[cost];
  }
  /** Segments by address. */
  *segments(): IterableIterator<Segment> {
    for (let i = 1; i <= this.edgeList.data[0]; i++) yield this.edgeList.data[i];
  }
  segmentLength(segment: Segment): number {
    return this.payload(segment) * this.granule;
  }
  segmentEnd(segment: Segment): Address {
    return this.start(segment) + this.segmentLength(segment);
  }
  /** The segment at 0: the brk heap or the fixed arena. */
  get heap(): Segment {
    return this.edgeList.data[1];
  }

  // Slots

  /** A slot for object `id` of `bytes` that is to be placed; `discard` it if it is not. Last vacated first. */
  ask(bytes: number, id = -1): Slot {
    const state = this.tallies;
    let slot = state[VACANT];
    if (slot === 0) {
      slot = ++state[USED];
      this.slotRows.grow((slot + 1) << LOG2);
    } else state[VACANT] = this.slotRows.data[slot << LOG2];
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    slots[row + PAYLOAD] = bytes;
    slots[row + STATE] = State.asked;
    slots[row + ID] = id;
    return slot;
  }

  discard(slot: Slot): void {
    if (this.state(slot) !== State.asked) this.fail(`${this.nameOf(slot)} is in use and cannot be discarded`);
    this.vacate(slot);
  }

  /** The object in `slot` is of `bytes` from now on: realloc in place. Its range stays; see `resize`. */
  setPayload(slot: Slot, bytes: number): void {
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    if (slots[row + STATE] === State.live) this.payloads[0] += bytes - slots[row + PAYLOAD];
    slots[row + PAYLOAD] = bytes;
  }

  /** The payload of `slot` begins `bytes` from its block's start. */
  setOffset(slot: Slot, bytes: number): void {
    this.slotRows.data[(slot << LOG2) + OFFSET] = bytes;
  }

  // Blocks

  /** Tells `index` of every hole there is, and of each change from now on. One to a space. */
  follow(index: HoleIndex): void {
    this.listen(index);
    for (const segment of this.segments())
      for (let node = this.next(segment); node !== segment; node = this.next(node))
        if (node < 0) index.appear(node);
  }

  /** Puts the asked slot's block into `hole`, `offset` bytes from its start. O(1). */
  take(hole: Hole, offset: number, length: number, slot: Slot): void {
    const at = this.granules(offset);
    const size = this.granules(length);
    this.checkFit(hole, at, size);
    this.place(hole, at, size, slot);
  }

  /**
   * For models with their own lists: the block of `slot` is [start, start + length). A policy that can name a node
   * `near` it, a slot or hole of the same segment, spares the space the address index: O(nodes between).
   */
  claim(slot: Slot, start: Address, length: number, near: Node = 0): void {
    const at = this.granules(start);
    const size = this.granules(length);
    const hole = this.holeFor(at, size, near);
    this.place(hole, at - this.startOf(hole), size, slot);
  }

  /** Frees the block of `slot`, live or garbage. Returns the hole, merged with its neighbours. O(1). */
  give(slot: Slot): Hole {
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    const length = slots[row + LENGTH];
    const counters = this.tallies;
    const state = slots[row + STATE];
    if (state === State.live) {
      this.payloads[0] -= slots[row + PAYLOAD];
      counters[Counter.liveBlocks]--;
      counters[Counter.blockBytes] -= length;
      if (this.graph.on) this.graph.died(slot, this.collecting);
    } else if (state === State.garbage) {
      counters[Counter.garbageBytes] -= length;
      this.changes++;
    } else this.fail(`${this.nameOf(slot)} holds no block to give back`);
    if (this.probe !== undefined) this.probe.released(slot);
    const hole = this.dissolve(slot);
    this.vacate(slot);
    return hole;
  }

  /** The object in `slot` is dead; its block stays as garbage until it is given back. */
  die(slot: Slot): void {
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    if (slots[row + STATE] !== State.live) this.fail(`${this.nameOf(slot)} is not live and cannot die`);
    const length = slots[row + LENGTH];
    const counters = this.tallies;
    this.payloads[0] -= slots[row + PAYLOAD];
    counters[Counter.liveBlocks]--;
    counters[Counter.blockBytes] -= length;
    counters[Counter.garbageBytes] += length;
    this.changes++;
    slots[row + STATE] = State.garbage;
    if (this.graph.on) this.graph.died(slot, this.collecting);
    this.probe?.died(slot);
  }

  /** The block of `slot` becomes [start, start + length), within itself and the holes beside it. O(1). */
  resize(slot: Slot, start: Address, length: number): void {
    const state = this.state(slot);
    if (state !== State.live && state !== State.garbage)
      this.fail(`${this.nameOf(slot)} holds no block to resize`);
    const at = this.granules(start);
    const size = this.granules(length);
    const previous = this.previous(slot);
    const next = this.next(slot);
    const low = previous < 0 ? this.startOf(previous) : this.startOf(slot);
    const end = this.startOf(slot) + this.lengthOf(slot);
    const high = next < 0 ? end + this.lengthOf(next) : end;
    if (at < low || at + size > high || size <= 0) {
      let hit = at + size > high ? next : previous;
      if (hit < 0) hit = at + size > high ? this.next(hit) : this.previous(hit);
      const what = this.state(hit) === State.edge ? "leaves the segment" : `overlaps ${this.describe(hit)}`;
      this.fail(`[${start}, ${start + length}) ${what}`);
    }
    const counter = state === State.live ? Counter.blockBytes : Counter.garbageBytes;
    this.tallies[counter] += size - this.lengthOf(slot);
    if (state !== State.live) this.changes++;
    const from = this.startOf(slot);
    this.refit(slot, at, size);
    this.probe?.resized(slot, at, size, from);
  }

  /** Moves the live block of `slot` to `to`; it may slide over part of itself. Counts the move. */
  move(slot: Slot, to: Address): void {
    if (this.state(slot) !== State.live) this.fail(`${this.nameOf(slot)} is not live and cannot move`);
    const at = this.granules(to);
    const from = this.startOf(slot);
    const size = this.lengthOf(slot);
    let hole = this.dissolve(slot);
    const start = this.startOf(hole);
    if (at < start || at + size > start + this.lengthOf(hole)) hole = this.holeFor(at, size);
    this.settle(slot, from, hole, at - this.startOf(hole), size);
  }

  /**
   * The same where the hole is known that `slot`'s block goes into, `offset` bytes from its start. The block itself is
   * part of that hole if it lies beside it.
   */
  moveInto(slot: Slot, hole: Hole, offset: number): void {
    if (this.state(slot) !== State.live) this.fail(`${this.nameOf(slot)} is not live and cannot move`);
    const at = this.granules(offset);
    const from = this.startOf(slot);
    const size = this.lengthOf(slot);
    this.dissolve(slot);
    this.checkFit(hole, at, size);
    this.settle(slot, from, hole, at, size);
  }

  /**
   * Compacts `segment` in one pass over its nodes. It comes to the same as if, block by block from its low end, what is
   * garbage or was not reached by the last `graph.mark` were given back, and what lives moved down to `to(slot, lowest)`,
   * where `lowest` is the lowest address that is free for it: the end of what lies below. Counts and tells of each move;
   * `moved[slot]` is made 1. Returns how many blocks it passed. While it runs, the probe may not look at the space.
   * Without `to`: every block goes to the lowest address.
   */
  slide(
    segment: Segment,
    to?: Destination,
    moved: Uint8Array = this.columns.array(Uint8Array, this.slotLimit),
  ): number {
    if (this.followed) this.fail("a policy that follows the holes must move its blocks one by one");
    const { sliding, tallies, costs } = this;
    if (to !== undefined || !this.slideCompiled(segment, moved)) sliding.run(segment, to, moved, this.probe);
    this.forgetIndex();
    this.payloads[0] -= sliding.diedBytes;
    tallies[Counter.liveBlocks] -= sliding.died;
    tallies[Counter.blockBytes] -= sliding.givenLive;
    tallies[Counter.garbageBytes] -= sliding.given - sliding.givenLive;
    tallies[HOLE_GRANULES] += sliding.given;
    this.changes++;
    costs[Cost.moves] += sliding.moves;
    costs[Cost.movedBytes] += sliding.movedGranules * this.granule;
    return sliding.passed;
  }

  /** Whether the kernel has done it. */
  private slideCompiled(segment: Segment, moved: Uint8Array): boolean {
    const { kernel, probe, slid, sliding } = this;
    if (kernel === undefined || !kernel.sees(moved) || (probe !== undefined && probe.slid === undefined))
      return false;
    this.holeRows.grow((this.holes + 3) << LOG2);
    if (!kernel.bind()) return false;
    kernel.registers.set(HASHED, probe === undefined ? 0 : 1);
    kernel.slide(segment, moved);
    const [passed, given, givenLive, died, diedBytes, moves, movedGranules, freed] = slid;
    this.unbind(kernel.registers);
    probe?.slid?.(moves, movedGranules, freed);
    Object.assign(sliding, { passed, given, givenLive, died, diedBytes, moves, movedGranules });
    return true;
  }

  // The allocator's own memory

  /** Sets [start, start + length), which must be free, aside. Returns the slot that stands for it. `near`: see `claim`. */
  reserve(start: Address, length: number, kind: Control, near: Node = 0): Slot {
    const at = this.granules(start);
    const size = this.granules(length);
    const hole = this.holeFor(at, size, near);
    return this.reserveIn(hole, start - this.start(hole), length, kind);
  }

  /** The same where the hole is known, `offset` bytes from its start. O(1). */
  reserveIn(hole: Hole, offset: number, length: number, kind: Control): Slot {
    const at = this.granules(offset);
    const size = this.granules(length);
    this.checkFit(hole, at, size);
    const slot = this.ask(kind);
    this.carve(hole, at, size, slot);
    this.set(slot, STATE, State.control);
    this.tallies[Counter.controlBytes] += size;
    this.changes++;
    const start = this.start(slot);
    if (kind === Control.header || kind === Control.table) this.pages.touch(start, start + length);
    this.probe?.reserved(slot, this.startOf(slot), size, kind, hole, at);
    return slot;
  }

  /** Gives the control range that starts at `start` back; `slot` is what `reserve` returned, if that is known. */
  unreserve(start: Address, slot: Slot = this.at(start)): Hole {
    if (slot <= 0 || this.state(slot) !== State.control || this.start(slot) !== start)
      this.fail(`no control range starts at ${start}`);
    return this.unreserveSlot(slot);
  }

  /** The same where its slot is known. O(1). */
  unreserveSlot(slot: Slot): Hole {
    if (this.state(slot) !== State.control) this.fail(`${this.nameOf(slot)} holds no control range`);
    this.tallies[Counter.controlBytes] -= this.lengthOf(slot);
    this.changes++;
    this.probe?.unreserved(slot, this.startOf(slot));
    const hole = this.dissolve(slot);
    this.vacate(slot);
    return hole;
  }

  // Segments

  /** Grows a segment at its end, by default the heap. Returns the hole there, or 0 at the limit: out of memory. */
  extend(bytes: number, segment: Segment = this.heap): Hole {
    const length = this.granules(bytes);
    const end = this.startOf(segment) + this.payload(segment);
    if (length <= 0) this.fail(`a segment cannot grow by ${bytes} bytes`);
    if ((end + length) * this.granule > this.ceiling(segment)) return 0;
    const hole = this.append(segment, end, length);
    this.setSegment(segment, this.payload(segment) + length);
    return hole;
  }

  /** Gives the last `bytes` of a segment back, which must be free. */
  trim(bytes: number, segment: Segment = this.heap): void {
    const length = this.granules(bytes);
    const last = this.previous(segment);
    if (length <= 0 || last >= 0 || this.lengthOf(last) < length)
      this.fail(`the last ${bytes} bytes of the segment at ${this.start(segment)} are not free`);
    this.cut(segment, length);
    this.setSegment(segment, this.payload(segment) - length);
  }

  /** A new segment: at `start` (inside the arena's limit), or in the lowest gap behind the heap. 0: no room. */
  map(bytes: number, start?: Address): Segment {
    const length = this.granules(bytes);
    const at = start ?? this.gapFor(bytes);
    if (at < 0) return 0;
    for (const segment of this.segments())
      if (at < this.segmentEnd(segment) && at + bytes > this.start(segment))
        this.fail(`[${at}, ${at + bytes}) overlaps the segment at ${this.start(segment)}`);
    if (
      start !== undefined &&
      (at % PAGE !== 0 || at + bytes > (this.grows ? REACH * this.granule : this.limit))
    )
      this.fail(`no segment of ${bytes} bytes can start at ${start}`);
    const segment = this.addSegment(this.granules(at), 0);
    this.append(segment, this.granules(at), length);
    this.setSegment(segment, length);
    return segment;
  }

  /** Takes a segment away, which must be one hole. */
  unmap(segment: Segment): void {
    if (this.state(segment) !== State.edge) this.fail(`${segment} is no segment`);
    const length = this.payload(segment);
    const first = this.next(segment);
    if (first >= 0 || this.lengthOf(first) !== length)
      this.fail(`the segment at ${this.start(segment)} is not free as a whole`);
    this.probe?.unmapped(segment);
    this.cut(segment, length);
    this.setLength(segment, 0);
    const list = this.edgeList.data;
    const index = list.indexOf(segment, 1);
    list.copyWithin(index, index + 1, list[0] + 1);
    list[0]--;
    this.vacate(segment);
  }

  // Pages

  /** The program or the allocator writes to [from, to): its pages are resident. Blocks are touched by replay. */
  touch(from: Address, to: Address): void {
    this.pages.touch(from, to);
  }

  /** Gives the pages that lie wholly in [start, start + length) back, and keeps the addresses: madvise. */
  purge(start: Address, length: number): void {
    this.pages.forget(start, start + length);
    this.probe?.purged(this.granules(start), this.granules(length));
  }

  /** The pages of [start, start + length) have the memory of those from `other` on, and give their own back: meshing. */
  share(start: Address, length: number, other: Address): void {
    const apart = start + length <= other || other + length <= start;
    if (!apart || length <= 0 || start % PAGE !== 0 || length % PAGE !== 0 || other % PAGE !== 0)
      this.fail(`[${start}, ${start + length}) cannot share the pages from ${other} on`);
    this.pages.share(start, start + length, other);
    this.probe?.shared(this.granules(start), this.granules(length), this.granules(other));
  }

  // Costs

  count(cost: Cost, n: number): void {
    this.costs[cost] += n;
  }

  /**
   * The collection at hand needs `bytes` at once beside the heap's objects: a forwarding word an object, a mark bitmap, an
   * offset table, the space that is copied into. The most that it ever says counts.
   */
  needExtra(bytes: number): void {
    const costs = this.costs;
    if (bytes > costs[EXTRA]) costs[EXTRA] = bytes;
  }
  /** What the collection at hand, or the last one, has said of that. */
  get extraBytes(): number {
    return this.costs[EXTRA];
  }

  /** All that happens until `endCollection` belongs to one collection, and is one pause. */
  beginCollection(cause: number): void {
    if (this.collecting) this.fail("a collection began within a collection");
    if (this.graph.on) this.graph.settle();
    this.tallies[COLLECTING] = 1;
    this.costs[TOUCHED] = this.costs[Cost.touchedWords];
    this.costs[EXTRA] = 0;
    this.probe?.collected(cause);
  }

  endCollection(): void {
    const costs = this.costs;
    this.tallies[COLLECTING] = 0;
    costs[Cost.collections]++;
    const pause = costs[Cost.touchedWords] - costs[TOUCHED];
    if (pause > costs[Cost.pauseMaxWords]) costs[Cost.pauseMaxWords] = pause;
    if (costs[EXTRA] > costs[Cost.extraMaxBytes]) costs[Cost.extraMaxBytes] = costs[EXTRA];
    this.probe?.collected(-1);
  }

  // Any moment

  save(): Snapshot {
    return this.columns.save();
  }

  restore(snapshot: Snapshot): void {
    this.columns.restore(snapshot);
    this.forgetIndex();
  }

  // Inside

  protected override edges(): Iterable<Segment> {
    return this.segments();
  }

  private place(hole: Hole, offset: number, size: number, slot: Slot): void {
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    if (slots[row + STATE] !== State.asked) this.fail(`${this.nameOf(slot)} already has its block`);
    this.carve(hole, offset, size, slot);
    slots[row + STATE] = State.live;
    const counters = this.tallies;
    this.payloads[0] += slots[row + PAYLOAD];
    counters[Counter.liveBlocks]++;
    counters[Counter.blockBytes] += size;
    if (this.probe !== undefined) this.probe.claimed(slot, slots[row], size, hole, offset);
  }

  /** Ends a move of `slot`, which has no range any more, and counts it. */
  private settle(slot: Slot, from: number, hole: Hole, offset: number, size: number): void {
    this.carve(hole, offset, size, slot);
    const to = this.start(slot);
    this.pages.touch(to, to + size * this.granule);
    this.costs[Cost.moves]++;
    this.costs[Cost.movedBytes] += size * this.granule;
    this.probe?.moved(slot, from, this.startOf(slot), size, hole, offset);
  }

  private vacate(slot: Slot): void {
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    const state = this.tallies;
    slots[row + STATE] = State.vacant;
    if (this.graph.on) this.graph.vacated(slot, this.collecting);
    slots[row] = state[VACANT];
    state[VACANT] = slot;
  }

  private set(slot: Slot, word: number, value: number): void {
    this.slotRows.data[(slot << LOG2) + word] = value;
  }

  private addSegment(start: number, length: number): Segment {
    const edge = this.ask(length);
    this.set(edge, STATE, State.edge);
    this.makeEdge(edge, start);
    const count = this.edgeList.data[0];
    this.edgeList.grow(count + 2);
    const list = this.edgeList.data;
    let index = count + 1;
    while (index > 1 && this.startOf(list[index - 1]) > start) index--;
    list.copyWithin(index + 1, index, count + 1);
    list[index] = edge;
    list[0]++;
    return edge;
  }

  private setSegment(segment: Segment, length: number): void {
    this.setLength(segment, length);
    this.probe?.segment(segment, this.startOf(segment), length);
  }

  /** The segment is `length` granules from now on; pages behind its end are given back. */
  private setLength(segment: Segment, length: number): void {
    const start = this.startOf(segment);
    const old = this.payload(segment);
    this.tallies[Counter.heapBytes] += length - old;
    this.changes++;
    if (length < old)
      this.pages.forget((start + length) * this.granule, (start + old) * this.granule + PAGE - 1);
    this.set(segment, PAYLOAD, length);
  }

  /** Where a segment must end: the next one's start, or the limit of what it belongs to. */
  private ceiling(segment: Segment): number {
    const list = this.edgeList.data;
    const index = list.indexOf(segment, 1);
    const next = index < list[0] ? this.start(list[index + 1]) : Number.POSITIVE_INFINITY;
    const own = this.start(segment) < this.limit || segment === this.heap ? this.limit : REACH * this.granule;
    return Math.min(next, own);
  }

  /** The lowest page-aligned gap of `bytes` behind the heap's limit; -1 when there is none. A fixed heap maps nothing. */
  private gapFor(bytes: number): Address {
    if (!this.grows) return -1;
    let at = Math.ceil(this.limit / PAGE) * PAGE;
    for (const segment of this.segments()) {
      if (segment === this.heap) continue;
      if (this.start(segment) >= at + bytes) break;
      at = Math.ceil(this.segmentEnd(segment) / PAGE) * PAGE;
    }
    return at + bytes <= REACH * this.granule ? at : -1;
  }
}
