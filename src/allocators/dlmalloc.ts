/**
 * Best fit by exact bins for small sizes and bitwise tries for large ones (Doug Lea's malloc, version 2.8.6): LIFO
 * small bins, the remainder of the last split as designated victim, and a top chunk that grows. Allocation and free
 * are O(bits of a size).
 *
 * Free neighbours are merged at once, so that free chunks are the space's own holes, and each of them is exactly one
 * of: top, the designated victim, in a small bin, in a tree bin. dlmalloc/layout.ts says how a chunk lies in memory.
 */
import type { Options } from "../options/options.ts";
import type { Node } from "../space/block-map.ts";
import type { Column } from "../space/columns.ts";
import { Cost } from "../space/cost.ts";
import { type Address, type Slot, type Space, SpaceError, State } from "../space/space.ts";
import {
  type Allocator,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Reason,
  type Request,
  roundUp,
} from "./contract.ts";
import { Layout } from "./dlmalloc/layout.ts";
import { SmallBins } from "./dlmalloc/small-bins.ts";
import { Top } from "./dlmalloc/top.ts";
import { TreeBins } from "./dlmalloc/tree-bins.ts";
import { LastReason } from "./parts/last-reason.ts";

const OPTIONS = {
  over: {
    type: "choice",
    default: "sbrk",
    choices: ["sbrk", "mspace"],
    about:
      "where memory comes from: sbrk, payloads aligned to 8, or an mspace on the whole arena, its state in front of it, " +
      "payloads aligned to two words",
  },
  bits: {
    type: "choice",
    default: "64",
    choices: ["32", "64"],
    about: "word size: headers and the smallest chunk follow from it",
  },
  page: {
    type: "integer",
    default: 65536,
    min: 4096,
    max: 1048576,
    unit: "bytes",
    powerOfTwo: true,
    about: "M_GRANULARITY: memory is asked for and given back in multiples of it",
  },
  trim: {
    type: "integer",
    default: 2097152,
    min: 0,
    max: 1073741824,
    unit: "bytes",
    about: "M_TRIM_THRESHOLD: a top chunk longer than this is given back, but for its last page",
  },
} as const;

const REASONS = {
  exact: "a small bin holds a chunk of {0} bytes: all of it is taken, at {1}",
  larger: "no bin of its size: {0} bytes of the small chunk of {1} at {2}; the rest is the designated victim",
  tree: "best fit of the trees: {0} bytes of the chunk of {1} at {2}, the smallest that is large enough",
  victim: "no bin serves {0} bytes better than the designated victim of {1} at {2}",
  top: "no free chunk but top is large enough: {0} bytes of its {1}, at {2}",
  grown: "top was too short for {0} bytes: more memory was asked for, top is {1} at {2}",
  refused: "no free chunk holds {0} bytes, top has {1}, and no more memory is to be had",
  stays: "the chunk at {0} stays: {1} bytes become {2}, of which {3} are needed",
  freed: "[{0}, {1}) is free, in the chunk [{2}, {3})",
};

class Dlmalloc implements Allocator {
  private readonly space: Space;
  private readonly layout: Layout;
  private readonly small: SmallBins;
  private readonly trees: TreeBins;
  private readonly top: Top;
  /** [the designated victim, a hole; 0 for none]. */
  private readonly victim: Column<Int32Array>;
  private readonly why: LastReason<keyof typeof REASONS>;
  /** Free chunks that the current request has looked at. */
  private looked = 0;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    this.space = space;
    this.layout = new Layout(options.bits, options.over);
    this.small = new SmallBins(space);
    this.trees = new TreeBins(space, Number(options.bits));
    this.victim = space.columns.int32(1);
    this.why = new LastReason(REASONS);
    this.top = new Top(space, this.layout, options.page, options.trim);
  }

  allocate(bytes: number, align: number, request: Request): Address {
    const { smallest, word } = this.layout;
    const { slot } = request;
    if (align <= this.layout.alignment)
      return this.malloc(bytes, slot) ? this.space.start(slot) + word : REFUSED;
    // memalign: room for the lead as well, which then becomes a free chunk, as does what is too much behind.
    const size = this.layout.size(bytes);
    const boundary = Math.max(align, smallest);
    if (!this.malloc(size + boundary + smallest - word, slot)) return REFUSED;
    const payload = this.space.start(slot) + word;
    let lead = roundUp(payload, boundary) - payload;
    if (lead > 0) {
      if (lead < smallest) lead += boundary;
      this.space.resize(slot, payload - word + lead, this.space.length(slot) - lead);
      this.insert(this.space.previous(slot));
    }
    if (this.space.length(slot) > size + smallest) this.shrink(slot, size);
    return payload + lead;
  }

  free(_address: Address, request: Request): void {
    const space = this.space;
    const start = space.start(request.previous);
    const end = space.end(request.previous);
    const chunk = this.release(request.previous);
    this.why.set("freed", start, end, space.start(chunk), space.end(chunk));
    if (chunk === this.top.hole) this.top.trim();
  }

  /** In place, by giving up the end or by taking from top, the victim or any free chunk behind; else it moves. */
  reallocate(address: Address, bytes: number, request: Request): Address {
    const space = this.space;
    const slot = request.previous;
    const before = space.length(slot);
    const size = this.layout.size(bytes);
    if (size <= before ? this.keep(slot, size) : this.extend(slot, size)) {
      this.why.set("stays", space.start(slot), before, space.length(slot), size);
      return address;
    }
    if (!this.malloc(bytes, request.slot)) return REFUSED;
    if (this.release(slot) === this.top.hole) this.top.trim();
    return space.start(request.slot) + this.layout.word;
  }

  need(bytes: number): number {
    return this.layout.size(bytes);
  }

  blockStart(address: Address): Address {
    return address - this.layout.word;
  }

  blockLength(address: Address): number {
    return this.space.length(this.space.at(address - this.layout.word));
  }

  reason(): Reason {
    return this.why.get();
  }

  internals(show: InternalsSink): void {
    const space = this.space;
    this.small.internals(show);
    this.trees.internals(show);
    const victim = this.victim.data[0];
    show.list("designated victim");
    if (victim !== 0) show.entry(space.start(victim), space.length(victim));
    show.list("top");
    if (this.top.hole !== 0) show.entry(space.start(this.top.hole), this.top.size);
  }

  /** Every hole below the break is one free chunk in one place, and no block is shorter than a smallest chunk. */
  validate(): void {
    const space = this.space;
    const { smallest } = this.layout;
    const found = new Set<Node>();
    const seen = (chunk: Node) => {
      if (chunk >= 0 || space.at(space.start(chunk)) !== chunk)
        throw new SpaceError(`${chunk} is listed and is no hole`);
      if (found.has(chunk)) throw new SpaceError(`the chunk at ${space.start(chunk)} is listed twice`);
      found.add(chunk);
    };
    this.small.validate(seen);
    this.trees.validate(seen);
    if (this.victim.data[0] !== 0) seen(this.victim.data[0]);
    if (this.top.hole !== 0) {
      seen(this.top.hole);
      if (space.end(this.top.hole) !== this.top.footStart)
        throw new SpaceError(
          `top ends at ${space.end(this.top.hole)}, the foot begins at ${this.top.footStart}`,
        );
    }
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node)) {
      if (space.start(node) >= this.top.break) break;
      if (node < 0 && !found.has(node))
        throw new SpaceError(`the free chunk at ${space.start(node)} is in no bin`);
      if (node < 0 && node === this.top.hole) continue;
      if ((node < 0 || space.state(node) === State.live) && space.length(node) < smallest)
        throw new SpaceError(
          `the chunk at ${space.start(node)} has ${space.length(node)} bytes, ${smallest} are the least`,
        );
    }
  }

  /** Gives `slot` a chunk for `bytes`; whether there was one. */
  private malloc(bytes: number, slot: Slot): boolean {
    const size = this.layout.size(bytes);
    this.looked = 0;
    this.trees.looked = 0;
    const served =
      (bytes <= this.layout.mostSmall ? this.fromSmall(size, slot) : this.fromTrees(size, slot)) ||
      this.fromVictim(size, slot) ||
      this.fromTop(size, slot);
    this.space.count(Cost.searchSteps, this.looked + this.trees.looked);
    return served;
  }

  /** A chunk of the size; unless the victim would do, the next larger small one or the smallest of the trees. */
  private fromSmall(size: number, slot: Slot): boolean {
    const space = this.space;
    let chunk = this.small.exact(size);
    if (chunk !== 0) {
      this.looked++;
      this.why.set("exact", space.length(chunk), space.start(chunk));
      this.small.remove(chunk);
      space.take(chunk, 0, space.length(chunk), slot);
      return true;
    }
    if (size <= this.victimSize) return false;
    if (this.victimSize > 0) this.looked++;
    chunk = this.small.larger(size);
    if (chunk !== 0) {
      this.looked++;
      this.why.set("larger", size, space.length(chunk), space.start(chunk));
    } else {
      chunk = this.trees.smallest();
      if (chunk === 0) return false;
      this.why.set("tree", size, space.length(chunk), space.start(chunk));
    }
    this.remove(chunk);
    if (!this.split(chunk, size, slot)) return true;
    // The old victim goes to a bin: it is too short for small requests of this size.
    if (this.victim.data[0] !== 0) this.small.insert(this.victim.data[0]);
    this.victim.data[0] = chunk;
    return true;
  }

  /** Best fit of the trees, unless the victim fits as well or better. */
  private fromTrees(size: number, slot: Slot): boolean {
    const space = this.space;
    const chunk = this.trees.bestFit(size);
    if (chunk === 0) return false;
    const length = space.length(chunk);
    if (this.victimSize >= size && this.victimSize <= length) return false;
    if (this.victimSize > 0) this.looked++;
    this.why.set("tree", size, length, space.start(chunk));
    this.remove(chunk);
    if (this.split(chunk, size, slot)) this.insert(chunk);
    return true;
  }

  private fromVictim(size: number, slot: Slot): boolean {
    const victim = this.victim.data[0];
    if (victim === 0) return false;
    if (size > this.victimSize) {
      // A small request has already compared it.
      if (size > this.layout.size(this.layout.mostSmall)) this.looked++;
      return false;
    }
    this.looked++;
    this.why.set("victim", size, this.victimSize, this.space.start(victim));
    if (!this.split(victim, size, slot)) this.victim.data[0] = 0;
    return true;
  }

  /** Top always keeps some bytes. */
  private fromTop(size: number, slot: Slot): boolean {
    const top = this.top;
    const had = top.size;
    if (had > 0) this.looked++;
    if (size >= had && !top.grow(size)) {
      this.why.set("refused", size, had);
      return false;
    }
    this.why.set(size < had ? "top" : "grown", size, top.size, this.space.start(top.hole));
    this.space.take(top.hole, 0, size, slot);
    return true;
  }

  /** Puts `slot` at the low end of the chunk; whether a rest remains, which keeps the chunk's handle. */
  private split(chunk: Node, size: number, slot: Slot): boolean {
    const length = this.space.length(chunk);
    const splits = length - size >= this.layout.smallest;
    this.space.take(chunk, 0, splits ? size : length, slot);
    return splits;
  }

  /** Frees the block of `slot`, merged with both neighbours. Returns the chunk, which may be top. */
  private release(slot: Slot): Node {
    const space = this.space;
    const previous = space.previous(slot);
    const next = space.next(slot);
    const victim = this.victim.data[0];
    if (previous < 0 && previous !== victim) this.remove(previous);
    const isTop = next === this.top.hole;
    if (next < 0 && next !== victim && !isTop) this.remove(next);
    const chunk = space.give(slot);
    const absorbed = victim !== 0 && (previous === victim || next === victim);
    if (isTop) {
      this.top.hole = chunk;
      if (absorbed) this.victim.data[0] = 0;
    } else if (absorbed) this.victim.data[0] = chunk;
    else this.insert(chunk);
    return chunk;
  }

  /** The chunk is large enough: what it has too much is freed if it is a chunk. */
  private keep(slot: Slot, size: number): boolean {
    if (this.space.length(slot) - size >= this.layout.smallest) this.shrink(slot, size);
    return true;
  }

  /** Cuts the block of `slot` down to `size`; the rest is freed. */
  private shrink(slot: Slot, size: number): void {
    const space = this.space;
    const next = space.next(slot);
    const kept = next === this.top.hole || next === this.victim.data[0];
    if (next < 0 && !kept) this.remove(next);
    space.resize(slot, space.start(slot), size);
    // A hole that grows downwards keeps its handle: top stays top, the victim the victim.
    if (!kept) this.insert(space.next(slot));
  }

  /** Grows the block of `slot` to `size` into the free chunk behind; whether that was enough. */
  private extend(slot: Slot, size: number): boolean {
    const space = this.space;
    const next = space.next(slot);
    if (next >= 0) return false;
    const start = space.start(slot);
    const room = space.length(slot) + space.length(next);
    if (next === this.top.hole) {
      if (room <= size) return false;
      space.resize(slot, start, size);
      return true;
    }
    if (room < size) return false;
    const splits = room - size >= this.layout.smallest;
    const isVictim = next === this.victim.data[0];
    if (!isVictim) this.remove(next);
    space.resize(slot, start, splits ? size : room);
    if (isVictim) this.victim.data[0] = splits ? next : 0;
    else if (splits) this.insert(space.next(slot));
    return true;
  }

  /** Bytes; 0 when there is none. */
  private get victimSize(): number {
    const victim = this.victim.data[0];
    return victim === 0 ? 0 : this.space.length(victim);
  }

  private insert(chunk: Node): void {
    if (this.small.holds(this.space.length(chunk))) this.small.insert(chunk);
    else this.trees.insert(chunk);
  }

  /** Out of its bin. The chunk still has the length that it was put there with. */
  private remove(chunk: Node): void {
    if (this.small.holds(this.space.length(chunk))) this.small.remove(chunk);
    else this.trees.remove(chunk);
  }
}

export const dlmalloc = definePolicy<typeof OPTIONS>({
  name: "dlmalloc",
  family: "segregated fits",
  summary: "Best fit by bins and tries, with a designated victim and a top chunk: Doug Lea's malloc.",
  source:
    "dlmalloc 2.8.6, Doug Lea, malloc.c, 29 August 2012, with sbrk in 64 KiB pages and without mmap (as Emscripten builds it), " +
    "or as create_mspace_with_base; Lea, A Memory Allocator, 1996 to 2000",
  departs:
    "No mmap: large chunks are not mapped by themselves. Headers carry no footers or magic. A fixed heap shorter than " +
    "a page is asked for as a whole. An mspace on a heap that grows begins with one page and continues it, where " +
    "the real one would add a segment wherever the system has one.",
  facts: {
    author: "Doug Lea, 1987 to 2012",
    ships: "Emscripten by default; wasi-libc; Android up to 4.4; the ancestor of glibc's",
    header: "w = 4 or 8 bytes: the size word",
    alignment: "2w = 8 or 16 bytes as an mspace; 8 bytes over sbrk, as Emscripten builds it",
    order:
      "small bins of one size, last freed first; tries by size, best fit; the rest of the last split; top",
    coalescing: "at once, with both neighbours",
    bound: "none known; best fit, which it comes near, has about M(n - 2) (Robson 1977)",
    steps:
      "chunks whose size a malloc looks at: one that a small bin gives, every tree node on the way, the " +
      "designated victim and top where they are compared with the request",
  },
  kind: "allocator",
  coalesces: () => "at once",
  options: OPTIONS,
  granule: (options) => (options.bits === "32" ? 4 : 8),
  reasons: REASONS,
  create: (space, options) => new Dlmalloc(space, options),
});
