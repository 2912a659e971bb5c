/**
 * The block map as it is read: in bytes, with what each slot holds, and in words, for the message when a change is
 * refused. `Space` makes the changes.
 */
import type { Kernel, Registers } from "../kernel/kernel.ts";
import { GRANULE_LOG2 } from "../kernel/registers.ts";
import { BlockMap } from "./block-map.ts";
import { inGranules } from "./granules.ts";
import { CONTROL_NAMES, type Node, Row, State, Tally } from "./rows.ts";
import { SpaceError } from "./space-error.ts";

export type Address = number;
export type Slot = number;
export type Hole = number;
/** A segment's handle: the slot of its edge. */
export type Segment = number;

const { LOG2, LENGTH, PAYLOAD, STATE, OFFSET, ID } = Row;
const { USED } = Tally;

export class ByteMap extends BlockMap {
  private readonly granuleLog2: number;

  constructor(granule: number, kernel?: Kernel) {
    if (granule !== 4 && granule !== 8 && granule !== 16)
      throw new SpaceError(`a granule of ${granule} bytes`);
    super(granule, kernel);
    this.granuleLog2 = 31 - Math.clz32(granule);
  }

  override bind(registers: Registers): void {
    super.bind(registers);
    registers.set(GRANULE_LOG2, this.granuleLog2);
  }

  /** Slots 1 .. slotLimit - 1 have been used at some time. */
  get slotLimit(): number {
    return this.tallies[USED] + 1;
  }

  start(node: Node): Address {
    return this.startOf(node) * this.granule;
  }
  length(node: Node): number {
    return this.lengthOf(node) * this.granule;
  }
  end(node: Node): Address {
    return (this.startOf(node) + this.lengthOf(node)) * this.granule;
  }
  state(slot: Slot): State {
    return this.slotRows.data[(slot << LOG2) + STATE] as State;
  }
  /** Bytes asked for, of a slot that holds a block; the kind, of one that holds a control range. */
  payload(slot: Slot): number {
    return this.slotRows.data[(slot << LOG2) + PAYLOAD];
  }
  /** Where the payload begins, in bytes from the block's start. */
  offset(slot: Slot): number {
    return this.slotRows.data[(slot << LOG2) + OFFSET];
  }
  /** The object's number in the trace; -1 of what is none. */
  id(slot: Slot): number {
    return this.slotRows.data[(slot << LOG2) + ID];
  }
  /** A slot in words, for messages. */
  nameOf(slot: Slot): string {
    const id = this.id(slot);
    return id < 0 ? `slot ${slot}` : `object ${id}`;
  }
  /** The slot or hole that covers a byte; 0 where there is no segment. O(log32 pages), plus a page's nodes. */
  at(address: Address): Node {
    return address < 0 ? 0 : this.nodeAt(Math.floor(address / this.granule));
  }

  /** Every hole, [start, end), in no order that means anything. O(holes). */
  eachHole(visit: (start: Address, end: Address) => void): void {
    const holes = this.holeRows.data;
    for (let left = this.holes, row = 1 << LOG2; left > 0; row += 1 << LOG2) {
      if (holes[row + LENGTH] === 0) continue;
      left--;
      visit(holes[row] * this.granule, (holes[row] + holes[row + LENGTH]) * this.granule);
    }
  }

  get holeBytes(): number {
    return this.holeGranules * this.granule;
  }
  get largestHole(): number {
    return this.longest.length * this.granule;
  }

  // For changes

  /** Bytes to granules; a number that is no multiple is the policy's fault. */
  protected granules(bytes: number): number {
    return inGranules(bytes, this.granule, this.granuleLog2);
  }

  /** `size` granules at `offset` lie inside `hole`. */
  protected checkFit(hole: Hole, offset: number, size: number): void {
    const holes = this.holeRows.data;
    const row = -hole << LOG2;
    if (!(row > 0 && row < holes.length && holes[row + LENGTH] > 0)) this.fail(`${hole} is no hole`);
    if (offset < 0 || size <= 0 || offset + size > holes[row + LENGTH])
      this.fail(
        `${size * this.granule} bytes at ${offset * this.granule} do not fit the hole ${this.range(hole)}`,
      );
  }

  /** The hole that holds all of [start, start + size), in granules; whatever is in the way is named. */
  protected holeFor(start: number, size: number, near: Node = 0): Hole {
    if (start < 0 || size <= 0) this.fail(`${this.inBytes(start, size)} is no range`);
    const hole = near === 0 ? this.nodeAt(start) : this.nodeFrom(near, start);
    if (hole === 0) this.fail(`${this.inBytes(start, size)} is outside every segment`);
    if (hole > 0) this.fail(`${this.inBytes(start, size)} overlaps ${this.describe(hole)}`);
    const end = this.startOf(hole) + this.lengthOf(hole);
    if (start + size > end) {
      const next = this.next(hole);
      const past = this.state(next) === State.edge;
      const what = past
        ? `reaches past the segment's end, ${end * this.granule}`
        : `overlaps ${this.describe(next)}`;
      this.fail(`${this.inBytes(start, size)} ${what}`);
    }
    return hole;
  }

  /** Granules [start, start + size) for messages. */
  protected inBytes(start: number, size: number): string {
    return `[${start * this.granule}, ${(start + size) * this.granule})`;
  }

  protected range(node: Node): string {
    return `[${this.start(node)}, ${this.end(node)})`;
  }

  protected describe(node: Node): string {
    if (node < 0) return `the hole ${this.range(node)}`;
    if (this.state(node) === State.control)
      return `the ${CONTROL_NAMES[this.payload(node)]} ${this.range(node)}`;
    return `${this.nameOf(node)} at ${this.range(node)}`;
  }

  protected fail(message: string): never {
    throw new SpaceError(message);
  }
}
