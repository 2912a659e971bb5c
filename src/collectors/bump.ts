/** Bump allocation: upwards in one free range, for new objects or for what is moved. */
import { roundUp } from "../allocators/contract.ts";
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import type { Column } from "../space/columns.ts";
import type { Address, Hole, Slot, Space } from "../space/space.ts";

const AT = 0;
const LIMIT = 1;
const HOLE = 2;

export class Bump {
  private readonly space: Space;
  private readonly shape: BlockShape;
  /** [next address, end of the range, the hole there if it is known]. */
  private readonly state: Column<Float64Array>;

  constructor(space: Space, shape: BlockShape) {
    this.space = space;
    this.shape = shape;
    this.state = space.columns.float64(3);
  }

  get at(): Address {
    return this.state.data[AT];
  }
  get limit(): Address {
    return this.state.data[LIMIT];
  }

  /** Gives up its range. */
  close(): void {
    this.state.data.fill(0);
  }

  /** Begins with the lowest block in [start, limit), which is free. Whether there is room for any. */
  open(start: Address, limit: Address): boolean {
    const state = this.state.data;
    const { header, alignment } = this.shape;
    state[AT] = roundUp(start + header, alignment) - header;
    state[LIMIT] = limit;
    state[HOLE] = 0;
    return state[AT] < limit;
  }

  /** The range ends at `limit`, which is further up. */
  stretch(limit: Address): void {
    this.state.data[LIMIT] = limit;
  }

  /** Goes on where `other` is. */
  follow(other: Bump): void {
    this.state.data.set(other.state.data);
  }

  /** Where such a block would begin, or -1. */
  startOf(length: number, align: number): Address {
    const start = this.shape.start(this.state.data[AT], align);
    return start + length <= this.state.data[LIMIT] ? start : -1;
  }

  /** Takes [start, start + length) for `slot`: `startOf` gave it. */
  take(start: Address, length: number, slot: Slot): void {
    const space = this.space;
    const hole = this.holeAt(start);
    space.take(hole, start - space.start(hole), length, slot);
    this.passed(slot);
  }

  /** Moves the block in `slot` to `start`. */
  move(start: Address, slot: Slot): void {
    this.space.move(slot, start);
    this.passed(slot);
  }

  private passed(slot: Slot): void {
    const state = this.state.data;
    state[AT] = this.space.end(slot);
    state[HOLE] = this.space.next(slot);
  }

  /** The hole at `address`: the one behind the last block, unless others have changed it since. */
  private holeAt(address: Address): Hole {
    const space = this.space;
    const hole = this.state.data[HOLE];
    const covers = hole < 0 && space.start(hole) <= address && address < space.end(hole);
    return covers ? hole : space.at(address);
  }
}
