/**
 * What a sequential fit needs of its heap, whether it merges at once (`MergedRanges`) or puts it off
 * (`UnmergedRanges`). All lengths are bytes and multiples of the granule.
 */
import type { Registers } from "../../kernel/kernel.ts";
import type { Node } from "../../space/block-map.ts";
import type { Address, Slot } from "../../space/space.ts";
import type { AddressMap, FreeList } from "./free-list.ts";

export interface FreeRanges {
  readonly map: AddressMap;
  /** Every free range, and nothing else. */
  readonly list: FreeList;
  /** For the kernel, if it knows them: where they lie. */
  bind?(registers: Registers): void;
  /** `blockAt` is asked about this one next. */
  note?(block: Node): void;
  /** The block that begins at `start`; `slot` holds it, where that is known. */
  blockAt(start: Address, slot?: Slot): Node;
  /**
   * Makes a block of `length` bytes, `lead` bytes into a free range; what is left below stays the range, or else
   * what is left above. If both are, the upper one is new to the list.
   */
  take(range: Node, lead: number, length: number, slot: Slot): void;
  /** Frees a block. Returns the free range that now covers it. */
  give(block: Node): Node;
  /** Sets where a block ends: frees its tail, or takes from the free range that follows it. */
  resize(block: Node, length: number): void;
  /** Extends the heap. Returns the free range at its end, or 0 at the limit. */
  extend(bytes: number): Node;
  /** Merges all free neighbours. Returns whether there were any. */
  coalesce(): boolean;
  /** The heap's last node. */
  last(): Node;
  /** Throws if the ranges are not what is free in the space. */
  validate(): void;
}
