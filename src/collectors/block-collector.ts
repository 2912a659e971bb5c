/** What every collector answers alike: which block a payload is in, and why the last decision fell as it did. */
import type { Cause, Collector, Reason, Request } from "../allocators/contract.ts";
import { LastReason } from "../allocators/parts/last-reason.ts";
import { RecentBlock } from "../allocators/parts/recent-block.ts";
import type { Address, Space } from "../space/space.ts";

/** `C`: the codes of its reasons. */
export abstract class BlockCollector<C extends string> implements Collector {
  protected readonly space: Space;
  protected readonly recent: RecentBlock;
  protected readonly said: LastReason<C>;
  /** Bytes of a block before its payload. */
  private readonly header: number;

  constructor(space: Space, header: number, reasons: Readonly<Record<C, string>>) {
    this.space = space;
    this.recent = new RecentBlock(space);
    this.said = new LastReason(reasons);
    this.header = header;
  }

  abstract allocate(bytes: number, align: number, request: Request): Address;
  abstract free(address: Address, request: Request): void;
  abstract reallocate(address: Address, bytes: number, request: Request): Address;
  abstract collect(cause: Cause): void;
  abstract need(bytes: number, align: number): number;

  blockStart(address: Address): Address {
    return address - this.header;
  }

  blockLength(address: Address): number {
    return this.space.length(this.recent.at(this.blockStart(address)));
  }

  reason(): Reason {
    return this.said.get();
  }
}
