/** What each object was aligned to, by slot: a collector that moves must keep to it. */
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import type { Column, Columns } from "../space/columns.ts";
import { type Slot, type Space, SpaceError } from "../space/space.ts";
import { eachBlock } from "./each-block.ts";

export class Alignments {
  /** Exponent of the power of two; 0 for the policy's own alignment. */
  readonly #exponents: Column<Uint8Array>;
  /** [1 once an alignment was asked for]. */
  readonly #asked: Uint8Array;

  constructor(columns: Columns) {
    this.#exponents = columns.uint8(64);
    this.#asked = columns.uint8(1).data;
  }

  /** Of an object just placed; `align` is 0 or a power of two up to 2^31. */
  set(slot: Slot, align: number): void {
    if (slot >= this.#exponents.data.length) this.#exponents.grow(slot + 1);
    this.#exponents.data[slot] = align < 2 ? 0 : 31 - Math.clz32(align);
    if (align > 1) this.#asked[0] = 1;
  }

  /** Whether any object so far was to be aligned. */
  get any(): boolean {
    return this.#asked[0] !== 0;
  }

  of(slot: Slot): number {
    const exponent = this.#exponents.data[slot];
    return exponent === 0 ? 1 : 2 ** exponent;
  }

  /** Throws if a payload is not aligned as was asked for. */
  validate(space: Space, shape: BlockShape): void {
    eachBlock(space, space.segmentEnd(space.heap), (slot) => {
      const payload = space.start(slot) + shape.header;
      const align = Math.max(this.of(slot), shape.alignment);
      if (payload % align !== 0) throw new SpaceError(`the payload at ${payload} is not aligned to ${align}`);
    });
  }
}
