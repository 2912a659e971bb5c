/**
 * Fixed pools: static allocation as firmware does it. The arena is divided before the first request into blocks of a
 * few sizes; nothing is split or merged, so nothing fragments, and each pool can run out by itself. O(1) but for
 * finding the pool of an address.
 *
 * The pools lie in order of size from the arena's start. What is left over is set aside.
 */
import type { Options } from "../options/options.ts";
import { Cost } from "../space/cost.ts";
import { type Address, Control, type Space } from "../space/space.ts";
import {
  type Allocator,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
  reallocateByCopy,
  roundUp,
} from "./contract.ts";
import { BlockRuns } from "./parts/block-runs.ts";
import { granuleFor } from "./parts/block-shape.ts";
import { LastReason } from "./parts/last-reason.ts";
import { divide, POOL_TABLE, type Pool, readPools } from "./parts/pool-table.ts";

const OPTIONS = {
  pools: POOL_TABLE,
  header: {
    type: "integer",
    default: 0,
    min: 0,
    max: 64,
    unit: "bytes",
    about:
      "bytes before each payload, rounded up to a multiple of 4: the pool's address in ThreadX, 0 in Zephyr",
  },
  spill: {
    type: "flag",
    default: true,
    about: "when a pool is empty, take a block of the next one that has any",
  },
  chunk: {
    type: "integer",
    default: 4096,
    min: 16,
    max: 16384,
    unit: "bytes",
    about:
      "in a heap that grows: what an empty pool without a count gets at once, in whole blocks, at least one",
  },
} as const;

const REASONS = {
  placed: "a block of {0} bytes from the pool of {1}, the first of at least {2}",
  spilled: "the pools below {1} that would do are empty: a block of {0} bytes for {2}",
  grown: "the pool of {1} was empty and gets more blocks of {0} bytes",
  empty: "{0} bytes need the pool of {1}, which is empty",
  large: "{0} bytes are more than the largest pool's {1}",
  freed: "the block of {0} bytes goes back to its pool",
};

class Pools implements Allocator {
  private readonly space: Space;
  private readonly pools: readonly Pool[];
  private readonly header: number;
  private readonly spill: boolean;
  private readonly chunk: number;
  private readonly runs: BlockRuns;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.header = roundUp(options.header, 4);
    this.pools = readPools(options.pools, this.header);
    this.spill = options.spill;
    this.chunk = options.chunk;
    this.runs = new BlockRuns(space, this.pools.length);
    this.why = new LastReason(REASONS);
    this.layOut();
  }

  allocate(bytes: number, align: number, _request: Request): Address {
    const size = Math.max(bytes, 1) + Math.max(align - this.space.granule, 0);
    const first = this.poolFor(size);
    const last = this.spill ? this.pools.length - 1 : first;
    for (let kind = first; kind <= last && kind < this.pools.length; kind++) {
      this.space.count(Cost.searchSteps, 1);
      const { length, size: most } = this.pools[kind];
      let start = this.runs.take(kind);
      if (start >= 0) this.why.set(kind === first ? "placed" : "spilled", length, most, size);
      else if (this.more(kind)) {
        start = this.runs.take(kind);
        this.why.set("grown", length, most, size);
      }
      if (start >= 0) return roundUp(start + this.header, Math.max(align, 1));
    }
    const code = first < this.pools.length ? "empty" : "large";
    this.why.set(code, size, this.pools[Math.min(first, this.pools.length - 1)].size);
    return REFUSED;
  }

  free(address: Address, _request: Request): void {
    this.runs.give(address);
    this.why.set("freed", this.runs.length(address));
  }

  /** In place where the bytes fit the block. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const end = this.runs.start(address) + this.runs.length(address);
    return address + bytes <= end ? address : reallocateByCopy(this, address, bytes, request);
  }

  need(bytes: number, align: number): number {
    const size = Math.max(bytes, 1) + Math.max(align - this.space.granule, 0);
    return this.pools[this.poolFor(size)]?.length ?? roundUp(this.header + size, this.space.granule);
  }

  blockStart(address: Address): Address {
    return this.runs.start(address);
  }

  blockLength(address: Address): number {
    return this.runs.length(address);
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    this.pools.forEach(({ size }, kind) => {
      show.list(`pool ${size}`);
      this.runs.show(kind, show);
    });
  }

  validate(): void {
    this.runs.validate(this.space);
  }

  /** The smallest pool whose blocks hold `size` bytes; one past the last where none does. */
  private poolFor(size: number): number {
    let kind = 0;
    while (kind < this.pools.length && this.pools[kind].size < size) kind++;
    return kind;
  }

  private layOut(): void {
    const space = this.space;
    const counts = divide(this.pools, space.grows ? undefined : space.limit);
    const total = this.pools.reduce((sum, { length }, kind) => sum + counts[kind] * length, 0);
    if (space.grows && total > 0) space.extend(total);
    if (!space.grows && total < space.limit) space.reserve(total, space.limit - total, Control.unused);
    let start = 0;
    this.pools.forEach(({ length }, kind) => {
      this.runs.add(kind, start, length, counts[kind]);
      start += counts[kind] * length;
    });
  }

  /** More blocks for an empty pool; whether there are any. */
  private more(kind: number): boolean {
    const space = this.space;
    const { length, count: given } = this.pools[kind];
    if (!space.grows || given !== undefined) return false;
    const count = Math.max(Math.floor(this.chunk / length), 1);
    const start = space.segmentEnd(space.heap);
    if (space.extend(count * length) === 0) return false;
    this.runs.add(kind, start, length, count);
    return true;
  }
}

export const pool = definePolicy<typeof OPTIONS>({
  name: "pool",
  family: "static allocation",
  summary: "Divides the arena into pools of equal blocks in advance; each request takes one.",
  source:
    "Labrosse, MicroC/OS-II: The Real-Time Kernel, 2nd edition 2002, chapter 12 (OSMemCreate: memory partitions); " +
    "block pools of ThreadX (tx_block_pool_create), memory slabs of Zephyr (k_mem_slab)",
  departs:
    "Firmware names the pool in each call; here the smallest that fits is taken, so one table serves any trace. " +
    "No kernel has a realloc for its pools: here a block stays if the bytes fit. In a heap that grows, pools without a count get " +
    "more blocks as they run out, which shows how large they must be made.",
  facts: {
    author: "known since the 1960s",
    ships: "most real-time kernels: MicroC/OS-II, ThreadX, Zephyr's memory slabs",
    header: "0 bytes, an option; and the rest of the pool's block",
    alignment: "that of the table's block lengths: 16, 8 or 4 bytes",
    order:
      "a list for each pool, last freed first; takes the head of the smallest pool that fits, or of a " +
      "larger one (spill)",
    coalescing: "never: nothing is ever split",
    bound:
      "M with one size of block, where nothing is ever wasted; with several, each pool's own peak, by " +
      "its algorithm",
    steps: "one for each pool that is looked at",
  },
  kind: "allocator",
  coalesces: () => "never",
  options: OPTIONS,
  granule: ({ pools, header }) =>
    granuleFor(roundUp(header, 4), ...readPools(pools, header).map(({ length }) => length)),
  reasons: REASONS,
  create: (space, options) => new Pools(space, options),
});
