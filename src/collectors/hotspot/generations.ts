/**
 * A heap in two generations, as HotSpot's Serial collector lays it out, and how far each space of it is filled:
 *
 *   heap     = eden | s0 | s1 | old; young = the first three, 6 : 1 : 1 (SurvivorRatio)
 *   from     = the survivor space that is in use; to = the other one, a control range: the copy reserve
 *   old      = settled | objects; what is settled was there before the trace, and never moves
 *   [start of a space, its top) is full; dead objects leave no room there before a collection
 *
 * A survivor space is a multiple of 64 KiB where it is as long as that (SpaceAlignment).
 */
import type { Column } from "../../space/columns.ts";
import { type Address, Control, type Slot, type Space, SpaceError, State } from "../../space/space.ts";

const SPACE_ALIGNMENT = 64 * 1024;
const SURVIVORS_TO_YOUNG = 8;

const EDEN_TOP = 0;
const OLD_TOP = 1;
const FROM = 2;
const FROM_TOP = 3;
const IDLE = 4;
const LAST = 5;

export class Generations {
  /** Bytes of eden, which is also where s0 begins. */
  readonly eden: number;
  /** Bytes of a survivor space. */
  readonly survivor: number;
  /** Where old begins. */
  readonly old: Address;
  /** Where the objects of the trace begin in old. */
  readonly settled: Address;
  readonly end: Address;

  private readonly space: Space;
  /** [tops of eden and old, 0 or 1 for s0 or s1 as from, its top, slot of the idle one, slot of eden's last object]. */
  private readonly state: Column<Float64Array>;

  /** `young` and `settled` in bytes; young of 0 is a third of the heap. `from`: 0 or 1. */
  constructor(space: Space, young: number, settled: number, from: number) {
    this.space = space;
    const heap = space.limit;
    const wanted = young > 0 ? Math.min(young, (3 * heap) / 4) : heap / 3;
    const unit = wanted / SURVIVORS_TO_YOUNG >= SPACE_ALIGNMENT ? SPACE_ALIGNMENT : 8;
    const bytes = Math.floor(wanted / unit) * unit;
    this.survivor = Math.floor(bytes / SURVIVORS_TO_YOUNG / unit) * unit;
    this.eden = bytes - 2 * this.survivor;
    this.old = bytes;
    this.end = heap;
    this.settled = bytes + Math.min(Math.floor(settled / 8), Math.floor((heap - bytes) / 16)) * 8;
    this.state = space.columns.float64(6);
    if (this.settled > this.old) space.reserve(this.old, this.settled - this.old, Control.table);
    this.state.data[OLD_TOP] = this.settled;
    this.use(from, this.survivorAt(from));
  }

  get edenTop(): Address {
    return this.state.data[EDEN_TOP];
  }
  get oldTop(): Address {
    return this.state.data[OLD_TOP];
  }
  get from(): Address {
    return this.survivorAt(this.state.data[FROM]);
  }
  get fromTop(): Address {
    return this.state.data[FROM_TOP];
  }
  get to(): Address {
    return this.survivorAt(1 - this.state.data[FROM]);
  }
  get oldFree(): number {
    return this.end - this.oldTop;
  }
  get youngUsed(): number {
    return this.edenTop + this.fromTop - this.from;
  }
  /** Whether old has room for all of young: then a young collection cannot fail. */
  get isSafe(): boolean {
    return this.oldFree >= this.youngUsed;
  }

  /** Each of these takes the next `length` bytes of a space for `slot`; -1 when it has not so many left. */
  takeEden(length: number, slot: Slot): Address {
    const { space } = this;
    const state = this.state.data;
    const start = state[EDEN_TOP];
    if (start + length > this.eden) return -1;
    const hole = space.next(state[LAST] === 0 ? space.heap : state[LAST]);
    space.take(hole, start - space.start(hole), length, slot);
    state[EDEN_TOP] = start + length;
    state[LAST] = slot;
    return start;
  }
  takeFrom(length: number, slot: Slot): Address {
    const start = this.fromTop;
    if (start + length > this.from + this.survivor) return -1;
    this.space.claim(slot, start, length);
    this.state.data[FROM_TOP] = start + length;
    return start;
  }
  /** `start`: at or above old's top. */
  takeOld(start: Address, length: number, slot: Slot): Address {
    if (start + length > this.end) return -1;
    this.space.claim(slot, start, length);
    this.state.data[OLD_TOP] = start + length;
    return start;
  }

  /** The idle survivor space may be moved into. */
  openTo(): void {
    const idle = this.state.data[IDLE];
    if (idle > 0) this.space.unreserveSlot(idle);
  }

  /** After a young collection: eden is empty, to has become from. */
  scavenged(fromTop: Address, oldTop: Address): void {
    const state = this.state.data;
    state[EDEN_TOP] = 0;
    state[LAST] = 0;
    state[OLD_TOP] = oldTop;
    this.use(1 - state[FROM], fromTop);
  }

  /** After a full one: `last` is eden's last object, 0 if it has none. */
  compacted(oldTop: Address, last: Slot, fromTop: Address): void {
    const state = this.state.data;
    state[EDEN_TOP] = last === 0 ? 0 : this.space.end(last);
    state[LAST] = last;
    state[OLD_TOP] = oldTop;
    state[FROM_TOP] = fromTop;
  }

  /** `eden 40`, `s0 0`, `old 997120`: each space counts from its own start. */
  place(address: Address): string {
    if (address >= this.old) return `old ${address - this.old}`;
    if (address < this.eden) return `eden ${address}`;
    const upper = address >= this.survivorAt(1);
    return `${upper ? "s1" : "s0"} ${address - this.survivorAt(upper ? 1 : 0)}`;
  }

  /** Throws if a block lies outside what its space is filled to. */
  validate(): void {
    const { space, from, fromTop } = this;
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node)) {
      if (node < 0 || space.state(node) === State.control) continue;
      const start = space.start(node);
      const end = space.end(node);
      const inside =
        start >= this.settled
          ? end <= this.oldTop
          : start < this.eden
            ? end <= this.edenTop
            : start >= from && end <= fromTop;
      if (!inside) throw new SpaceError(`the block at ${this.place(start)} is above the top of its space`);
    }
  }

  private survivorAt(index: number): Address {
    return this.eden + index * this.survivor;
  }

  private use(from: number, fromTop: Address): void {
    const state = this.state.data;
    state[FROM] = from;
    state[FROM_TOP] = fromTop;
    state[IDLE] = this.survivor > 0 ? this.space.reserve(this.to, this.survivor, Control.copyReserve) : 0;
  }
}
