/**
 * The one truth of what lies where: blocks, control ranges and holes of every segment, linked in address order.
 *
 * A node's handle tells what it is:
 *   handle > 0   a slot: an object's block, a control range, or the edge of a segment
 *   handle < 0   a hole, row -handle of the holes' table
 * Each segment is a ring through its edge: next(edge) is its first node, previous(edge) its last one.
 * Invariants: a segment's nodes tile it without gaps or overlaps; no two holes are neighbours.
 * All numbers here are granules, but for what a `HoleIndex` is told. Nothing is checked here: `Space` is the way in.
 *
 * Every event of a replay comes through `carve` and `dissolve` once or twice, so they write links out where a call
 * would read better, and the fields are `private` rather than #: a # field is `undefined` before it is assigned, and V8
 * then no longer takes a number in it for a number.
 */
import type { Kernel, Registers } from "../kernel/kernel.ts";
import { HOLE_ROWS, HOLES as HOLES_AT, SLOT_ROWS, SLOTS, TALLIES } from "../kernel/registers.ts";
import { AddressIndex } from "./address-index.ts";
import { type Column, Columns } from "./columns.ts";
import { LargestHole } from "./largest-hole.ts";
import { chainRow, linkHole, type Node, newRow, Row, TALLY_ENTRIES, Tally } from "./rows.ts";

export type { Node } from "./rows.ts";

/** A policy's own index of the holes, told of each change. During `vanish` the hole can still be read. */
export interface HoleIndex {
  /** A new hole. */
  appear(hole: Node): void;
  /** The hole was taken whole or absorbed by its neighbour. */
  vanish(hole: Node): void;
  /** The hole shrank or grew, at either end; what it was is given, in bytes. */
  change(hole: Node, oldStart: number, oldLength: number): void;
}

const { LOG2, LENGTH, PREVIOUS, NEXT, LENGTH_LINKS } = Row;
const { HOLES, HOLE_GRANULES } = Tally;

/** Nodes that are looked through before an address index is made. */
const FEW = 16;

export class BlockMap {
  /** 4, 8 or 16. */
  readonly granule: number;
  /** Where a policy keeps all of its mutable state. */
  readonly columns: Columns;
  /** Rows of slots; row 0 is never a node. */
  protected readonly slotRows: Column<Int32Array>;
  /** Rows of holes; row 0 is never a node. For a `HoleIndex`: it may read them, and write its two words. */
  readonly holeRows: Column<Int32Array>;
  readonly longest: LargestHole;
  /** All that is counted in whole numbers, in one array that never grows, so that its column need not be asked for it. */
  protected readonly tallies: Int32Array;
  /** Made when an address is first looked up, and again after `forgetIndex`: it follows from the links. */
  private index: AddressIndex | undefined;
  private listener: HoleIndex | undefined;

  constructor(granule: number, kernel?: Kernel) {
    this.granule = granule;
    this.columns = new Columns(kernel?.arena);
    this.slotRows = this.columns.int32(64 << LOG2);
    this.holeRows = this.columns.int32(64 << LOG2);
    this.longest = new LargestHole(this.columns, this.holeRows, {
      rowLog2: LOG2,
      length: LENGTH,
      links: LENGTH_LINKS,
    });
    this.tallies = this.columns.int32(TALLY_ENTRIES).data;
    this.index = undefined;
    this.listener = undefined;
  }

  /** Tells the kernel where all of it lies. */
  bind(registers: Registers): void {
    registers.point(SLOTS, this.slotRows.data);
    registers.set(SLOT_ROWS, this.slotRows.data.length >> LOG2);
    registers.point(HOLES_AT, this.holeRows.data);
    registers.set(HOLE_ROWS, this.holeRows.data.length >> LOG2);
    registers.point(TALLIES, this.tallies);
    this.longest.bind(registers);
  }

  /** The neighbour in address order: a slot, a hole (negative), or the segment's own handle at its end. */
  next(node: Node): Node {
    return node < 0 ? this.holeRows.data[(-node << LOG2) + NEXT] : this.slotRows.data[(node << LOG2) + NEXT];
  }

  previous(node: Node): Node {
    return node < 0
      ? this.holeRows.data[(-node << LOG2) + PREVIOUS]
      : this.slotRows.data[(node << LOG2) + PREVIOUS];
  }

  get holes(): number {
    return this.tallies[HOLES];
  }

  protected startOf(node: Node): number {
    return node < 0 ? this.holeRows.data[-node << LOG2] : this.slotRows.data[node << LOG2];
  }

  protected lengthOf(node: Node): number {
    return node < 0
      ? this.holeRows.data[(-node << LOG2) + LENGTH]
      : this.slotRows.data[(node << LOG2) + LENGTH];
  }

  protected get holeGranules(): number {
    return this.tallies[HOLE_GRANULES];
  }

  protected listen(listener: HoleIndex): void {
    this.listener = listener;
  }

  /** Makes `slot` an empty ring: the edge of a segment that starts at `start`. */
  protected makeEdge(slot: Node, start: number): void {
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    slots[row] = start;
    slots[row + LENGTH] = 0;
    slots[row + PREVIOUS] = slot;
    slots[row + NEXT] = slot;
  }

  /** Puts `slot` into `hole`, `offset` from its start. What is left below keeps the hole's row, if anything is. */
  protected carve(hole: Node, offset: number, length: number, slot: Node): void {
    const holes = this.holeRows.data;
    const slots = this.slotRows.data;
    const from = -hole << LOG2;
    const to = slot << LOG2;
    const start = holes[from];
    const rest = holes[from + LENGTH] - offset - length;
    const previous = holes[from + PREVIOUS];
    const next = holes[from + NEXT];
    slots[to] = start + offset;
    slots[to + LENGTH] = length;
    if (offset === 0) {
      if (previous < 0) holes[(-previous << LOG2) + NEXT] = slot;
      else slots[(previous << LOG2) + NEXT] = slot;
      slots[to + PREVIOUS] = previous;
      if (rest > 0) {
        slots[to + NEXT] = hole;
        holes[from + PREVIOUS] = slot;
        this.setHole(hole, start + length, rest);
      } else {
        slots[to + NEXT] = next;
        if (next < 0) holes[(-next << LOG2) + PREVIOUS] = slot;
        else slots[(next << LOG2) + PREVIOUS] = slot;
        this.dropHole(hole);
      }
    } else {
      this.setHole(hole, start, offset);
      this.join(hole, slot);
      this.join(slot, next);
      if (rest > 0) this.newHole(start + offset + length, rest, slot, next);
    }
    if (this.index !== undefined) this.index.insert(slot, start + offset);
  }

  /** Takes `slot` out and gives back the hole that now covers its range, merged with its neighbours. */
  protected dissolve(slot: Node): Node {
    const slots = this.slotRows.data;
    const holes = this.holeRows.data;
    const row = slot << LOG2;
    const start = slots[row];
    const length = slots[row + LENGTH];
    const previous = slots[row + PREVIOUS];
    const next = slots[row + NEXT];
    if (this.index !== undefined) this.index.remove(slot, start, this.inSegment(next, start));
    if (previous < 0) {
      const below = -previous << LOG2;
      let merged = holes[below + LENGTH] + length;
      let after = next;
      if (next < 0) {
        merged += holes[(-next << LOG2) + LENGTH];
        after = holes[(-next << LOG2) + NEXT];
        this.dropHole(next);
      }
      holes[below + NEXT] = after;
      slots[(after << LOG2) + PREVIOUS] = previous;
      this.setHole(previous, holes[below], merged);
      return previous;
    }
    if (next >= 0) return this.newHole(start, length, previous, next);
    slots[(previous << LOG2) + NEXT] = next;
    holes[(-next << LOG2) + PREVIOUS] = previous;
    this.setHole(next, start, holes[(-next << LOG2) + LENGTH] + length);
    return next;
  }

  /** Sets `slot`'s range inside what it and the holes beside it cover; those shrink, grow, appear or vanish. */
  protected refit(slot: Node, start: number, length: number): void {
    const slots = this.slotRows.data;
    const row = slot << LOG2;
    const oldStart = slots[row];
    const oldEnd = oldStart + slots[row + LENGTH];
    const previous = slots[row + PREVIOUS];
    const next = slots[row + NEXT];
    const low = previous < 0 ? this.startOf(previous) : oldStart;
    const high = next < 0 ? this.startOf(next) + this.lengthOf(next) : oldEnd;
    if (start !== oldStart) this.index?.remove(slot, oldStart, this.inSegment(next, oldStart));
    slots[row] = start;
    slots[row + LENGTH] = length;
    this.gap(previous, low, start - low, previous, slot);
    this.gap(next, start + length, high - start - length, slot, next);
    if (start !== oldStart) this.index?.insert(slot, start);
  }

  protected get followed(): boolean {
    return this.listener !== undefined;
  }

  /** Makes `length` free granules at the end of the ring of `edge`, at `start`. Returns the hole they are in. */
  protected append(edge: Node, start: number, length: number): Node {
    const last = this.previous(edge);
    if (last >= 0) return this.newHole(start, length, last, edge);
    this.setHole(last, this.startOf(last), this.lengthOf(last) + length);
    return last;
  }

  /** Takes `length` granules off the last hole of the ring of `edge`, which has at least as many. */
  protected cut(edge: Node, length: number): void {
    const last = this.previous(edge);
    if (this.lengthOf(last) === length) {
      this.join(this.previous(last), edge);
      this.dropHole(last);
    } else this.setHole(last, this.startOf(last), this.lengthOf(last) - length);
  }

  /** The node that covers granule `start`; 0 where no segment has it. */
  protected nodeAt(start: number): Node {
    if (this.index === undefined) {
      // A policy that sets its tables aside at the beginning is not made to keep an index for it.
      const near = this.among(start, FEW);
      if (near !== 0) return near;
      this.index = this.indexAll();
    }
    const node = this.index.below(start);
    return node === 0 ? 0 : this.onward(node, start);
  }

  /** The node that covers granule `start`, in the segment of `near`, by the links from there; 0 if none does. */
  protected nodeFrom(near: Node, start: number): Node {
    let node = near;
    while (this.startOf(node) > start) {
      const before = this.previous(node);
      if (this.startOf(before) >= this.startOf(node)) return 0; // the edge: the segment begins above `start`
      node = before;
    }
    return this.onward(node, start);
  }

  /** The state was changed elsewhere, or replaced: the address index is made again when it is next needed. */
  protected forgetIndex(): void {
    this.index = undefined;
  }

  /** Every segment's edge, for the index to begin from. */
  protected edges(): Iterable<Node> {
    return [];
  }

  /** The node that covers granule `start`, from one on that begins at or before it; 0 behind the segment's end. */
  private onward(from: Node, start: number): Node {
    for (let node = from; ; ) {
      const end = this.startOf(node) + this.lengthOf(node);
      if (start < end) return node;
      const next = this.next(node);
      if (this.startOf(next) < end || next === node) return 0; // the edge: the segment ends below `start`
      node = next;
    }
  }

  /** The node that covers granule `start`, if it is among the first `most` of the first segment; else 0. */
  private among(start: number, most: number): Node {
    for (const edge of this.edges()) {
      let node = this.next(edge);
      for (let i = 0; i < most && node !== edge && this.startOf(node) <= start; i++, node = this.next(node))
        if (start < this.startOf(node) + this.lengthOf(node)) return node;
      break;
    }
    return 0;
  }

  private indexAll(): AddressIndex {
    const index = new AddressIndex(new Columns(), (node) => this.startOf(node));
    for (const edge of this.edges())
      for (let node = this.next(edge); node !== edge; node = this.next(node))
        index.insert(node, this.startOf(node));
    return index;
  }

  /** `next`, or 0 if it is the edge that closes the ring: its start lies below. */
  private inSegment(next: Node, start: number): Node {
    return this.startOf(next) > start ? next : 0;
  }

  private join(before: Node, after: Node): void {
    if (before < 0) this.holeRows.data[(-before << LOG2) + NEXT] = after;
    else this.slotRows.data[(before << LOG2) + NEXT] = after;
    if (after < 0) this.holeRows.data[(-after << LOG2) + PREVIOUS] = before;
    else this.slotRows.data[(after << LOG2) + PREVIOUS] = before;
  }

  /** What lies free between `before` and `after`, one of which is `beside`, is [start, start + length) from now on. */
  private gap(beside: Node, start: number, length: number, before: Node, after: Node): void {
    if (beside >= 0) {
      if (length > 0) this.newHole(start, length, before, after);
    } else if (length === 0) {
      if (before === beside) this.join(this.previous(beside), after);
      else this.join(before, this.next(beside));
      this.dropHole(beside);
    } else if (start !== this.startOf(beside) || length !== this.lengthOf(beside))
      this.setHole(beside, start, length);
  }

  private newHole(start: number, length: number, before: Node, after: Node): Node {
    const counts = this.tallies;
    const hole = newRow(this.holeRows, counts);
    counts[HOLE_GRANULES] += length;
    linkHole(this.holeRows.data, this.slotRows.data, hole, start, length, before, after);
    this.longest.insert(-hole, length);
    if (this.index !== undefined) this.index.insert(hole, start);
    if (this.listener !== undefined) this.listener.appear(hole);
    return hole;
  }

  private setHole(hole: Node, start: number, length: number): void {
    const holes = this.holeRows.data;
    const row = -hole << LOG2;
    const oldStart = holes[row];
    const oldLength = holes[row + LENGTH];
    holes[row] = start;
    holes[row + LENGTH] = length;
    this.longest.change(-hole, oldLength, length);
    this.tallies[HOLE_GRANULES] += length - oldLength;
    if (start !== oldStart && this.index !== undefined) {
      this.index.remove(hole, oldStart, this.inSegment(holes[row + NEXT], oldStart));
      this.index.insert(hole, start);
    }
    if (this.listener !== undefined)
      this.listener.change(hole, oldStart * this.granule, oldLength * this.granule);
  }

  /** Gives up the row of a hole that is not linked any more, though its own links still say where it was. */
  private dropHole(hole: Node): void {
    if (this.listener !== undefined) this.listener.vanish(hole);
    const holes = this.holeRows.data;
    const row = -hole << LOG2;
    const counts = this.tallies;
    const length = holes[row + LENGTH];
    this.longest.remove(-hole, length);
    if (this.index !== undefined)
      this.index.remove(hole, holes[row], this.inSegment(holes[row + NEXT], holes[row]));
    counts[HOLE_GRANULES] -= length;
    holes[row + LENGTH] = 0;
    chainRow(holes, counts, hole);
  }
}
