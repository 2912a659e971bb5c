/**
 * A heap in two generations, as HotSpot's Serial collector lays it out, and how far each space of it is filled:
 *
 *   heap     = eden | s0 | s1 | old; young = the first three, 6 : 1 : 1 (SurvivorRatio)
 *   old      = settled | objects; what is settled was there before the trace, and never moves
 *   [start of a space, its top) is full; dead objects leave no room there before a collection
 *
 * A survivor space is a multiple of 64 KiB where it is as long as that (SpaceAlignment).
 */
import type { Column } from "../../space/columns.ts";
import { type Address, Control, type Slot, type Space, SpaceError, State } from "../../space/space.ts";
import { YoungSpaces } from "../generations/young-spaces.ts";

const SPACE_ALIGNMENT = 64 * 1024;
const SURVIVORS_TO_YOUNG = 8;

export class Generations {
  readonly young: YoungSpaces;
  /** Where old begins. */
  readonly old: Address;
  /** Where the objects of the trace begin in old. */
  readonly settled: Address;
  readonly end: Address;

  private readonly space: Space;
  private readonly state: Column<Float64Array>;

  /** `young` and `settled` in bytes; young of 0 is a third of the heap. `from`: 0 or 1, for s0 or s1. */
  constructor(space: Space, young: number, settled: number, from: number) {
    this.space = space;
    const heap = space.limit;
    const wanted = young > 0 ? Math.min(young, (3 * heap) / 4) : heap / 3;
    const unit = wanted / SURVIVORS_TO_YOUNG >= SPACE_ALIGNMENT ? SPACE_ALIGNMENT : 8;
    const bytes = Math.floor(wanted / unit) * unit;
    const survivor = Math.floor(bytes / SURVIVORS_TO_YOUNG / unit) * unit;
    this.young = new YoungSpaces(space, 0, bytes - 2 * survivor, survivor, from);
    this.old = bytes;
    this.end = heap;
    this.settled = bytes + Math.min(Math.floor(settled / 8), Math.floor((heap - bytes) / 16)) * 8;
    this.state = space.columns.float64(1);
    if (this.settled > this.old) space.reserve(this.old, this.settled - this.old, Control.table);
    this.oldTop = this.settled;
  }

  get oldTop(): Address {
    return this.state.data[0];
  }
  set oldTop(top: Address) {
    this.state.data[0] = top;
  }
  get oldFree(): number {
    return this.end - this.oldTop;
  }
  /** Whether old has room for all of young: then a young collection cannot fail. */
  get isSafe(): boolean {
    return this.oldFree >= this.young.used;
  }

  /** Takes `length` bytes at `start`, at or above old's top; -1 when there are not so many left. */
  takeOld(start: Address, length: number, slot: Slot): Address {
    if (start + length > this.end) return -1;
    this.space.claim(slot, start, length);
    this.oldTop = start + length;
    return start;
  }

  /** `eden 40`, `s0 0`, `old 997120`: each space counts from its own start. */
  place(address: Address): string {
    return address >= this.old ? `old ${address - this.old}` : this.young.place(address);
  }

  /** Throws if a block lies outside what its space is filled to. */
  validate(): void {
    const { space } = this;
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node)) {
      if (node < 0 || space.state(node) === State.control) continue;
      const start = space.start(node);
      const end = space.end(node);
      const isOld = start >= this.settled;
      if (isOld ? end > this.oldTop : !this.young.holds(start, end))
        throw new SpaceError(`the block at ${this.place(start)} is above the top of its space`);
    }
  }
}
