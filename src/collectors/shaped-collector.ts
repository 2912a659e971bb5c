/**
 * What collectors have in common whose blocks are a header and a payload: a death leaves garbage until the next
 * collection, realloc stays where it is or copies, and a block's length is what the space says. Where new blocks go, and
 * what a collection does, is each one's own.
 */
import type { Cause, Collector, Reason, Request } from "../allocators/contract.ts";
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import { LastReason } from "../allocators/parts/last-reason.ts";
import { RecentBlock } from "../allocators/parts/recent-block.ts";
import type { Address, Space } from "../space/space.ts";
import { Alignments } from "./alignments.ts";
import { reallocate } from "./reallocate.ts";
import { Trigger } from "./trigger.ts";

/** Reasons that every one of them gives; its own go before these. */
export const SHAPED_REASONS = {
  stays: "the block of {0} bytes is long enough and stays",
  died: "[{0}, {1}) is garbage until the next collection",
} as const;

type Shaped = keyof typeof SHAPED_REASONS;

export abstract class ShapedCollector<C extends string> implements Collector {
  protected readonly space: Space;
  protected readonly shape: BlockShape;
  protected readonly trigger: Trigger;
  protected readonly alignments: Alignments;
  protected readonly recent: RecentBlock;
  protected readonly said: LastReason<C | Shaped>;

  /** Sets aside what lies below the first block. `reasons`: the policy's. */
  constructor(space: Space, shape: BlockShape, reasons: Readonly<Record<C | Shaped, string>>) {
    this.space = space;
    this.shape = shape;
    this.trigger = new Trigger(space);
    this.alignments = new Alignments(space.columns);
    this.recent = new RecentBlock(space);
    this.said = new LastReason(reasons);
    shape.begin(space);
  }

  abstract allocate(bytes: number, align: number, request: Request): Address;
  abstract collect(cause: Cause): void;

  free(_address: Address, { previous }: Request): void {
    const { space } = this;
    this.said.set("died", space.start(previous), space.end(previous));
    space.die(previous);
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    this.recent.note(request.previous);
    this.said.set("stays", this.space.length(request.previous));
    return reallocate(this, this.space, address, bytes, request, () => false);
  }

  need(bytes: number): number {
    return this.shape.length(bytes);
  }

  blockStart(address: Address): Address {
    return address - this.shape.header;
  }

  blockLength(address: Address): number {
    return this.space.length(this.recent.at(this.blockStart(address)));
  }

  reason(): Reason {
    return this.said.get();
  }

  validate(): void {
    this.alignments.validate(this.space, this.shape);
  }
}
