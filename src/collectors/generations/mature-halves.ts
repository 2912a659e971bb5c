/**
 * The old generation of a copying collector, in two halves: one is filled from its low end, the other is idle, a
 * control range: the copy reserve.
 *
 *   bound = bytes of the objects in use, and for each one that is aligned beyond the rest the longest gap below it:
 *           in whatever order they are copied, they fit in `bound` bytes
 */
import type { BlockShape } from "../../allocators/parts/block-shape.ts";
import type { Column } from "../../space/columns.ts";
import { type Address, Control, type Slot, type Space, SpaceError, State } from "../../space/space.ts";
import type { Alignments } from "../alignments.ts";

const LOW = 0;
const TOP = 1;
const BOUND = 2;
const IDLE = 3;

export class MatureHalves {
  readonly start: Address;
  /** Bytes of each half. */
  readonly half: number;

  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly alignments: Alignments;
  /** [start of the half in use, its top, bound, slot of the idle half]. */
  private readonly state: Column<Float64Array>;

  /** Two halves in [start, end). */
  constructor(space: Space, shape: BlockShape, alignments: Alignments, start: Address, end: Address) {
    this.space = space;
    this.shape = shape;
    this.alignments = alignments;
    this.start = start;
    this.half = Math.max(0, Math.floor((end - start) / 2 / shape.alignment) * shape.alignment);
    this.state = space.columns.float64(4);
    const rest = end - start - 2 * this.half;
    if (rest > 0) space.reserve(end - rest, rest, Control.unused);
    this.use(start, start, 0);
  }

  get top(): Address {
    return this.state.data[TOP];
  }
  /** Bytes that may be promised yet. */
  get free(): number {
    return this.half - this.state.data[BOUND];
  }

  /** What an object of `length` bytes takes of `free`. */
  toll(length: number, align: number): number {
    return length + Math.max(0, align - this.shape.alignment);
  }

  /** Places a block for which there is room. */
  place(length: number, align: number, slot: Slot): Address {
    const state = this.state.data;
    const start = this.shape.start(state[TOP], align);
    this.space.claim(slot, start, length);
    state[TOP] = start + length;
    state[BOUND] += this.toll(length, align);
    return start;
  }

  /** Objects were promoted up to `top`. None is aligned beyond the rest. */
  promoted(top: Address): void {
    const state = this.state.data;
    state[BOUND] += top - state[TOP];
    state[TOP] = top;
  }

  /** Copies `slots`, in this order, to the idle half, which is in use from then on. What is dead must be gone. */
  flip(slots: readonly Slot[]): void {
    const { space, shape, alignments } = this;
    const state = this.state.data;
    if (state[IDLE] > 0) space.unreserveSlot(state[IDLE]);
    const low = state[LOW] === this.start ? this.start + this.half : this.start;
    let top = low;
    let bound = 0;
    for (const slot of slots) {
      const align = alignments.of(slot);
      space.move(slot, shape.start(top, align));
      top = space.end(slot);
      bound += this.toll(space.length(slot), align);
    }
    this.use(low, top, bound);
  }

  /** Throws if a block lies outside the part in use, or more is promised than there is. */
  validate(): void {
    const { space } = this;
    const [low, top, bound] = this.state.data;
    for (let node = space.previous(space.heap); node !== space.heap; node = space.previous(node)) {
      if (space.start(node) < this.start) break;
      if (node < 0 || space.state(node) === State.control) continue;
      if (space.start(node) < low || space.end(node) > top)
        throw new SpaceError(
          `the block at ${space.start(node)} is outside the half in use, [${low}, ${top})`,
        );
    }
    if (top - low > bound || bound > this.half)
      throw new SpaceError(`${bound} bytes are promised of ${this.half}, and ${top - low} are used`);
  }

  private use(low: Address, top: Address, bound: number): void {
    const other = low === this.start ? this.start + this.half : this.start;
    const idle = this.half > 0 ? this.space.reserve(other, this.half, Control.copyReserve) : 0;
    this.state.data.set([low, top, bound, idle]);
  }
}
