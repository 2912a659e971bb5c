/**
 * The young generation of a heap: eden, where objects begin, and two survivor spaces, of which one is in use (from)
 * and the other is idle (to), a control range: the copy reserve.
 *
 *   young = eden | s0 | s1, from `start` on; [start of a space, its top) is full
 */
import type { Column } from "../../space/columns.ts";
import { type Address, Control, type Slot, type Space } from "../../space/space.ts";

const EDEN_TOP = 0;
const FROM = 1;
const FROM_TOP = 2;
const IDLE = 3;
const LAST = 4;

export class YoungSpaces {
  readonly start: Address;
  readonly edenEnd: Address;
  /** Bytes of a survivor space. */
  readonly survivor: number;
  readonly end: Address;

  private readonly space: Space;
  /** [eden's top, 0 or 1 for s0 or s1 as from, its top, slot of the idle one, slot of eden's last object]. */
  private readonly state: Column<Float64Array>;

  /** Eden and survivor spaces of so many bytes, the first at `start`. `from`: 0 or 1. */
  constructor(space: Space, start: Address, eden: number, survivor: number, from: number) {
    this.space = space;
    this.start = start;
    this.edenEnd = start + eden;
    this.survivor = survivor;
    this.end = start + eden + 2 * survivor;
    this.state = space.columns.float64(5);
    this.state.data[EDEN_TOP] = start;
    this.use(from, this.survivorAt(from));
  }

  get eden(): number {
    return this.edenEnd - this.start;
  }
  get edenTop(): Address {
    return this.state.data[EDEN_TOP];
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
  /** Bytes of both spaces in use that are filled. */
  get used(): number {
    return this.edenTop - this.start + this.fromTop - this.from;
  }

  /** Before anything has happened: `from`, 0 or 1, is in use instead of the one that was named. */
  begin(from: number): void {
    this.openTo();
    this.use(from, this.survivorAt(from));
  }

  /** Takes the next `length` bytes of eden for `slot`; -1 when it has not so many left. */
  takeEden(length: number, slot: Slot): Address {
    const { space } = this;
    const state = this.state.data;
    const at = state[EDEN_TOP];
    if (at + length > this.edenEnd) return -1;
    if (state[LAST] === 0) space.claim(slot, at, length);
    else {
      const hole = space.next(state[LAST]);
      space.take(hole, at - space.start(hole), length, slot);
    }
    state[EDEN_TOP] = at + length;
    state[LAST] = slot;
    return at;
  }

  /** The same for from. */
  takeFrom(length: number, slot: Slot): Address {
    const at = this.fromTop;
    if (at + length > this.from + this.survivor) return -1;
    this.space.claim(slot, at, length);
    this.state.data[FROM_TOP] = at + length;
    return at;
  }

  /** The idle survivor space may be moved into. */
  openTo(): void {
    const idle = this.state.data[IDLE];
    if (idle > 0) this.space.unreserveSlot(idle);
  }

  /** After a young collection: eden is empty, and to, which is filled up to `top`, has become from. */
  swap(top: Address): void {
    this.fill(0, this.fromTop);
    this.use(1 - this.state.data[FROM], top);
  }

  /** Eden is filled up to its object `last`, empty if that is 0, and from up to `fromTop`. */
  fill(last: Slot, fromTop: Address): void {
    const state = this.state.data;
    state[EDEN_TOP] = last === 0 ? this.start : this.space.end(last);
    state[LAST] = last;
    state[FROM_TOP] = fromTop;
  }

  /** Nothing is young. */
  clear(): void {
    this.fill(0, this.from);
  }

  /** `eden 40`, `s0 0`: each space counts from its own start. */
  place(address: Address): string {
    if (address < this.edenEnd) return `eden ${address - this.start}`;
    const index = address < this.survivorAt(1) ? 0 : 1;
    return `s${index} ${address - this.survivorAt(index)}`;
  }

  /** Whether [start, end) lies in what is filled. */
  holds(start: Address, end: Address): boolean {
    return start < this.edenEnd ? end <= this.edenTop : start >= this.from && end <= this.fromTop;
  }

  private survivorAt(index: number): Address {
    return this.edenEnd + index * this.survivor;
  }

  private use(from: number, fromTop: Address): void {
    const state = this.state.data;
    state[FROM] = from;
    state[FROM_TOP] = fromTop;
    state[IDLE] = this.survivor > 0 ? this.space.reserve(this.to, this.survivor, Control.copyReserve) : 0;
  }
}
