/**
 * Collectors of blocks that are a header and a payload, and garbage from their death to the next collection. realloc stays
 * where it is or copies. Where new blocks go, and what a collection does, is each one's own.
 */
import type { Request } from "../allocators/contract.ts";
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import type { Address, Slot, Space } from "../space/space.ts";
import { Alignments } from "./alignments.ts";
import { BlockCollector } from "./block-collector.ts";
import { reallocate, type Stretch } from "./reallocate.ts";
import { Trigger } from "./trigger.ts";

/** Reasons that every one of them gives; its own go before these. */
export const SHAPED_REASONS = {
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until the next collection",
} as const;

type Shaped = keyof typeof SHAPED_REASONS;

export abstract class ShapedCollector<C extends string> extends BlockCollector<C | Shaped> {
  protected readonly shape: BlockShape;
  protected readonly trigger: Trigger;
  protected readonly alignments: Alignments;
  private readonly stretched: Stretch;

  /** Sets aside what lies below the first block. `reasons`: the policy's. */
  constructor(space: Space, shape: BlockShape, reasons: Readonly<Record<C | Shaped, string>>) {
    super(space, shape.header, reasons);
    this.shape = shape;
    this.trigger = new Trigger(space);
    this.alignments = new Alignments(space.columns);
    this.stretched = (slot, more) => this.stretch(slot, more);
    shape.begin(space);
  }

  free(_address: Address, { previous }: Request): void {
    const { space } = this;
    space.die(previous);
    this.said.set("died", space.start(previous), space.end(previous));
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    this.recent.note(request.previous);
    this.said.set("stays", this.space.length(request.previous));
    return reallocate(this, this.space, address, bytes, request, this.stretched);
  }

  need(bytes: number): number {
    return this.shape.length(bytes);
  }

  validate(): void {
    this.alignments.validate(this.space, this.shape);
  }

  /** Lengthens the block of `slot` by so many bytes where it is; whether it could. */
  protected stretch(_slot: Slot, _more: number): boolean {
    return false;
  }
}
