/**
 * A heap in two halves. One is in use, filled from its low end; the other is idle: a control range, the copy reserve.
 *
 *   heap     = origin | lower half | upper half | set aside; the half in use begins at `low`
 *   frontier = end of the block placed last
 *   mirror   = where the frontier would be, had all been placed in the idle half: with objects aligned beyond the
 *              rest the gaps differ, and what is placed must fit in both
 */
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import type { Column } from "../space/columns.ts";
import {
  type Address,
  Control,
  type Hole,
  type Slot,
  type Space,
  SpaceError,
  State,
} from "../space/space.ts";
import type { Alignments } from "./alignments.ts";
import { breadthFirst } from "./breadth-first.ts";
import { eachBlock } from "./each-block.ts";

const HALF = 0;
const LOW = 1;
const FRONTIER = 2;
const MIRROR = 3;
const IDLE = 4;

export class Halves {
  readonly #space: Space;
  readonly #shape: BlockShape;
  readonly #alignments: Alignments;
  /** [bytes of a half, low, frontier, mirror, slot of the idle half]; no halves yet: their bytes and slot are 0. */
  readonly #state: Column<Float64Array>;
  /** The node above both halves: what is set aside there, or the heap's edge. */
  readonly #top: number;

  /** An arena is divided at once; a heap that grows has no halves before the first `flip`. */
  constructor(space: Space, shape: BlockShape, alignments: Alignments) {
    this.#space = space;
    this.#shape = shape;
    this.#alignments = alignments;
    this.#state = space.columns.float64(5);
    const { origin, alignment } = shape;
    const room = space.grows ? 0 : Math.max(space.limit - origin, 0);
    const half = Math.floor(room / 2 / alignment) * alignment;
    const rest = room - 2 * half;
    this.#top = rest > 0 ? space.reserve(origin + 2 * half, rest, Control.unused) : space.heap;
    this.#begin(half, origin, origin, origin);
  }

  /** Bytes of each half. */
  get bytes(): number {
    return this.#state.data[HALF];
  }

  /** Bytes above the frontier. */
  get left(): number {
    const [half, low, frontier] = this.#state.data;
    return low + half - frontier;
  }

  /** Whether a block fits above the frontier, and would in the idle half. */
  fits(length: number, align: number): boolean {
    const [half, low, frontier, mirror, idle] = this.#state.data;
    if (this.#shape.start(frontier, align) + length > low + half) return false;
    return this.#shape.start(mirror, align) + length <= this.#space.end(idle);
  }

  /** Places a block that fits. */
  place(length: number, align: number, slot: Slot): Address {
    const space = this.#space;
    const state = this.#state.data;
    const hole: Hole = space.previous(state[LOW] === this.#shape.origin ? state[IDLE] : this.#top);
    const start = this.#shape.start(state[FRONTIER], align);
    space.take(hole, start - space.start(hole), length, slot);
    this.#alignments.set(slot, align);
    state[FRONTIER] = start + length;
    state[MIRROR] = this.#shape.start(state[MIRROR], align) + length;
    return start;
  }

  /** Lengthens the block in `slot` by `more` bytes if it is the last and they fit. */
  stretch(slot: Slot, more: number): boolean {
    const space = this.#space;
    const state = this.#state.data;
    if (space.end(slot) !== state[FRONTIER] || !this.fits(more, 0)) return false;
    space.resize(slot, space.start(slot), space.length(slot) + more);
    state[FRONTIER] += more;
    state[MIRROR] += more;
    return true;
  }

  /**
   * Copies what lives to the idle half, breadth-first where there are references, and goes on there. If `half` is more than the halves have, the heap is
   * extended, and they are copied to the upper one, which is then clear of both.
   */
  flip(half: number): void {
    const space = this.#space;
    const [old, low, , , idle] = this.#state.data;
    const { origin } = this.#shape;
    if (idle > 0) space.unreserve(space.start(idle));
    if (half > old) space.extend(2 * (half - old));
    const to = half > old || low === origin ? origin + half : origin;
    let free = to;
    let mirror = to === origin ? origin + half : origin;
    const copy = (slot: Slot): void => {
      const align = this.#alignments.of(slot);
      space.move(slot, this.#shape.start(free, align));
      free = space.end(slot);
      mirror = this.#shape.start(mirror, align) + space.length(slot);
    };
    const reached = space.graph.on ? this.#reached(to, mirror, half) : undefined;
    eachBlock(space, low + old, (slot) => {
      if (space.state(slot) === State.garbage) space.give(slot);
      else if (!reached) copy(slot);
    });
    reached?.forEach(copy);
    this.#begin(half, to, free, mirror);
  }

  /**
   * What lives, breadth-first from the roots; undefined if in that order it does not fit into each of the halves that
   * begin at `one` and `other`: the gaps below aligned objects differ with the order, and in that of addresses they
   * are known to leave room.
   */
  #reached(one: Address, other: Address, half: number): Slot[] | undefined {
    const space = this.#space;
    const order = breadthFirst(space.graph, space.slotLimit);
    const after = (free: Address, slot: Slot) =>
      this.#shape.start(free, this.#alignments.of(slot)) + space.length(slot);
    const fits = [one, other].every((low) => order.reduce(after, low) <= low + half);
    return fits ? order : undefined;
  }

  /** Throws if a block is not aligned, or lies outside the half in use or above the frontier. */
  validate(): void {
    const space = this.#space;
    const [, low, frontier] = this.#state.data;
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      if (space.start(slot) < low || space.end(slot) > frontier)
        throw new SpaceError(
          `the block [${space.start(slot)}, ${space.end(slot)}) is not between ${low} and the frontier, ${frontier}`,
        );
    });
    this.#alignments.validate(space, this.#shape);
    if (frontier - low > this.bytes) throw new SpaceError(`the frontier, ${frontier}, is outside its half`);
  }

  #begin(half: number, low: Address, frontier: Address, mirror: Address): void {
    const { origin } = this.#shape;
    const other = low === origin ? origin + half : origin;
    const idle = half > 0 ? this.#space.reserve(other, half, Control.copyReserve) : 0;
    this.#state.data.set([half, low, frontier, mirror, idle]);
  }
}
