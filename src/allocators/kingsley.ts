/**
 * Powers of two, the last freed first, no splitting and no coalescing: the malloc of 4.2BSD. O(1), but for finding
 * the run of a freed block, which the real one has in the block's header.
 *
 *   block  = 2^k bytes, the least power of two >= header + bytes, and >= the smallest class
 *   carve  = when class k has no free block, the break goes up to a page boundary, then by max(carve, 2^k) bytes,
 *            which become free blocks of class k, lowest first, for ever
 */
import type { Options } from "../options/options.ts";
import type { Column } from "../space/columns.ts";
import { Cost } from "../space/cost.ts";
import type { Address, Space } from "../space/space.ts";
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

const OPTIONS = {
  header: {
    type: "integer",
    default: 8,
    min: 0,
    max: 64,
    unit: "bytes",
    about: "bytes before each payload, rounded up to a multiple of 4; on the VAX 4",
  },
  smallest: {
    type: "integer",
    default: 16,
    min: 8,
    max: 4096,
    unit: "bytes",
    powerOfTwo: true,
    about: "blocks of the smallest class; on the VAX 8",
  },
  page: {
    type: "integer",
    default: 1024,
    min: 8,
    max: 8192,
    unit: "bytes",
    powerOfTwo: true,
    about: "the break is moved up to a multiple of it before more is asked for",
  },
  carve: {
    type: "integer",
    default: 2048,
    min: 8,
    max: 8192,
    unit: "bytes",
    powerOfTwo: true,
    about: "least that is asked for at once, and carved into blocks of one class",
  },
} as const;

const REASONS = {
  reused: "class {0}, blocks of {1} bytes: the block freed last",
  carved: "class {0} had no free block of {1} bytes: [{2}, {3}) is carved into them",
  refused: "class {0} has no free block of {1} bytes, and the heap has no room for {2} more at {3}",
  stays: "the block of {0} bytes stays: half of it would not do",
  freed: "the block of {0} bytes goes back to the list of its class, and to nothing else",
};

/** Classes 2^0 .. 2^31; a larger block is refused. */
const CLASSES = 32;

class Kingsley implements Allocator {
  private readonly space: Space;
  private readonly options: Options<typeof OPTIONS>;
  private readonly header: number;
  /** Payloads are multiples of it, whatever is asked for. */
  private readonly alignment: number;
  private readonly runs: BlockRuns;
  /** [break]: the heap has been asked for up to it. */
  private readonly state: Column<Float64Array>;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.options = options;
    this.header = roundUp(options.header, 4);
    this.alignment = space.granule;
    this.runs = new BlockRuns(space, CLASSES);
    this.state = space.columns.float64(1);
    this.why = new LastReason(REASONS);
  }

  allocate(bytes: number, align: number, _request: Request): Address {
    const kind = this.class(bytes, align);
    this.space.count(Cost.searchSteps, 1);
    let start = kind < CLASSES ? this.runs.take(kind) : -1;
    if (start >= 0) this.why.set("reused", kind, 2 ** kind);
    else if (kind < CLASSES && this.moreCore(kind)) start = this.runs.take(kind);
    if (start >= 0) return roundUp(start + this.header, Math.max(align, 1));
    this.why.set("refused", kind, 2 ** kind, Math.max(this.options.carve, 2 ** kind), this.state.data[0]);
    return REFUSED;
  }

  free(address: Address, _request: Request): void {
    this.runs.give(address);
    this.why.set("freed", this.runs.length(address));
  }

  /** As in 4.2BSD: the block stays if the bytes fit and would not fit half of it, by the header's length. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const length = this.runs.length(address);
    const usable = this.runs.start(address) + length - address;
    if (bytes <= usable && (bytes > Math.floor(usable / 2) - this.header || length === this.need(0))) {
      this.why.set("stays", length);
      return address;
    }
    return reallocateByCopy(this, address, bytes, request);
  }

  need(bytes: number, align = 0): number {
    return 2 ** this.class(bytes, align);
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
    for (let kind = 0; kind < CLASSES; kind++) {
      if (this.runs.isEmpty(kind)) continue;
      show.list(`${2 ** kind}`);
      this.runs.show(kind, show);
    }
  }

  validate(): void {
    this.runs.validate(this.space);
  }

  /** valloc's way: so much more that a multiple of `align` lies in the block. */
  private class(bytes: number, align: number): number {
    const slack = Math.max(align - this.alignment, 0);
    const least = Math.max(this.header + Math.max(bytes, 1) + slack, this.options.smallest);
    return least > 0x80000000 ? CLASSES : 32 - Math.clz32(least - 1);
  }

  /** Asks for the core of class `kind`; whether there was any. */
  private moreCore(kind: number): boolean {
    const space = this.space;
    const old = this.state.data[0];
    const start = roundUp(old, this.options.page);
    const amount = Math.max(this.options.carve, 2 ** kind);
    const room = space.grows ? space.extend(start + amount - old) !== 0 : start + amount <= space.limit;
    if (!room) return false;
    this.state.data[0] = start + amount;
    this.runs.add(kind, start, 2 ** kind, amount / 2 ** kind);
    this.why.set("carved", kind, 2 ** kind, start, start + amount);
    return true;
  }
}

export const kingsley = definePolicy<typeof OPTIONS>({
  name: "kingsley",
  family: "segregated fits",
  summary: "Rounds up to a power of two, keeps a list for each, never splits or merges.",
  source:
    "malloc.c of 4.2BSD, Chris Kingsley, Caltech, 21 February 1982: morecore, malloc, free, realloc; " +
    "Wilson, Johnstone, Neely and Boles 1995, section 3.6 (simple segregated storage)",
  departs:
    "The heap begins at a page boundary. memalign is that of valloc, the smallest class that surely holds an aligned " +
    "payload, but its block can be freed. A realloc of a block already freed, which 4.2BSD searches its lists for, is no event of a trace.",
  facts: {
    author: "Chris Kingsley, Caltech, 1982",
    ships: "4.2BSD and 4.3BSD; FreeBSD's run-time linker; Perl, as an option",
    header: "8 bytes, on the VAX 4, an option; and the rest of a power of two",
    alignment: "8 bytes: the header behind a start that is a multiple of 8 or more",
    order: "a list for each power of two, last freed first; takes the head of its own",
    coalescing: "never: what is carved for one class stays in it",
    bound:
      "M(1 + log2 n), besides what is carved and never used: each class keeps the most that it ever " +
      "held, by its algorithm",
    steps: "one for each request: the head of its list",
  },
  kind: "allocator",
  coalesces: () => "never",
  options: OPTIONS,
  granule: (options) => granuleFor(options.smallest, roundUp(options.header, 4)),
  reasons: REASONS,
  create: (space, options) => new Kingsley(space, options),
});
