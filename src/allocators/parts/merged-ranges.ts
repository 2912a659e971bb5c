/**
 * Immediate coalescing: the free ranges are the space's own holes, and a block is its slot. With boundary tags
 * (Knuth, TAOCP vol. 1, section 2.5, Algorithm C) merging is O(1), as it is here.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { HoleIndex, Node } from "../../space/block-map.ts";
import { type Address, type Slot, type Space, SpaceError } from "../../space/space.ts";
import { FreeList, type Order } from "./free-list.ts";
import type { FreeRanges } from "./free-ranges.ts";
import { RecentBlock } from "./recent-block.ts";

export class MergedRanges implements FreeRanges, HoleIndex {
  readonly map: Space;
  readonly list: FreeList;
  private readonly recent: RecentBlock;

  constructor(space: Space, order: Order) {
    this.map = space;
    this.list = new FreeList(space.columns, space, order);
    this.recent = new RecentBlock(space);
    space.follow(this);
  }

  bind(registers: Registers): void {
    this.recent.bind(registers, OF_POLICY + 3);
    this.list.bind(registers);
  }

  note(block: Node): void {
    this.recent.note(block);
  }

  blockAt(start: Address, slot?: Slot): Node {
    return slot ?? this.recent.at(start);
  }

  take(range: Node, lead: number, length: number, slot: Slot): void {
    this.map.take(range, lead, length, slot);
    this.note(slot);
  }

  give(block: Node): Node {
    return this.map.give(block);
  }

  resize(block: Node, length: number): void {
    this.map.resize(block, this.map.start(block), length);
  }

  extend(bytes: number): Node {
    return this.map.extend(bytes);
  }

  coalesce(): boolean {
    return false;
  }

  last(): Node {
    return this.map.previous(this.map.heap);
  }

  validate(): void {
    this.list.validate();
    const { size } = this.list;
    if (size !== this.map.holes)
      throw new SpaceError(`${size} ranges are in the free list, ${this.map.holes} holes in the space`);
    for (let range = this.list.first; range !== 0; range = this.list.next(range))
      if (this.map.at(this.map.start(range)) !== range)
        throw new SpaceError(`the free list holds ${range} at ${this.map.start(range)}, which is no hole`);
  }

  // The space tells of its holes.

  appear(hole: Node): void {
    this.list.insert(hole);
  }

  vanish(hole: Node): void {
    this.list.remove(hole);
  }

  change(hole: Node, _oldStart: Address, oldLength: number): void {
    if (this.map.length(hole) > oldLength) this.list.grown(hole);
    else this.list.resized(hole);
  }
}
