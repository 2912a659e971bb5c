/**
 * Whether a policy places requests where the recorded program's allocator did. Recorded addresses are those of a process,
 * the policy's begin at 0: the first request that the policy has in the heap says where that heap began. What the policy
 * maps by itself, beyond the heap, matches if the recorded address lies outside the heap as well: where a system puts a
 * mapping is not the allocator's doing. In a heap of another arena, which the policy places as `SEGMENT:OFFSET`, the recorded
 * address less the offset must be where a page begins.
 */

import { PAGE } from "../space/space.ts";
import type { Chunk } from "../traces/trace.ts";
import { Op } from "../traces/trace.ts";
import type { Replay } from "./replay.ts";

/** The first request that lies elsewhere. Offsets are from where the heap begins. */
export interface Divergence {
  readonly event: number;
  readonly id: number;
  readonly bytes: number;
  readonly recorded: number;
  /** -1 if the policy refused it. */
  readonly placed: number;
}

export interface Agreement {
  /** Requests whose address was recorded. */
  readonly compared: number;
  readonly matched: number;
  readonly first?: Divergence;
}

export class AddressCheck {
  private readonly replay: Replay;
  private compared = 0;
  private matched = 0;
  private first: Divergence | undefined;
  /** Address of the heap's start in the process. */
  private base = Number.NaN;

  constructor(replay: Replay) {
    this.replay = replay;
  }

  /** Feeds the chunk to the replay, and compares. */
  feed(chunk: Chunk): void {
    const { recorded, op } = chunk;
    if (!recorded || recorded.address.length === 0) this.replay.feed(chunk);
    else
      this.replay.feed(chunk, (i) => {
        if (op[i] < Op.free && recorded.address[i] > 0) this.compare(chunk, i, recorded.address[i]);
      });
  }

  /** Undefined if no addresses were recorded. */
  get agreement(): Agreement | undefined {
    const { compared, matched, first } = this;
    return compared === 0 ? undefined : { compared, matched, ...(first && { first }) };
  }

  /** Whether `address` can lie as far from the start of a segment as the policy says of its own. */
  private isOffset(placed: number, address: number): boolean {
    const [, offset] = this.replay.allocator.place?.(placed).split(":") ?? [];
    return offset === undefined || (address - Number(offset)) % PAGE === 0;
  }

  private compare(chunk: Chunk, i: number, address: number): void {
    const { space, objects } = this.replay;
    const slot = objects.slot(chunk.row[i]);
    const placed = slot === 0 ? -1 : space.start(slot) + space.offset(slot);
    const end = space.segmentEnd(space.heap);
    if (Number.isNaN(this.base) && placed >= 0 && placed < end) this.base = address - placed;
    const recorded = address - this.base;
    const mapped = placed >= end && !(recorded >= 0 && recorded < end) && this.isOffset(placed, address);
    this.compared++;
    if (recorded === placed || mapped) this.matched++;
    else if (this.first === undefined)
      this.first = { event: this.replay.event - 1, id: chunk.id[i], bytes: chunk.bytes[i], recorded, placed };
  }
}
