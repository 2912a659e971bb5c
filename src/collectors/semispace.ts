/**
 * Copying between two semispaces: new objects at the frontier of one half; when it is full, what lives is copied to
 * the other, breadth-first from the roots, and the halves change roles.
 *
 * Words touched (The Garbage Collection Handbook, section 4.1, Algorithms 4.1 and 4.2): 2 a word copied, 1 an object
 * copied for the forwarding address left behind, the words of live blocks once more, where to-space is scanned for
 * references, and 2 a reference, roots among them: the forwarding address read, the reference written, as all that
 * lives moves. The dead cost nothing. The half that is copied into is what a collection needs beside the objects.
 */
import {
  Cause,
  type Collector,
  definePolicy,
  REFUSED,
  type Reason,
  type Request,
} from "../allocators/contract.ts";
import { BlockShape, SHAPE_OPTIONS } from "../allocators/parts/block-shape.ts";
import { LastReason } from "../allocators/parts/last-reason.ts";
import { RecentBlock } from "../allocators/parts/recent-block.ts";
import type { Options } from "../options/options.ts";
import { Cost } from "../space/cost.ts";
import { type Address, Counter, type Slot, type Space } from "../space/space.ts";
import { Alignments } from "./alignments.ts";
import { Halves } from "./halves.ts";
import { findDead, liveWords } from "./marking.ts";
import { reallocate } from "./reallocate.ts";
import { Trigger } from "./trigger.ts";

const OPTIONS = SHAPE_OPTIONS;

const REASONS = {
  placed: "at the frontier: [{0}, {1})",
  collected: "the half was full; what lives was copied to the other, and the block is [{0}, {1})",
  grown: "the half was full; what lives was copied into a larger one, and the block is [{0}, {1})",
  refused: "{0} bytes do not fit in the {1} bytes that are left of a half, even after a collection",
  stays: "the block of {0} bytes is long enough and stays",
  stretched: "the last block grows to {0} bytes where it is",
  died: "[{0}, {1}) is garbage until the next collection",
};

/** Bytes of the first halves of a heap that grows. A power of two: larger halves then hold any alignment's gaps. */
const FIRST_HALF = 64 * 1024;

class Semispace implements Collector {
  readonly #space: Space;
  readonly #shape: BlockShape;
  readonly #trigger: Trigger;
  readonly #halves: Halves;
  readonly #recent: RecentBlock;
  readonly #reason: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.#space = space;
    this.#shape = new BlockShape(options.header, options.alignment);
    this.#trigger = new Trigger(space);
    this.#recent = new RecentBlock(space);
    this.#reason = new LastReason(REASONS);
    this.#shape.begin(space);
    this.#halves = new Halves(space, this.#shape, new Alignments(space.columns));
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const halves = this.#halves;
    const length = this.#shape.length(bytes);
    let why: keyof typeof REASONS = "placed";
    if (!halves.fits(length, align) && this.#trigger.due(length)) {
      this.collect(Cause.exhausted);
      why = "collected";
    }
    if (!halves.fits(length, align)) {
      why = "grown";
      if (!this.#space.grows || !this.#grow(length, align)) {
        this.#reason.set("refused", length, halves.left);
        return REFUSED;
      }
    }
    const start = halves.place(length, align, request.slot);
    this.#trigger.allocated(length);
    this.#reason.set(why, start, start + length);
    return start + this.#shape.header;
  }

  free(_address: Address, request: Request): void {
    this.#space.die(request.previous);
    this.#reason.set("died", this.#space.start(request.previous), this.#space.end(request.previous));
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    this.#recent.note(request.previous);
    this.#reason.set("stays", this.#space.length(request.previous));
    return reallocate(this, this.#space, address, bytes, request, this.#stretch);
  }

  collect(cause: Cause): void {
    this.#collectInto(this.#halves.bytes, cause);
  }

  need(bytes: number): number {
    return this.#shape.length(bytes);
  }

  blockStart(address: Address): Address {
    return address - this.#shape.header;
  }

  blockLength(address: Address): number {
    return this.#space.length(this.#recent.at(this.blockStart(address)));
  }

  reason(): Reason {
    return this.#reason.get();
  }

  validate(): void {
    this.#halves.validate();
  }

  readonly #stretch = (slot: Slot, more: number): boolean => {
    if (!this.#halves.stretch(slot, more)) return false;
    this.#trigger.allocated(more);
    this.#reason.set("stretched", this.#space.length(slot));
    return true;
  };

  /** Doubles the halves until `length` bytes fit beside what lives; whether the heap may become so large. */
  #grow(length: number, align: number): boolean {
    const { origin } = this.#shape;
    for (let half = Math.max(2 * this.#halves.bytes, FIRST_HALF); ; half *= 2) {
      if (origin + 2 * half > this.#space.limit) return false;
      if (this.#space.counter(Counter.blockBytes) + length > half) continue;
      if (this.#halves.bytes === 0) this.#halves.flip(half);
      else this.#collectInto(half, Cause.exhausted);
      if (this.#halves.fits(length, align)) return true;
    }
  }

  #collectInto(half: number, cause: Cause): void {
    const space = this.#space;
    space.beginCollection(cause);
    findDead(space);
    this.#halves.flip(half);
    const live = liveWords(space);
    const references = space.graph.on ? space.graph.references() : 0;
    space.count(Cost.markedWords, live);
    space.count(Cost.scannedWords, live);
    space.count(Cost.updatedReferences, references);
    space.count(Cost.touchedWords, 3 * live + space.counter(Counter.liveBlocks) + 2 * references);
    space.needExtra(half);
    this.#trigger.collected();
    space.endCollection();
  }
}

export const semispace = definePolicy<typeof OPTIONS>({
  name: "semispace",
  family: "collectors",
  summary: "Fills one half of the heap, then copies what lives to the other.",
  source:
    "Fenichel and Yochelson, A LISP Garbage-Collector for Virtual-Memory Computer Systems, Communications of the ACM " +
    "12(11), 1969, pp. 611-612; Cheney, A Nonrecursive List Compacting Algorithm, Communications of the ACM 13(11), 1970, " +
    "pp. 677-678; Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, chapter 4",
  departs:
    "A trace without references has no breadth-first order: objects are copied in the order of their addresses. The dead are " +
    "known, so a collection that cannot make room is not begun. Pinned objects are kept, and copied all the same. A heap that grows doubles its halves, of at first 64 KiB, and copies into the larger one.",
  facts: {
    author: "Fenichel and Yochelson, 1969; C. J. Cheney, 1970",
    ships: "young generations, of V8 and HotSpot among others; CHICKEN Scheme",
    header: "8 bytes, an option; 0 where lengths are kept elsewhere",
    alignment: "8 bytes, an option",
    order: "at the frontier of one half, always",
    coalescing: "by copying: what is free in a half is one hole",
    bound: "2M, with header and rounding: each half holds all that lives (by its algorithm)",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "none: copies what it reaches, and scans the copies",
    extra: "a second space, half of the heap",
    order: "breadth-first",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: false, keepsOrder: false, compacts: true }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => new BlockShape(options.header, options.alignment).granule,
  reasons: REASONS,
  create: (space, options) => new Semispace(space, options),
});
