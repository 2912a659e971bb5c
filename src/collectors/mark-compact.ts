/**
 * Mark-compact with the Lisp2 algorithm: new objects at the frontier; when it meets the end, mark, and slide what
 * lives down over what does not, in order. Afterwards all that is free is one hole. Three passes over the heap.
 *
 *   frontier = end of the last block = start of the last hole
 *
 * Words touched, after marking (The Garbage Collection Handbook, section 3.2, Algorithm 3.2); an object is passed
 * over by reading its header, dead or not:
 *
 *   computeLocations   1 an object passed, and 1 a live one: its forwarding address, written
 *   updateReferences   1 an object passed, and the words of live blocks, where references are sought
 *   relocate           1 an object passed, 1 a live one: its forwarding address, read; and 2 a word moved
 *
 * The forwarding address is a word of its own in every block, unless the option puts it into the header.
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
import { OptionError, type Options } from "../options/options.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, Counter, type Slot, type Space, State } from "../space/space.ts";
import { Alignments } from "./alignments.ts";
import { eachBlock } from "./each-block.ts";
import { liveWords, mark } from "./marking.ts";
import { reallocate } from "./reallocate.ts";
import { Trigger } from "./trigger.ts";

const OPTIONS = {
  ...SHAPE_OPTIONS,
  forwarding: {
    type: "flag",
    default: true,
    about: "a word more in each block for its forwarding address; 0: it goes into the header, as in HotSpot",
  },
} as const;

const REASONS = {
  placed: "at the frontier: [{0}, {1})",
  collected: "the frontier met the end; a collection moved it down to {0}, and the block is [{0}, {1})",
  grown: "too early to collect, or too little dead: the heap grows to {1} for the block [{0}, {1})",
  refused: "{0} bytes do not fit above the frontier at {1}, even after a collection",
  stays: "the block of {0} bytes is long enough and stays",
  stretched: "the last block grows to {0} bytes where it is",
  died: "[{0}, {1}) is garbage until the next collection",
};

class MarkCompact implements Collector {
  readonly #space: Space;
  readonly #shape: BlockShape;
  readonly #trigger: Trigger;
  readonly #alignments: Alignments;
  readonly #recent: RecentBlock;
  readonly #reason: LastReason<keyof typeof REASONS>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.#space = space;
    this.#shape = shapeOf(options);
    this.#trigger = new Trigger(space);
    this.#alignments = new Alignments(space.columns);
    this.#recent = new RecentBlock(space);
    this.#reason = new LastReason(REASONS);
    this.#shape.begin(space);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const space = this.#space;
    const length = this.#shape.length(bytes);
    let why: keyof typeof REASONS = "placed";
    let start = this.#shape.start(this.#frontier, align);
    if (start + length > space.segmentEnd(space.heap) && this.#trigger.due(length)) {
      this.collect(Cause.exhausted);
      start = this.#shape.start(this.#frontier, align);
      why = "collected";
    }
    const missing = start + length - space.segmentEnd(space.heap);
    if (missing > 0) {
      why = "grown";
      if (!space.grows || space.extend(missing) === 0) {
        this.#reason.set("refused", length, this.#frontier);
        return REFUSED;
      }
    }
    const hole = space.previous(space.heap);
    space.take(hole, start - space.start(hole), length, request.slot);
    this.#alignments.set(request.slot, align);
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
    const space = this.#space;
    space.beginCollection(cause);
    mark(space);
    const live = space.counter(Counter.liveBlocks);
    let passed = live;
    eachBlock(space, this.#frontier, (slot) => {
      if (space.state(slot) !== State.garbage) return;
      space.give(slot);
      passed++;
    });
    const moved = space.cost(Cost.movedBytes);
    this.#slide();
    const copied = Math.ceil((space.cost(Cost.movedBytes) - moved) / WORD);
    space.count(Cost.touchedWords, passed + live);
    space.count(Cost.touchedWords, passed + liveWords(space));
    space.count(Cost.touchedWords, passed + live + 2 * copied);
    this.#trigger.collected();
    space.endCollection();
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
    this.#alignments.validate(this.#space, this.#shape);
  }

  /** The last block grows where it is. */
  readonly #stretch = (slot: Slot, more: number): boolean => {
    const space = this.#space;
    const end = space.end(slot);
    if (end !== this.#frontier || end + more > space.segmentEnd(space.heap)) return false;
    space.resize(slot, space.start(slot), space.length(slot) + more);
    this.#trigger.allocated(more);
    this.#reason.set("stretched", space.length(slot));
    return true;
  };

  get #frontier(): Address {
    const space = this.#space;
    const last = space.previous(space.heap);
    return last < 0 ? space.start(last) : space.segmentEnd(space.heap);
  }

  /** Each block goes as far down as it can, above the one before; a pinned one stays, with a gap below it. */
  #slide(): void {
    const space = this.#space;
    const { graph } = space;
    let free = this.#shape.origin;
    eachBlock(space, this.#frontier, (slot) => {
      const pinned = graph.on && graph.isPinned(slot);
      const to = pinned ? space.start(slot) : this.#shape.start(free, this.#alignments.of(slot));
      if (to !== space.start(slot)) space.move(slot, to);
      free = space.end(slot);
    });
  }
}

function shapeOf({ header, alignment, forwarding }: Options<typeof OPTIONS>): BlockShape {
  if (!forwarding && header < WORD)
    throw new OptionError(
      `policy mark-compact: a header of ${header} bytes has no room for a forwarding address`,
    );
  return new BlockShape(header + (forwarding ? WORD : 0), alignment);
}

export const markCompact = definePolicy<typeof OPTIONS>({
  name: "mark-compact",
  family: "collectors",
  summary: "Places at the frontier; when that meets the end, slides all that lives down in order (Lisp2).",
  source:
    "Knuth, The Art of Computer Programming vol. 1, 3rd edition, section 2.5, exercise 33; " +
    "Jones, Hosking and Moss, The Garbage Collection Handbook, 2012, section 3.2, Algorithm 3.2",
  departs:
    "In a trace without references the dead are known, so a collection that cannot make room is not begun, and no references are " +
    "rewritten; reading objects to look for them is counted. An object aligned beyond the rest leaves a gap below it, which is a " +
    "second hole. A block that was the last may grow in place, which no language asks for; C's realloc does.",
  facts: {
    author: "known as LISP 2's, 1960s; Knuth, section 2.5, exercise 33",
    ships: "HotSpot's serial collector, for full collections",
    header: "8 bytes, an option; and a word for the forwarding address, unless it goes into the header",
    alignment: "8 bytes, an option",
    order: "at the frontier, always",
    coalescing: "by sliding: after a collection all that is free is one hole",
    bound: "M, with header, forwarding word and rounding: what lives is moved together (by its algorithm)",
    steps: "none, as nothing is searched; its cost is in touchedWords",
  },
  collecting: {
    passes: "3: forwarding addresses, references, moves",
    extra: "1 word an object, or none with forwarding=0",
    order: "sliding",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: true, compacts: true }),
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => shapeOf(options).granule,
  reasons: REASONS,
  create: (space, options) => new MarkCompact(space, options),
});
