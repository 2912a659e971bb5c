/**
 * The one truth of what lies where: blocks, control ranges and holes of every segment, linked in address order.
 *
 * A node's handle tells what it is:
 *   handle > 0   a slot: an object's block, a control range, or the edge of a segment
 *   handle < 0   a hole, row -handle of the holes' table
 * Each segment is a ring through its edge: next(edge) is its first node, previous(edge) its last one.
 * Invariants: a segment's nodes tile it without gaps or overlaps; no two holes are neighbours.
 * All numbers here are granules. Nothing is checked here: `Space` is the way in.
 */
import { AddressIndex } from "./address-index.ts";
import { type Column, Columns } from "./columns.ts";
import { HoleSizes } from "./hole-sizes.ts";

export type Node = number;

/** A policy's own index of the holes, told of each change. During `vanish` the hole can still be read. */
export interface HoleIndex {
  /** A new hole. */
  appear(hole: Node): void;
  /** The hole was taken whole or absorbed by its neighbour. */
  vanish(hole: Node): void;
  /** The hole shrank or grew, at either end; what it was is given, in bytes. */
  change(hole: Node, oldStart: number, oldLength: number): void;
}

/** Nodes are four numbers: start, length, previous, next. Rows of vacant slots and holes are chained by `next`. */
export const STRIDE = 4;
const LENGTH = 1;
const PREVIOUS = 2;
const NEXT = 3;

/** Nodes that are looked through before an address index is made. */
const FEW = 16;

const FREE_HOLE = 0;
const HOLES = 1;
const HOLE_GRANULES = 2;

export class BlockMap {
  /** Rows of slots; row 0 is never a node. */
  readonly slots: Column<Int32Array>;
  /** Rows of holes; row 0 is never a node. */
  readonly holes: Column<Int32Array>;
  readonly sizes: HoleSizes;
  /** [first vacant row of `holes`, number of holes, granules in them]. */
  readonly #state: Column<Int32Array>;
  /** Made when an address is first looked up, and again after `forget`: it follows from the links. */
  #index: AddressIndex | undefined;
  #listener: HoleIndex | undefined;
  readonly #granule: number;

  constructor(columns: Columns, granule: number) {
    this.slots = columns.int32(64 * STRIDE);
    this.holes = columns.int32(64 * STRIDE);
    this.#state = columns.int32(3);
    this.sizes = new HoleSizes(columns);
    this.#granule = granule;
  }

  start(node: Node): number {
    return node < 0 ? this.holes.data[-node * STRIDE] : this.slots.data[node * STRIDE];
  }

  length(node: Node): number {
    return node < 0 ? this.holes.data[-node * STRIDE + LENGTH] : this.slots.data[node * STRIDE + LENGTH];
  }

  previous(node: Node): Node {
    return node < 0 ? this.holes.data[-node * STRIDE + PREVIOUS] : this.slots.data[node * STRIDE + PREVIOUS];
  }

  next(node: Node): Node {
    return node < 0 ? this.holes.data[-node * STRIDE + NEXT] : this.slots.data[node * STRIDE + NEXT];
  }

  isHole(node: Node): boolean {
    return (
      node < 0 && -node * STRIDE < this.holes.data.length && this.holes.data[-node * STRIDE + LENGTH] > 0
    );
  }

  get holeCount(): number {
    return this.#state.data[HOLES];
  }

  get holeGranules(): number {
    return this.#state.data[HOLE_GRANULES];
  }

  get largestHole(): number {
    return this.sizes.largest(this.holes.data, STRIDE);
  }

  set listener(listener: HoleIndex) {
    this.#listener = listener;
  }

  /** Makes `slot` an empty ring: the edge of a segment that starts at `start`. */
  edge(slot: Node, start: number): void {
    const slots = this.slots.data;
    slots[slot * STRIDE] = start;
    slots[slot * STRIDE + LENGTH] = 0;
    slots[slot * STRIDE + PREVIOUS] = slot;
    slots[slot * STRIDE + NEXT] = slot;
  }

  /** Puts `slot` into `hole`, `offset` from its start. What is left below keeps the hole's row, if anything is. */
  carve(hole: Node, offset: number, length: number, slot: Node): void {
    const holes = this.holes.data;
    const row = -hole * STRIDE;
    const start = holes[row];
    const rest = holes[row + LENGTH] - offset - length;
    const previous = holes[row + PREVIOUS];
    const next = holes[row + NEXT];
    const slots = this.slots.data;
    slots[slot * STRIDE] = start + offset;
    slots[slot * STRIDE + LENGTH] = length;
    if (offset > 0) {
      this.#setHole(hole, start, offset);
      this.#join(hole, slot);
      this.#join(slot, next);
      if (rest > 0) this.#newHole(start + offset + length, rest, slot, next);
    } else if (rest > 0) {
      this.#setHole(hole, start + length, rest);
      this.#join(previous, slot);
      this.#join(slot, hole);
    } else {
      this.#dropHole(hole);
      this.#join(previous, slot);
      this.#join(slot, next);
    }
    this.#index?.insert(slot, start + offset);
  }

  /** Takes `slot` out and gives back the hole that now covers its range, merged with its neighbours. */
  dissolve(slot: Node): Node {
    const slots = this.slots.data;
    const row = slot * STRIDE;
    const start = slots[row];
    const length = slots[row + LENGTH];
    const previous = slots[row + PREVIOUS];
    const next = slots[row + NEXT];
    this.#index?.remove(slot, start, this.#inSegment(next, start));
    this.#join(previous, next);
    if (previous < 0) {
      let grown = length;
      if (next < 0) {
        grown += this.holes.data[-next * STRIDE + LENGTH];
        this.#dropHole(next);
      }
      const holes = this.holes.data;
      this.#setHole(previous, holes[-previous * STRIDE], holes[-previous * STRIDE + LENGTH] + grown);
      return previous;
    }
    if (next < 0) {
      const holes = this.holes.data;
      this.#setHole(next, start, holes[-next * STRIDE + LENGTH] + length);
      return next;
    }
    return this.#newHole(start, length, previous, next);
  }

  /** Sets `slot`'s range inside what it and the holes beside it cover; those shrink, grow, appear or vanish. */
  resize(slot: Node, start: number, length: number): void {
    const slots = this.slots.data;
    const row = slot * STRIDE;
    const oldStart = slots[row];
    const oldEnd = oldStart + slots[row + LENGTH];
    const previous = slots[row + PREVIOUS];
    const next = slots[row + NEXT];
    const low = previous < 0 ? this.start(previous) : oldStart;
    const high = next < 0 ? this.start(next) + this.length(next) : oldEnd;
    if (start !== oldStart) this.#index?.remove(slot, oldStart, this.#inSegment(next, oldStart));
    slots[row] = start;
    slots[row + LENGTH] = length;
    const before = previous < 0 ? this.previous(previous) : previous;
    const after = next < 0 ? this.next(next) : next;
    this.#gap(previous < 0 ? previous : 0, low, start - low, before, slot);
    this.#gap(next < 0 ? next : 0, start + length, high - start - length, slot, after);
    if (start !== oldStart) this.#index?.insert(slot, start);
  }

  /** Makes `length` free granules at the end of the ring of `edge`, at `start`. Returns the hole they are in. */
  append(edge: Node, start: number, length: number): Node {
    const last = this.previous(edge);
    if (last >= 0) return this.#newHole(start, length, last, edge);
    this.#setHole(last, this.start(last), this.length(last) + length);
    return last;
  }

  /** Takes `length` granules off the last hole of the ring of `edge`, which has at least as many. */
  cut(edge: Node, length: number): void {
    const last = this.previous(edge);
    if (this.length(last) === length) this.#dropHole(last);
    else this.#setHole(last, this.start(last), this.length(last) - length);
  }

  /** The node that covers granule `start`, in the segment of `near`, by the links from there; 0 if none does. */
  from(near: Node, start: number): Node {
    let node = near;
    while (this.start(node) > start) {
      const before = this.previous(node);
      if (this.start(before) >= this.start(node)) return 0; // the edge: the segment begins above `start`
      node = before;
    }
    return this.#onward(node, start);
  }

  /** The node that covers granule `start`; 0 where no segment has it. */
  at(start: number): Node {
    if (this.#index === undefined) {
      // A policy that sets its tables aside at the beginning is not made to keep an index for it.
      const near = this.#among(start, FEW);
      if (near !== 0) return near;
      this.#index = this.#indexAll();
    }
    const node = this.#index.below(start);
    return node === 0 ? 0 : this.#onward(node, start);
  }

  /** The state was replaced as a whole: the address index is made again when it is next needed. */
  forget(): void {
    this.#index = undefined;
  }

  /** Every segment's edge, for the index to begin from. */
  edges: () => Iterable<Node> = () => [];

  /** The node that covers granule `start`, from one on that begins at or before it; 0 behind the segment's end. */
  #onward(from: Node, start: number): Node {
    for (let node = from; ; ) {
      const end = this.start(node) + this.length(node);
      if (start < end) return node;
      const next = this.next(node);
      if (this.start(next) < end || next === node) return 0; // the edge: the segment ends below `start`
      node = next;
    }
  }

  /** The node that covers granule `start`, if it is among the first `most` of the first segment; else 0. */
  #among(start: number, most: number): Node {
    for (const edge of this.edges()) {
      let node = this.next(edge);
      for (let i = 0; i < most && node !== edge && this.start(node) <= start; i++, node = this.next(node))
        if (start < this.start(node) + this.length(node)) return node;
      break;
    }
    return 0;
  }

  #indexAll(): AddressIndex {
    const index = new AddressIndex(new Columns(), (node) => this.start(node));
    for (const edge of this.edges())
      for (let node = this.next(edge); node !== edge; node = this.next(node))
        index.insert(node, this.start(node));
    return index;
  }

  /** `next`, or 0 if it is the edge that closes the ring: its start lies below. */
  #inSegment(next: Node, start: number): Node {
    return this.start(next) > start ? next : 0;
  }

  #join(before: Node, after: Node): void {
    if (before < 0) this.holes.data[-before * STRIDE + NEXT] = after;
    else this.slots.data[before * STRIDE + NEXT] = after;
    if (after < 0) this.holes.data[-after * STRIDE + PREVIOUS] = before;
    else this.slots.data[after * STRIDE + PREVIOUS] = before;
  }

  #gap(hole: Node, start: number, length: number, before: Node, after: Node): void {
    if (hole !== 0 && length > 0) {
      if (start !== this.start(hole) || length !== this.length(hole)) this.#setHole(hole, start, length);
    } else if (hole !== 0) this.#dropHole(hole);
    else if (length > 0) this.#newHole(start, length, before, after);
  }

  #newHole(start: number, length: number, before: Node, after: Node): Node {
    const state = this.#state.data;
    let row = state[FREE_HOLE];
    if (row === 0) {
      row = state[HOLES] + 1; // no vacant row below the count: the table is full up to it
      if ((row + 1) * STRIDE > this.holes.data.length) this.holes.grow((row + 1) * STRIDE);
    } else state[FREE_HOLE] = this.holes.data[row * STRIDE + NEXT];
    state[HOLES]++;
    state[HOLE_GRANULES] += length;
    const holes = this.holes.data;
    holes[row * STRIDE] = start;
    holes[row * STRIDE + LENGTH] = length;
    this.#join(before, -row);
    this.#join(-row, after);
    this.sizes.insert(row, length);
    this.#index?.insert(-row, start);
    this.#listener?.appear(-row);
    return -row;
  }

  #setHole(hole: Node, start: number, length: number): void {
    const holes = this.holes.data;
    const row = -hole * STRIDE;
    const oldStart = holes[row];
    const oldLength = holes[row + LENGTH];
    this.sizes.change(-hole, oldLength, length);
    this.#state.data[HOLE_GRANULES] += length - oldLength;
    if (start !== oldStart) this.#index?.remove(hole, oldStart, this.#inSegment(holes[row + NEXT], oldStart));
    holes[row] = start;
    holes[row + LENGTH] = length;
    if (start !== oldStart) this.#index?.insert(hole, start);
    this.#listener?.change(hole, oldStart * this.#granule, oldLength * this.#granule);
  }

  #dropHole(hole: Node): void {
    const holes = this.holes.data;
    const row = -hole * STRIDE;
    const state = this.#state.data;
    this.#listener?.vanish(hole);
    this.sizes.remove(-hole, holes[row + LENGTH]);
    this.#index?.remove(hole, holes[row], this.#inSegment(holes[row + NEXT], holes[row]));
    this.#join(holes[row + PREVIOUS], holes[row + NEXT]);
    state[HOLES]--;
    state[HOLE_GRANULES] -= holes[row + LENGTH];
    holes[row + LENGTH] = 0;
    holes[row + NEXT] = state[FREE_HOLE];
    state[FREE_HOLE] = -hole;
  }
}
