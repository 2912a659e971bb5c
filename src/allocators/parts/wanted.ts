/** What a search looks for, and how many entries it has looked at. */
import type { Node } from "../../space/block-map.ts";
import type { Address } from "../../space/space.ts";
import { roundUp } from "../contract.ts";
import type { AddressMap } from "./free-list.ts";
import type { LongestPages } from "./longest-pages.ts";

export class Wanted {
  /** Bytes of the block. */
  length = 0;
  /** The same in granules. */
  granules = 0;
  /** Of the payload: a power of two, or 0 where the start of every range will do. */
  align = 0;
  /** Entries of the list looked at so far. */
  looked = 0;
  private readonly map: AddressMap;
  private readonly header: number;
  private readonly smallest: number;
  private readonly inverse: number;

  /** Blocks have `header` bytes before their payload and are `smallest` bytes or more, in all. */
  constructor(map: AddressMap, header: number, smallest: number) {
    this.map = map;
    this.header = header;
    this.smallest = smallest;
    this.inverse = 1 / map.granule;
  }

  set(length: number, align: number): void {
    this.length = length;
    this.granules = (length * this.inverse) | 0;
    this.align = align;
    this.looked = 0;
  }

  /** Looks at an entry of the list: does the block fit in? */
  fits(range: Node): boolean {
    this.looked++;
    return this.holds(range);
  }

  /** The same, without counting it. */
  holds(range: Node): boolean {
    const rest = this.map.length(range) - this.length;
    return rest >= 0 && (this.align === 0 || rest >= this.lead(this.map.start(range)));
  }

  /** The first range of a list behind `range`, or of all if that is 0, that the block fits in; those before uncounted. */
  after(range: Node, ranges: LongestPages): Node {
    let next = ranges.after(range, this.granules);
    while (next !== 0 && this.align !== 0 && !this.holds(next)) next = ranges.after(next, this.granules);
    return next;
  }

  /**
   * Bytes between the start of a range and that of the block. They stay free, so they are 0 or at least a smallest
   * block: where the gap to the aligned address is less, the block goes one or more alignments further up.
   */
  lead(start: Address): number {
    if (this.align === 0) return 0;
    const payload = start + this.header;
    const gap = roundUp(payload, this.align) - payload;
    return gap === 0 || gap >= this.smallest ? gap : roundUp(payload + this.smallest, this.align) - payload;
  }
}
