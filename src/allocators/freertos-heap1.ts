/**
 * A pointer that goes up and never comes back: FreeRTOS heap_1, for programs that allocate at start only. O(1).
 *
 *   block  = [next, next + length), length = bytes up to a multiple of 8, no header
 *   placed = next + length < H - 8, strictly: the arena's last 16 bytes or fewer are never handed out
 *
 * What is freed stays where it is and is a hole that this heap cannot use.
 */
import type { Options } from "../options/options.ts";
import type { Column } from "../space/columns.ts";
import { type Address, Control, type Space, SpaceError } from "../space/space.ts";
import {
  type Allocator,
  definePolicy,
  REFUSED,
  type Reason,
  type Request,
  reallocateByCopy,
  roundUp,
} from "./contract.ts";
import { ALIGNMENT, BITS, DEPARTS, lengthOf } from "./parts/freertos.ts";
import { LastReason } from "./parts/last-reason.ts";

const OPTIONS = {
  bits: { ...BITS, about: "word size of the machine; this heap has no headers and is the same" },
} as const;

const REASONS = {
  placed: "the pointer goes from {0} up to {1}",
  refused: "{0} bytes do not fit between the pointer at {1} and the end at {2}",
  zero: "0 bytes are refused",
  freed: "nothing is done: this heap never takes memory back",
};

class Heap1 implements Allocator {
  private readonly space: Space;
  /** H - 8: a block ends below it. */
  private readonly end: number;
  /** [next: nothing lies at or above it]. */
  private readonly state: Column<Float64Array>;
  private readonly why: LastReason<keyof typeof REASONS>;

  constructor(space: Space, _options: Options<typeof OPTIONS>) {
    this.space = space;
    this.end = Math.max(space.limit - ALIGNMENT, 0);
    this.state = space.columns.float64(1);
    this.why = new LastReason(REASONS);
    if (space.limit > 0) space.reserve(this.end, space.limit - this.end, Control.unused);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const space = this.space;
    const next = this.state.data[0];
    const length = this.need(bytes, align);
    if (bytes === 0 || next + length >= this.end) {
      if (bytes === 0) this.why.set("zero");
      else this.why.set("refused", length, next, this.end);
      return REFUSED;
    }
    // Nothing lies between the pointer and the end: the last hole covers all of it, whatever it has below.
    const hole = space.previous(space.previous(space.heap));
    space.take(hole, next - space.start(hole), length, request.slot);
    this.state.data[0] = next + length;
    this.why.set("placed", next, next + length);
    return roundUp(next, Math.max(align, ALIGNMENT));
  }

  free(_address: Address, request: Request): void {
    this.space.die(request.previous);
    this.why.set("freed");
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    return reallocateByCopy(this, address, bytes, request);
  }

  need(bytes: number, align: number): number {
    return lengthOf(0, Math.max(bytes, 1), align);
  }

  blockStart(address: Address): Address {
    return this.space.start(this.space.at(address));
  }

  blockLength(address: Address): number {
    return this.space.length(this.space.at(address));
  }

  reason(): Reason {
    return this.why.get();
  }

  validate(): void {
    const space = this.space;
    const next = this.state.data[0];
    const hole = space.previous(space.previous(space.heap));
    if (hole >= 0 || next < space.start(hole) || next >= this.end)
      throw new SpaceError(`the pointer is at ${next}, which is not free up to ${this.end}`);
  }
}

export const freertosHeap1 = definePolicy<typeof OPTIONS>({
  name: "freertos-heap1",
  family: "regions",
  summary: "FreeRTOS heap_1: hands out memory from the bottom up and never takes it back.",
  source:
    "FreeRTOS-Kernel V11, portable/MemMang/heap_1.c: pvPortMalloc; The FreeRTOS Reference Manual, heap memory management",
  departs: `A free, at which heap_1 stops the program, is let pass: what is freed stays as garbage for good. ${DEPARTS}`,
  facts: {
    author: "Richard Barry, FreeRTOS",
    ships: "FreeRTOS, for programs that never free",
    header: "none",
    alignment: "8 bytes (portBYTE_ALIGNMENT)",
    order: "from the arena's start upwards",
    coalescing: "never: nothing is taken back",
    bound: "none: needs the sum of all requests, by its algorithm",
    steps: "none, as nothing is searched",
  },
  kind: "allocator",
  coalesces: () => "at once",
  growable: false,
  options: OPTIONS,
  granule: () => ALIGNMENT,
  reasons: REASONS,
  create: (space, options) => new Heap1(space, options),
});
