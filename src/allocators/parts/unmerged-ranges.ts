/**
 * Deferred coalescing (Wilson, Johnstone, Neely and Boles 1995, section 3.11): a freed block goes on the list as
 * it is, in the hope that its size is soon asked for again; when nothing fits, all free neighbours are merged in one
 * sweep, O(free ranges). A merged range has the place in the list that its lowest piece had.
 *
 * A table of all chunks, blocks and free ranges, that tile the heap: 16 bytes a chunk. It says where the free ranges
 * end, which the space's holes do not; the space learns of the blocks from replay, by address.
 */
import { AddressIndex } from "../../space/address-index.ts";
import type { Node } from "../../space/block-map.ts";
import type { Column } from "../../space/columns.ts";
import { type Address, type Space, SpaceError } from "../../space/space.ts";
import { type AddressMap, FreeList, type Order } from "./free-list.ts";
import type { FreeRanges } from "./free-ranges.ts";

/**
 * A row: start and length in granules, then the neighbours' handles, +row for a block, -row for a free range. Row 0
 * is the edge: previous(0) is the heap's last chunk, next(0) its first.
 */
const STRIDE = 4;
const LENGTH = 1;
const PREVIOUS = 2;
const NEXT = 3;

const VACANT = 0;
const ROWS = 1;

export class UnmergedRanges implements FreeRanges, AddressMap {
  readonly map = this;
  readonly list: FreeList;
  private readonly space: Space;
  readonly granule: number;
  private readonly chunks: Column<Int32Array>;
  /** [first vacant row, chained by NEXT; rows ever used]. */
  private readonly state: Column<Int32Array>;
  private readonly index: AddressIndex;

  constructor(space: Space, order: Order) {
    this.space = space;
    this.granule = space.granule;
    this.chunks = space.columns.int32(64 * STRIDE);
    this.state = space.columns.int32(2);
    this.index = new AddressIndex(space.columns, (row) => this.chunks.data[row * STRIDE]);
    this.list = new FreeList(space.columns, this, order);
    const hole = space.previous(space.heap);
    if (hole < 0) this.list.insert(this.make(-1, space.start(hole), space.length(hole), 0));
  }

  start(node: Node): Address {
    return this.chunks.data[Math.abs(node) * STRIDE] * this.granule;
  }

  length(node: Node): number {
    return this.chunks.data[Math.abs(node) * STRIDE + LENGTH] * this.granule;
  }

  previous(node: Node): Node {
    return this.chunks.data[Math.abs(node) * STRIDE + PREVIOUS];
  }

  next(node: Node): Node {
    return this.chunks.data[Math.abs(node) * STRIDE + NEXT];
  }

  last(): Node {
    return this.previous(0);
  }

  blockAt(start: Address): Node {
    let node: Node = this.index.below(start / this.granule);
    while (node !== 0 && this.start(node) < start) node = this.next(node);
    node = this.next(this.previous(node)); // from a row to its handle
    if (node <= 0 || this.start(node) !== start) throw new SpaceError(`no block starts at ${start}`);
    return node;
  }

  take(range: Node, lead: number, length: number): void {
    const start = this.start(range) + lead;
    const rest = this.length(range) - lead - length;
    if (lead > 0) {
      this.set(range, this.start(range), lead);
      const block = this.make(1, start, length, range);
      if (rest > 0) this.list.insert(this.make(-1, start + length, rest, block));
    } else if (rest > 0) {
      this.set(range, start + length, rest);
      this.make(1, start, length, this.previous(range));
    } else {
      this.list.remove(range);
      this.turn(range);
    }
  }

  give(block: Node): Node {
    const range = this.turn(block);
    this.list.insert(range);
    return range;
  }

  resize(block: Node, length: number): void {
    const end = this.start(block) + length;
    const rest = this.length(block) - length;
    const next = this.next(block);
    this.set(block, this.start(block), length);
    if (rest > 0) this.list.insert(this.make(-1, end, rest, block));
    else if (rest + this.length(next) > 0) this.set(next, end, this.length(next) + rest);
    else if (rest < 0) this.drop(next);
  }

  extend(bytes: number): Node {
    const end = this.space.segmentEnd(this.space.heap);
    if (this.space.extend(bytes) === 0) return 0;
    const last = this.last();
    if (last >= 0) {
      const range = this.make(-1, end, bytes, last);
      this.list.insert(range);
      return range;
    }
    this.set(last, this.start(last), this.length(last) + bytes);
    return last;
  }

  coalesce(): boolean {
    const { size } = this.list;
    for (let range = this.list.first; range !== 0; range = this.list.next(range))
      for (let next = this.next(range); next < 0; next = this.next(range)) {
        const length = this.length(range) + this.length(next);
        this.drop(next);
        this.set(range, this.start(range), length);
      }
    return this.list.size < size;
  }

  validate(): void {
    const space = this.space;
    this.list.validate();
    let at = space.segmentEnd(space.heap);
    let free = 0;
    for (let node = this.last(); node !== 0; node = this.previous(node)) {
      at -= this.length(node);
      if (this.start(node) !== at) throw new SpaceError(`a chunk at ${this.start(node)} should be at ${at}`);
      if (this.next(this.previous(node)) !== node)
        throw new SpaceError(`the chunk before ${at} is linked elsewhere`);
      const held = space.at(at);
      if (node < 0) free++;
      if (
        node < 0
          ? held >= 0
          : held <= 0 || space.start(held) !== at || space.length(held) !== this.length(node)
      )
        throw new SpaceError(
          `the chunk [${at}, ${at + this.length(node)}) is not what the space holds there`,
        );
    }
    if (free !== this.list.size)
      throw new SpaceError(`${this.list.size} ranges are in the free list, ${free} chunks are free`);
  }

  /** A chunk of `length` bytes after `before`; free if `sign` is -1. */
  private make(sign: 1 | -1, start: Address, length: number, before: Node): Node {
    const state = this.state.data;
    let row = state[VACANT];
    if (row === 0) {
      row = ++state[ROWS];
      this.chunks.grow((row + 1) * STRIDE);
    } else state[VACANT] = this.chunks.data[row * STRIDE + NEXT];
    const node = sign * row;
    const after = this.next(before);
    this.join(before, node);
    this.join(node, after);
    const chunks = this.chunks.data;
    chunks[row * STRIDE] = start / this.granule;
    chunks[row * STRIDE + LENGTH] = length / this.granule;
    this.index.insert(row, chunks[row * STRIDE]);
    return node;
  }

  private set(node: Node, start: Address, length: number): void {
    const chunks = this.chunks.data;
    const row = Math.abs(node);
    const from = chunks[row * STRIDE];
    const to = start / this.granule;
    if (to !== from) this.index.remove(row, from, Math.abs(chunks[row * STRIDE + NEXT]));
    chunks[row * STRIDE] = to;
    chunks[row * STRIDE + LENGTH] = length / this.granule;
    if (to !== from) this.index.insert(row, to);
    if (node < 0) this.list.resized(node);
  }

  /** Takes a free range out of the list and the table. */
  private drop(range: Node): void {
    const row = -range;
    this.list.remove(range);
    this.index.remove(row, this.chunks.data[row * STRIDE], Math.abs(this.next(range)));
    this.join(this.previous(range), this.next(range));
    this.chunks.data[row * STRIDE + NEXT] = this.state.data[VACANT];
    this.state.data[VACANT] = row;
  }

  /** A block becomes a free range, or the other way round: its neighbours know it by its new handle. */
  private turn(node: Node): Node {
    this.join(this.previous(node), -node);
    this.join(-node, this.next(node));
    return -node;
  }

  private join(before: Node, after: Node): void {
    const chunks = this.chunks.data;
    chunks[Math.abs(before) * STRIDE + NEXT] = after;
    chunks[Math.abs(after) * STRIDE + PREVIOUS] = before;
  }
}
