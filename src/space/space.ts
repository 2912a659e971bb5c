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
import { BlockMap, type HoleIndex, type Node, STRIDE } from "./block-map.ts";
import { type Column, Columns, type Snapshot } from "./columns.ts";
import { COSTS, Cost } from "./cost.ts";
import { PAGE, Pages } from "./pages.ts";
import type { Probe } from "./probe.ts";

export type { HoleIndex, Node } from "./block-map.ts";

export type Address = number;
export type Slot = number;
export type Hole = number;
/** A segment's handle: the slot of its edge. */
export type Segment = number;

/** What a slot holds. `asked` waits for its block; an `edge` is the ring of a segment. */
export const State = { vacant: 0, asked: 1, live: 2, garbage: 3, control: 4, edge: 5 } as const;
export type State = (typeof State)[keyof typeof State];

/** What an allocator's own memory is for. */
export const Control = { header: 0, table: 1, copyReserve: 2, unused: 3 } as const;
export type Control = (typeof Control)[keyof typeof Control];
export const CONTROL_NAMES = ["header", "table", "copy reserve", "unused"] as const;

/** Granules that any space reaches. */
const REACH = 0x7fffffff;

export { PAGE };

export const Counter = {
  liveBytes: 0,
  liveBlocks: 1,
  blockBytes: 2,
  garbageBytes: 3,
  controlBytes: 4,
  heapBytes: 5,
} as const;

/** A change that no real heap could make: the policy is at fault. Replay adds its name and the event. */
export class SpaceError extends Error {
  override readonly name = "SpaceError";
}

/** First vacant slot; slots ever used; whether a collection is under way. */
const VACANT = 0;
const USED = 1;
const COLLECTING = 2;
/** Behind the costs: words touched when the collection began. */
const TOUCHED = COSTS;

export interface SpaceOptions {
  /** 4, 8 or 16. */
  readonly granule: number;
  /** Bytes of the fixed arena, or "grow": a heap that begins empty and is extended by the policy. */
  readonly heap: number | "grow";
}

export class Space {
  readonly granule: number;
  /** Bytes that the first segment may reach. */
  readonly limit: number;
  readonly grows: boolean;
  /** Where a policy keeps all of its mutable state. */
  readonly columns = new Columns();
  probe: Probe | undefined;
  /** Puts a slot into words for messages. */
  nameOf: (slot: Slot) => string = (slot) => `slot ${slot}`;

  readonly #map: BlockMap;
  readonly #pages: Pages;
  readonly #inverse: number;
  readonly #states: Column<Uint8Array>;
  /** Bytes asked for (blocks), the kind (control ranges), the length in granules (edges). */
  readonly #payloads: Column<Int32Array>;
  readonly #counters: Column<Float64Array>;
  readonly #costs: Column<Float64Array>;
  /** Edges of all segments by address; entry 0 is how many there are. */
  readonly #segments: Column<Int32Array>;
  /** At VACANT, USED and COLLECTING. */
  readonly #state: Column<Int32Array>;

  constructor({ granule, heap }: SpaceOptions) {
    if (granule !== 4 && granule !== 8 && granule !== 16)
      throw new SpaceError(`a granule of ${granule} bytes`);
    this.granule = granule;
    this.#inverse = 1 / granule;
    this.grows = heap === "grow";
    // A growing heap leaves the upper half of the reach to mapped segments.
    const half = Math.floor((REACH * granule) / 2 / PAGE) * PAGE;
    this.limit = heap === "grow" ? half : Math.floor(heap / granule) * granule;
    if (this.limit > REACH * granule || this.limit < 0)
      throw new SpaceError(`a heap of ${heap} bytes is beyond what granules of ${granule} bytes reach`);
    this.#map = new BlockMap(this.columns, granule);
    this.#map.edges = () => this.segments();
    this.#pages = new Pages(this.columns);
    this.#states = this.columns.uint8(64);
    this.#payloads = this.columns.int32(64);
    this.#counters = this.columns.float64(6);
    this.#costs = this.columns.float64(COSTS + 1);
    this.#segments = this.columns.int32(4);
    this.#state = this.columns.int32(3);
    this.#addSegment(0, 0);
    if (!this.grows) this.extend(this.limit);
  }

  // Reading

  counter(index: number): number {
    return this.#counters.data[index];
  }
  get holeBytes(): number {
    return this.#map.holeGranules * this.granule;
  }
  /** heapBytes less all that lies in it, each counted on its own: anything but 0 is a fault. */
  get unaccountedBytes(): number {
    const c = this.#counters.data;
    const lies = c[Counter.blockBytes] + c[Counter.garbageBytes] + c[Counter.controlBytes] + this.holeBytes;
    return c[Counter.heapBytes] - lies;
  }
  get holes(): number {
    return this.#map.holeCount;
  }
  get largestHole(): number {
    return this.#map.largestHole * this.granule;
  }
  /** Pages of 4 KiB touched and not given back. */
  get residentBytes(): number {
    return this.#pages.residentBytes;
  }
  isResident(address: Address): boolean {
    return this.#pages.isResident(address);
  }
  /** Whether a collection has begun and not ended. */
  get collecting(): boolean {
    return this.#state.data[COLLECTING] !== 0;
  }
  cost(cost: Cost): number {
    return this.#costs.data[cost];
  }
  /** Slots 1 .. slotLimit - 1 have been used at some time. */
  get slotLimit(): number {
    return this.#state.data[USED] + 1;
  }

  start(node: Node): Address {
    return this.#map.start(node) * this.granule;
  }
  length(node: Node): number {
    return this.#map.length(node) * this.granule;
  }
  end(node: Node): Address {
    return (this.#map.start(node) + this.#map.length(node)) * this.granule;
  }
  /** The neighbour in address order: a slot, a hole (negative), or the segment's own handle at its end. */
  next(node: Node): Node {
    return this.#map.next(node);
  }
  previous(node: Node): Node {
    return this.#map.previous(node);
  }
  state(slot: Slot): State {
    return this.#states.data[slot] as State;
  }
  /** Bytes asked for, of a slot that holds a block; the kind, of one that holds a control range. */
  payload(slot: Slot): number {
    return this.#payloads.data[slot];
  }
  /** The slot or hole that covers a byte; 0 where there is no segment. O(log32 pages), plus a page's nodes. */
  at(address: Address): Node {
    return address < 0 ? 0 : this.#map.at(Math.floor(address * this.#inverse));
  }
  /** Holes by size class, as counts; see `sizeClass`. */
  get holeSizes() {
    return this.#map.sizes;
  }

  /** Segments by address. */
  *segments(): IterableIterator<Segment> {
    for (let i = 1; i <= this.#segments.data[0]; i++) yield this.#segments.data[i];
  }
  segmentLength(segment: Segment): number {
    return this.#payloads.data[segment] * this.granule;
  }
  segmentEnd(segment: Segment): Address {
    return this.start(segment) + this.segmentLength(segment);
  }
  /** The segment at 0: the brk heap or the fixed arena. */
  get heap(): Segment {
    return this.#segments.data[1];
  }

  // Slots

  /** A slot for an object of `bytes` that is to be placed; `discard` it if it is not. Last vacated first. */
  ask(bytes: number): Slot {
    const state = this.#state.data;
    let slot = state[VACANT];
    if (slot === 0) {
      slot = ++state[USED];
      if (slot >= this.#states.data.length) {
        this.#states.grow(slot + 1);
        this.#payloads.grow(slot + 1);
        this.#map.slots.grow(this.#states.data.length * STRIDE);
      }
    } else state[VACANT] = this.#map.slots.data[slot * STRIDE];
    this.#states.data[slot] = State.asked;
    this.#payloads.data[slot] = bytes;
    return slot;
  }

  discard(slot: Slot): void {
    if (this.#states.data[slot] !== State.asked)
      this.#fail(`${this.nameOf(slot)} is in use and cannot be discarded`);
    this.#vacate(slot);
  }

  /** The object in `slot` is of `bytes` from now on: realloc in place. Its range stays; see `resize`. */
  setPayload(slot: Slot, bytes: number): void {
    if (this.#states.data[slot] === State.live)
      this.#counters.data[Counter.liveBytes] += bytes - this.#payloads.data[slot];
    this.#payloads.data[slot] = bytes;
  }

  // Blocks

  /** Tells `index` of every hole there is, and of each change from now on. One to a space. */
  follow(index: HoleIndex): void {
    this.#map.listener = index;
    for (const segment of this.segments())
      for (let node = this.next(segment); node !== segment; node = this.next(node))
        if (node < 0) index.appear(node);
  }

  /** Puts the asked slot's block into `hole`, `offset` bytes from its start. O(1). */
  take(hole: Hole, offset: number, length: number, slot: Slot): void {
    if (!this.#map.isHole(hole)) this.#fail(`${hole} is no hole`);
    const at = this.#granules(offset);
    const size = this.#granules(length);
    if (at < 0 || size <= 0 || at + size > this.#map.length(hole))
      this.#fail(`${length} bytes at ${offset} do not fit the hole ${this.#range(hole)}`);
    this.#place(hole, at, size, slot);
  }

  /**
   * For models with their own lists: the block of `slot` is [start, start + length). A policy that can name a node
   * `near` it, a slot or hole of the same segment, spares the space the address index: O(nodes between).
   */
  claim(slot: Slot, start: Address, length: number, near: Node = 0): void {
    const at = this.#granules(start);
    const size = this.#granules(length);
    const hole = this.#holeFor(at, size, near);
    this.#place(hole, at - this.#map.start(hole), size, slot);
  }

  /** Frees the block of `slot`, live or garbage. Returns the hole, merged with its neighbours. O(1). */
  give(slot: Slot): Hole {
    const length = this.#map.length(slot) * this.granule;
    const counters = this.#counters.data;
    const state = this.#states.data[slot];
    if (state === State.live) {
      counters[Counter.liveBytes] -= this.#payloads.data[slot];
      counters[Counter.liveBlocks]--;
      counters[Counter.blockBytes] -= length;
    } else if (state === State.garbage) counters[Counter.garbageBytes] -= length;
    else this.#fail(`${this.nameOf(slot)} holds no block to give back`);
    this.probe?.released(slot);
    const hole = this.#map.dissolve(slot);
    this.#vacate(slot);
    return hole;
  }

  /** The object in `slot` is dead; its block stays as garbage until it is given back. */
  die(slot: Slot): void {
    if (this.#states.data[slot] !== State.live) this.#fail(`${this.nameOf(slot)} is not live and cannot die`);
    const length = this.#map.length(slot) * this.granule;
    const counters = this.#counters.data;
    counters[Counter.liveBytes] -= this.#payloads.data[slot];
    counters[Counter.liveBlocks]--;
    counters[Counter.blockBytes] -= length;
    counters[Counter.garbageBytes] += length;
    this.#states.data[slot] = State.garbage;
    this.probe?.died(slot);
  }

  /** The block of `slot` becomes [start, start + length), within itself and the holes beside it. O(1). */
  resize(slot: Slot, start: Address, length: number): void {
    const state = this.#states.data[slot];
    if (state !== State.live && state !== State.garbage)
      this.#fail(`${this.nameOf(slot)} holds no block to resize`);
    const at = this.#granules(start);
    const size = this.#granules(length);
    const previous = this.#map.previous(slot);
    const next = this.#map.next(slot);
    const low = previous < 0 ? this.#map.start(previous) : this.#map.start(slot);
    const end = this.#map.start(slot) + this.#map.length(slot);
    const high = next < 0 ? end + this.#map.length(next) : end;
    if (at < low || at + size > high || size <= 0) {
      let hit = at + size > high ? next : previous;
      if (hit < 0) hit = at + size > high ? this.#map.next(hit) : this.#map.previous(hit);
      const what =
        this.#states.data[hit] === State.edge ? "leaves the segment" : `overlaps ${this.#describe(hit)}`;
      this.#fail(`[${start}, ${start + length}) ${what}`);
    }
    const counter = state === State.live ? Counter.blockBytes : Counter.garbageBytes;
    this.#counters.data[counter] += length - this.length(slot);
    this.#map.resize(slot, at, size);
    this.probe?.resized(slot, at, size);
  }

  /** Moves the live block of `slot` to `to`; it may slide over part of itself. Counts the move. */
  move(slot: Slot, to: Address): void {
    if (this.#states.data[slot] !== State.live)
      this.#fail(`${this.nameOf(slot)} is not live and cannot move`);
    const at = this.#granules(to);
    const from = this.#map.start(slot);
    const size = this.#map.length(slot);
    let hole = this.#map.dissolve(slot);
    const start = this.#map.start(hole);
    if (at < start || at + size > start + this.#map.length(hole)) hole = this.#holeFor(at, size);
    this.#map.carve(hole, at - this.#map.start(hole), size, slot);
    this.#pages.touch(to, to + size * this.granule);
    this.#costs.data[Cost.moves]++;
    this.#costs.data[Cost.movedBytes] += size * this.granule;
    this.probe?.moved(slot, from, at, size);
  }

  // The allocator's own memory

  /** Sets [start, start + length), which must be free, aside. Returns the slot that stands for it. `near`: see `claim`. */
  reserve(start: Address, length: number, kind: Control, near: Node = 0): Slot {
    const at = this.#granules(start);
    const size = this.#granules(length);
    const hole = this.#holeFor(at, size, near);
    const slot = this.ask(kind);
    this.#map.carve(hole, at - this.#map.start(hole), size, slot);
    this.#states.data[slot] = State.control;
    this.#counters.data[Counter.controlBytes] += length;
    if (kind === Control.header || kind === Control.table) this.#pages.touch(start, start + length);
    this.probe?.reserved(slot, at, size, kind);
    return slot;
  }

  /** Gives the control range that starts at `start` back; `slot` is what `reserve` returned, if that is known. */
  unreserve(start: Address, slot: Slot = this.at(start)): Hole {
    if (slot <= 0 || this.#states.data[slot] !== State.control || this.start(slot) !== start)
      this.#fail(`no control range starts at ${start}`);
    this.#counters.data[Counter.controlBytes] -= this.length(slot);
    this.probe?.unreserved(slot, this.#map.start(slot));
    const hole = this.#map.dissolve(slot);
    this.#vacate(slot);
    return hole;
  }

  // Segments

  /** Grows a segment at its end, by default the heap. Returns the hole there, or 0 at the limit: out of memory. */
  extend(bytes: number, segment: Segment = this.heap): Hole {
    const length = this.#granules(bytes);
    const end = this.#map.start(segment) + this.#payloads.data[segment];
    if (length <= 0) this.#fail(`a segment cannot grow by ${bytes} bytes`);
    if ((end + length) * this.granule > this.#ceiling(segment)) return 0;
    const hole = this.#map.append(segment, end, length);
    this.#setSegment(segment, this.#payloads.data[segment] + length);
    return hole;
  }

  /** Gives the last `bytes` of a segment back, which must be free. */
  trim(bytes: number, segment: Segment = this.heap): void {
    const length = this.#granules(bytes);
    const last = this.#map.previous(segment);
    if (length <= 0 || last >= 0 || this.#map.length(last) < length)
      this.#fail(`the last ${bytes} bytes of the segment at ${this.start(segment)} are not free`);
    this.#map.cut(segment, length);
    this.#setSegment(segment, this.#payloads.data[segment] - length);
  }

  /** A new segment: at `start` (inside the arena's limit), or in the lowest gap behind the heap. 0: no room. */
  map(bytes: number, start?: Address): Segment {
    const length = this.#granules(bytes);
    const at = start ?? this.#gapFor(bytes);
    if (at < 0) return 0;
    for (const segment of this.segments())
      if (at < this.segmentEnd(segment) && at + bytes > this.start(segment))
        this.#fail(`[${at}, ${at + bytes}) overlaps the segment at ${this.start(segment)}`);
    if (
      start !== undefined &&
      (at % PAGE !== 0 || at + bytes > (this.grows ? REACH * this.granule : this.limit))
    )
      this.#fail(`no segment of ${bytes} bytes can start at ${start}`);
    const segment = this.#addSegment(this.#granules(at), 0);
    this.#map.append(segment, this.#granules(at), length);
    this.#setSegment(segment, length);
    return segment;
  }

  /** Takes a segment away, which must be one hole. */
  unmap(segment: Segment): void {
    if (this.#states.data[segment] !== State.edge) this.#fail(`${segment} is no segment`);
    const length = this.#payloads.data[segment];
    const first = this.#map.next(segment);
    if (first >= 0 || this.#map.length(first) !== length)
      this.#fail(`the segment at ${this.start(segment)} is not free as a whole`);
    this.probe?.unmapped(segment);
    this.#map.cut(segment, length);
    this.#resize(segment, 0);
    const list = this.#segments.data;
    const index = list.indexOf(segment, 1);
    list.copyWithin(index, index + 1, list[0] + 1);
    list[0]--;
    this.#vacate(segment);
  }

  // Pages

  /** The program or the allocator writes to [from, to): its pages are resident. Blocks are touched by replay. */
  touch(from: Address, to: Address): void {
    this.#pages.touch(from, to);
  }

  /** Gives the pages that lie wholly in [start, start + length) back, and keeps the addresses: madvise. */
  purge(start: Address, length: number): void {
    this.#pages.forget(start, start + length);
    this.probe?.purged(this.#granules(start), this.#granules(length));
  }

  // Costs

  count(cost: Cost, n: number): void {
    this.#costs.data[cost] += n;
  }

  /** All that happens until `endCollection` belongs to one collection, and is one pause. */
  beginCollection(cause: number): void {
    if (this.collecting) this.#fail("a collection began within a collection");
    this.#state.data[COLLECTING] = 1;
    this.#costs.data[TOUCHED] = this.#costs.data[Cost.touchedWords];
    this.probe?.collected(cause);
  }

  endCollection(): void {
    const costs = this.#costs.data;
    this.#state.data[COLLECTING] = 0;
    costs[Cost.collections]++;
    const pause = costs[Cost.touchedWords] - costs[TOUCHED];
    if (pause > costs[Cost.pauseMaxWords]) costs[Cost.pauseMaxWords] = pause;
    this.probe?.collected(-1);
  }

  // Any moment

  save(): Snapshot {
    return this.columns.save();
  }

  restore(snapshot: Snapshot): void {
    this.columns.restore(snapshot);
    this.#map.forget();
  }

  // Inside

  #place(hole: Hole, offset: number, size: number, slot: Slot): void {
    if (this.#states.data[slot] !== State.asked) this.#fail(`${this.nameOf(slot)} already has its block`);
    const start = this.#map.start(hole);
    const counters = this.#counters.data;
    this.#map.carve(hole, offset, size, slot);
    this.#states.data[slot] = State.live;
    counters[Counter.liveBytes] += this.#payloads.data[slot];
    counters[Counter.liveBlocks]++;
    counters[Counter.blockBytes] += size * this.granule;
    this.probe?.claimed(slot, start + offset, size);
  }

  /** The hole that holds all of [start, start + size), in granules; whatever is in the way is named. */
  #holeFor(start: number, size: number, near: Node = 0): Hole {
    if (start < 0 || size <= 0) this.#fail(`${this.#inBytes(start, size)} is no range`);
    const hole = near === 0 ? this.#map.at(start) : this.#map.from(near, start);
    if (hole === 0) this.#fail(`${this.#inBytes(start, size)} is outside every segment`);
    if (hole > 0) this.#fail(`${this.#inBytes(start, size)} overlaps ${this.#describe(hole)}`);
    const end = this.#map.start(hole) + this.#map.length(hole);
    if (start + size > end) {
      const next = this.#map.next(hole);
      const past = this.#states.data[next] === State.edge;
      const what = past
        ? `reaches past the segment's end, ${end * this.granule}`
        : `overlaps ${this.#describe(next)}`;
      this.#fail(`${this.#inBytes(start, size)} ${what}`);
    }
    return hole;
  }

  #vacate(slot: Slot): void {
    this.#states.data[slot] = State.vacant;
    this.#map.slots.data[slot * STRIDE] = this.#state.data[VACANT];
    this.#state.data[VACANT] = slot;
  }

  #addSegment(start: number, length: number): Segment {
    const edge = this.ask(length);
    this.#states.data[edge] = State.edge;
    this.#map.edge(edge, start);
    const count = this.#segments.data[0];
    this.#segments.grow(count + 2);
    const list = this.#segments.data;
    let index = count + 1;
    while (index > 1 && this.#map.start(list[index - 1]) > start) index--;
    list.copyWithin(index + 1, index, count + 1);
    list[index] = edge;
    list[0]++;
    return edge;
  }

  #setSegment(segment: Segment, length: number): void {
    this.#resize(segment, length);
    this.probe?.segment(segment, this.#map.start(segment), length);
  }

  /** The segment is `length` granules from now on; pages behind its end are given back. */
  #resize(segment: Segment, length: number): void {
    const start = this.#map.start(segment);
    const old = this.#payloads.data[segment];
    this.#counters.data[Counter.heapBytes] += (length - old) * this.granule;
    if (length < old)
      this.#pages.forget((start + length) * this.granule, (start + old) * this.granule + PAGE - 1);
    this.#payloads.data[segment] = length;
  }

  /** Where a segment must end: the next one's start, or the limit of what it belongs to. */
  #ceiling(segment: Segment): number {
    const list = this.#segments.data;
    const index = list.indexOf(segment, 1);
    const next = index < list[0] ? this.start(list[index + 1]) : Number.POSITIVE_INFINITY;
    const own = this.start(segment) < this.limit || segment === this.heap ? this.limit : REACH * this.granule;
    return Math.min(next, own);
  }

  /** The lowest page-aligned gap of `bytes` behind the heap's limit; -1 when there is none. A fixed heap maps nothing. */
  #gapFor(bytes: number): Address {
    if (!this.grows) return -1;
    let at = Math.ceil(this.limit / PAGE) * PAGE;
    for (const segment of this.segments()) {
      if (segment === this.heap) continue;
      if (this.start(segment) >= at + bytes) break;
      at = Math.ceil(this.segmentEnd(segment) / PAGE) * PAGE;
    }
    return at + bytes <= REACH * this.granule ? at : -1;
  }

  /** Bytes to granules; a number that is no multiple is the policy's fault. */
  #granules(bytes: number): number {
    const granules = bytes * this.#inverse;
    if ((granules | 0) !== granules)
      this.#fail(`${bytes} is not a multiple of the granule of ${this.granule} bytes`);
    return granules;
  }

  /** Granules [start, start + size) for messages. */
  #inBytes(start: number, size: number): string {
    return `[${start * this.granule}, ${(start + size) * this.granule})`;
  }

  #range(node: Node): string {
    return `[${this.start(node)}, ${this.end(node)})`;
  }

  #describe(node: Node): string {
    if (node < 0) return `the hole ${this.#range(node)}`;
    if (this.#states.data[node] === State.control)
      return `the ${CONTROL_NAMES[this.#payloads.data[node]]} ${this.#range(node)}`;
    return `${this.nameOf(node)} at ${this.#range(node)}`;
  }

  #fail(message: string): never {
    throw new SpaceError(message);
  }
}
