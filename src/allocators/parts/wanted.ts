/** What a search looks for, and how many entries it has looked at. */
import type { Node } from "../../space/block-map.ts";
import type { Address } from "../../space/space.ts";
import { roundUp } from "../contract.ts";
import type { AddressMap } from "./free-list.ts";

export class Wanted {
  /** Bytes of the block. */
  length = 0;
  /** Of the payload: a power of two, or 0 where the start of every range will do. */
  align = 0;
  /** Entries of the list looked at so far. */
  looked = 0;
  readonly #map: AddressMap;
  readonly #header: number;
  readonly #smallest: number;

  /** Blocks have `header` bytes before their payload and are `smallest` bytes or more, in all. */
  constructor(map: AddressMap, header: number, smallest: number) {
    this.#map = map;
    this.#header = header;
    this.#smallest = smallest;
  }

  set(length: number, align: number): void {
    this.length = length;
    this.align = align;
    this.looked = 0;
  }

  /** Looks at an entry of the list: does the block fit in? */
  fits(range: Node): boolean {
    this.looked++;
    const rest = this.#map.length(range) - this.length;
    return rest >= 0 && (this.align === 0 || rest >= this.lead(this.#map.start(range)));
  }

  /**
   * Bytes between the start of a range and that of the block. They stay free, so they are 0 or at least a smallest
   * block: where the gap to the aligned address is less, the block goes one or more alignments further up.
   */
  lead(start: Address): number {
    if (this.align === 0) return 0;
    const payload = start + this.#header;
    const gap = roundUp(payload, this.align) - payload;
    return gap === 0 || gap >= this.#smallest ? gap : roundUp(payload + this.#smallest, this.align) - payload;
  }
}
