/**
 * A pointer that only goes up: the arena, region or obstack. O(1), nothing searched, nothing reused before the whole
 * of it is empty.
 *
 *   frontier = end of the block placed last; nothing lies at or above it
 *
 * What is freed below the frontier stays as garbage until the reset: the price of its speed, on the map.
 */
import type { Options } from "../options/options.ts";
import type { Column } from "../space/columns.ts";
import { type Address, Counter, type Space, SpaceError, State } from "../space/space.ts";
import {
  type Allocator,
  definePolicy,
  REFUSED,
  type Reason,
  type Request,
  reallocateByCopy,
} from "./contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "./parts/block-shape.ts";
import { LastReason } from "./parts/last-reason.ts";
import { RecentBlock } from "./parts/recent-block.ts";

const OPTIONS = {
  header: { ...SHAPE_OPTIONS.header, default: 0 },
  alignment: SHAPE_OPTIONS.alignment,
  reset: {
    type: "flag",
    default: true,
    about: "start again at the bottom when the last live object is freed, as when an arena is reset",
  },
} as const;

const REASONS = {
  placed: "the pointer goes from {0} up to {1}",
  refused: "{0} bytes do not fit between the pointer at {1} and the end at {2}",
  stretched: "the last block is set to end at {0}, and the pointer with it",
  stays: "the block of {0} bytes is long enough and stays",
  freed: "the pointer stays at {0}: what is freed below it waits for the reset",
  reset: "the last live object is gone: the pointer goes from {0} back to the bottom",
};

class Bump implements Allocator {
  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly reset: boolean;
  /** [frontier]. */
  private readonly state: Column<Float64Array>;
  private readonly recent: RecentBlock;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.shape = new BlockShape(options.header, options.alignment);
    this.reset = options.reset;
    this.state = space.columns.float64(1);
    this.recent = new RecentBlock(space);
    this.why = new LastReason(REASONS);
    this.shape.begin(space);
    this.state.data[0] = this.shape.origin;
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const space = this.space;
    const frontier = this.state.data[0];
    const start = this.shape.start(frontier, align);
    const length = this.shape.length(bytes);
    if (!this.reach(start + length)) return REFUSED;
    // Nothing lies above the frontier, so the last hole, whatever it holds below, covers all from there on.
    const hole = space.previous(space.heap);
    space.take(hole, start - space.start(hole), length, request.slot);
    this.state.data[0] = start + length;
    this.why.set("placed", frontier, start + length);
    return start + this.shape.header;
  }

  free(_address: Address, request: Request): void {
    const frontier = this.state.data[0];
    this.space.die(request.previous);
    const empty = this.reset && this.space.counter(Counter.liveBlocks) === 0;
    if (empty) this.takeBack();
    this.why.set(empty ? "reset" : "freed", frontier);
  }

  /** The last block grows and shrinks where it is, as an obstack's does; another stays if it is long enough. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const space = this.space;
    const start = address - this.shape.header;
    const length = this.shape.length(bytes);
    this.recent.note(request.previous);
    if (space.end(request.previous) === this.state.data[0]) {
      if (!this.reach(start + length)) return REFUSED;
      if (length !== space.length(request.previous)) space.resize(request.previous, start, length);
      this.state.data[0] = start + length;
      this.why.set("stretched", start + length);
      return address;
    }
    if (length <= space.length(request.previous)) {
      this.why.set("stays", space.length(request.previous));
      return address;
    }
    return reallocateByCopy(this, address, bytes, request);
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
    return this.why.get();
  }

  validate(): void {
    const space = this.space;
    const frontier = this.state.data[0];
    const last = space.previous(space.heap);
    const above = last < 0 ? space.start(last) : space.segmentEnd(space.heap);
    if (frontier < above)
      throw new SpaceError(`the pointer is at ${frontier}, the last block ends at ${above}`);
  }

  /** Nothing lives: all that is dead is free again. */
  private takeBack(): void {
    const space = this.space;
    for (let node = space.next(space.heap); node !== space.heap; ) {
      const next = space.next(node);
      if (node > 0 && space.state(node) === State.garbage) node = space.next(space.give(node));
      else node = next;
    }
    this.state.data[0] = this.shape.origin;
  }

  /** Whether the heap goes, or can be made to go, as far as `end`. */
  private reach(end: Address): boolean {
    const space = this.space;
    const limit = space.segmentEnd(space.heap);
    if (end <= limit || (space.grows && space.extend(end - limit) !== 0)) return true;
    this.why.set("refused", end - this.state.data[0], this.state.data[0], limit);
    return false;
  }
}

export const bump = definePolicy<typeof OPTIONS>({
  name: "bump",
  family: "regions",
  summary: "Hands out memory from the bottom up and takes it back only as a whole.",
  source:
    "Hanson, Fast Allocation and Deallocation of Memory Based on Object Lifetimes, Software: Practice and " +
    "Experience 20(1), 1990, pp. 5-12; the last object that grows: The GNU C Library Reference Manual, Obstacks",
  departs:
    "One arena that is reset by itself when its last object dies, where a program resets it by a call: a trace of " +
    "malloc and free does not say when. A heap that grows is one piece and keeps its size at a reset; Hanson's arena is a list of chunks.",
  facts: {
    author: "known since the 1960s; arenas as in Hanson, 1990",
    ships: "GNU obstacks, in GCC and glibc; Apache's pools; the arenas of Protocol Buffers and of Zig",
    header: "0 bytes, an option",
    alignment: "8 bytes, an option",
    order: "from the arena's start upwards",
    coalescing: "none: what is freed serves again only when all of it is",
    bound: "none: needs the sum of all requests since nothing was live, by its algorithm",
    steps: "none, as nothing is searched",
  },
  kind: "allocator",
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new Bump(space, options),
});
