/**
 * Meshing, as Mesh does it: compaction without moving. Spans of pages hold objects of one size, at random places. Now and
 * then, of two spans that have no object in the same place, the objects of one are copied to the other's memory, and its
 * addresses lead there from then on: the two share the pages of one, and nobody's pointers have changed.
 *
 *   span 1 at 0x1000   A..B....   ->   A.CB..D.      resident: one page of two; C keeps its address, 0x2010,
 *   span 2 at 0x2000   ..C...D.        the same      and is where 0x1010 would be
 *
 *   allocation   a random free place of the span in use; when that is full, of a random one of the fullest spans, by
 *                quarters, that have a free place; then of a new span
 *   a pass       every so many frees: pairs are sought at random, class by class (meshing/split-mesher.ts)
 *
 * Words touched: those of the bitmaps compared, 4 bytes to 32 places each (scannedWords); 2 a word copied; 1 a page mapped
 * anew. No object moves, and no reference is rewritten. There is nothing to mark under malloc; where the trace has
 * references, a pass marks first, and frees what is dead.
 */
import {
  Cause,
  definePolicy,
  type InternalsSink,
  REFUSED,
  type Request,
  roundUp,
} from "../allocators/contract.ts";
import type { Options } from "../options/options.ts";
import type { Column } from "../space/columns.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, PAGE, type Slot, type Space, State } from "../space/space.ts";
import { FreeingCollector } from "./freeing-collector.ts";
import { MESH_CLASSES, meshClass } from "./meshing/mesh-classes.ts";
import { RandomWords } from "./meshing/random-words.ts";
import { SpanBins } from "./meshing/span-bins.ts";
import { splitMesher } from "./meshing/split-mesher.ts";
import { SizeSpans } from "./size-spans.ts";
import { Trigger } from "./trigger.ts";

const OPTIONS = {
  every: {
    type: "integer",
    default: 1000,
    min: 0,
    max: 1 << 24,
    about: "frees from one pass to the next; 0: never. Mesh waits for 100 ms to go by",
  },
  probes: {
    type: "integer",
    default: 64,
    min: 1,
    max: 1024,
    about: "spans that one is compared with at most, in each pass (t in Mesh)",
  },
  seed: {
    type: "integer",
    default: 1,
    min: 0,
    max: 0x7fffffff,
    about: "what the random choices begin from",
  },
} as const;

const REASONS = {
  place: "a random free place of {0} bytes in the span in use: [{1}, {2})",
  partial: "the span in use was full; a random place in one of the fullest others: [{1}, {2})",
  span: "no span of {0} bytes had a free place: a new one, and [{1}, {2})",
  pages: "{0} bytes are more than the largest class of spans: pages of their own, [{1}, {2})",
  refused: "no run of pages is left for {0} bytes",
  stays: "the new length is of the same class: {0} bytes",
  freed: "the place [{0}, {1}) is free",
  died: "[{0}, {1}) is garbage until the next pass",
};

/** Spans that share one's memory, at most (`kMaxMeshes`). */
const MOST_SHARERS = 256;

class Meshing extends FreeingCollector<keyof typeof REASONS> {
  private readonly options: Options<typeof OPTIONS>;
  private readonly spans: SizeSpans;
  private readonly bins: readonly SpanBins[];
  private readonly random: RandomWords;
  private readonly trigger: Trigger;
  /** How the span in use was come by, for the reason. */
  private attachedBy: keyof typeof REASONS;
  /** By class: first page of the span in use, plus 1; 0 for none. Behind them, frees since the last pass. */
  private readonly state: Column<Int32Array>;

  constructor(space: Space, options: Options<typeof OPTIONS>) {
    super(space, 0, REASONS);
    this.options = options;
    this.spans = new SizeSpans(space, PAGE, MESH_CLASSES);
    this.bins = MESH_CLASSES.map((_, kind) => new SpanBins(this.spans, kind));
    this.random = new RandomWords(space.columns, options.seed);
    this.trigger = new Trigger(space);
    this.attachedBy = "place";
    this.state = space.columns.int32(MESH_CLASSES.length + 1);
  }

  allocate(bytes: number, align: number, { slot }: Request): Address {
    const { space } = this;
    const size = this.need(bytes, align);
    let start = this.put(bytes, align, slot);
    if (start < 0 && space.graph.on && this.trigger.due(size)) {
      this.collect(Cause.exhausted);
      start = this.put(bytes, align, slot);
    }
    if (start < 0) this.said.set("refused", size);
    return start;
  }

  override free(address: Address, request: Request): void {
    super.free(address, request);
    const { options } = this;
    const state = this.state.data;
    if (options.every === 0 || ++state[MESH_CLASSES.length] < options.every) return;
    state[MESH_CLASSES.length] = 0;
    this.collect(Cause.step);
  }

  reallocate(address: Address, bytes: number, request: Request): Address {
    const { space } = this;
    const { previous } = request;
    this.recent.note(previous);
    this.said.set("stays", space.length(previous));
    if (this.need(bytes, 0) === space.length(previous)) return address;
    const to = this.allocate(bytes, 0, request);
    if (to === REFUSED) return REFUSED;
    if (space.state(previous) === State.live) this.release(previous);
    return to;
  }

  /** A pass over all classes. */
  collect(cause: Cause): void {
    const { space } = this;
    space.beginCollection(cause);
    this.releaseDead();
    for (const [kind, { size }] of MESH_CLASSES.entries()) if (size < PAGE) this.mesh(kind);
    this.trigger.collected();
    space.endCollection();
  }

  need(bytes: number, align: number): number {
    const kind = meshClass(bytes, align);
    return kind < 0 ? roundUp(Math.max(bytes, 1), PAGE) : MESH_CLASSES[kind].size;
  }

  internals(show: InternalsSink): void {
    const { spans } = this;
    for (const [kind, { size, pages }] of MESH_CLASSES.entries()) {
      if (spans.openSpans(kind) === 0) continue;
      show.list(`spans of ${size}`);
      for (let n = 1; n <= spans.openSpans(kind); n++) {
        const page = spans.openSpan(kind, n);
        const sharers = spans.sharers(page);
        show.entry(page * PAGE, pages * PAGE, sharers > 1 ? `memory of ${sharers} spans` : "partly full");
      }
    }
    show.list("pages");
    spans.runs.show(show);
  }

  validate(): void {
    this.spans.validate();
    for (const bins of this.bins) bins.validate();
  }

  private put(bytes: number, align: number, slot: Slot): Address {
    const { space, spans } = this;
    const kind = meshClass(bytes, align);
    const size = this.need(bytes, align);
    const page = kind < 0 ? spans.runs.take(size / PAGE, align) : this.attach(kind);
    if (page < 0) return REFUSED;
    const start = kind < 0 ? page * PAGE : spans.put(page, this.drawFree(page, kind), slot);
    const why = kind < 0 ? "pages" : this.attachedBy;
    this.said.set(why, size, start, start + size);
    space.claim(slot, start, size);
    this.recent.note(slot);
    this.trigger.allocated(size);
    return start;
  }

  /** The span in use of a class, which has a free place; -1 if there is no room for a new one. */
  private attach(kind: number): number {
    const { spans } = this;
    const state = this.state.data;
    const attached = state[kind] - 1;
    this.attachedBy = "place";
    if (attached >= 0 && spans.used(attached) < MESH_CLASSES[kind].capacity) return attached;
    this.attachedBy = "partial";
    let page = this.bins[kind].takeFullest(this.random);
    if (page < 0) {
      this.attachedBy = "span";
      page = spans.add(kind);
    }
    state[kind] = page + 1;
    return page;
  }

  /** A free place of the span at `page`, each equally likely. */
  private drawFree(page: number, kind: number): number {
    const { spans, random } = this;
    let left = random.below(MESH_CLASSES[kind].capacity - spans.used(page));
    let index = 0;
    while (spans.slot(page, index) !== 0 || left-- > 0) index++;
    return index;
  }

  protected release(slot: Slot): void {
    const { space, spans } = this;
    const start = space.start(slot);
    const page = spans.pageOf(start);
    const holder = spans.holder(page);
    const kind = spans.kind(holder);
    space.give(slot);
    if (kind < 0) {
      spans.giveRun(page);
      return;
    }
    spans.clear(holder, spans.indexOf(page, start));
    if (this.state.data[kind] === holder + 1) return;
    this.bins[kind].settle(holder);
    if (spans.used(holder) === 0) spans.remove(holder);
  }

  private mesh(kind: number): void {
    const { space, spans, random } = this;
    const { size, pages } = MESH_CLASSES[kind];
    const bins = this.bins[kind];
    const pairs = splitMesher(spans, kind, bins.pages(), this.options.probes, random);
    let touched = pairs.words;
    for (let i = 0; i < pairs.pages.length; i += 2) {
      const [a, b] = [pairs.pages[i], pairs.pages[i + 1]];
      if (spans.sharers(a) + spans.sharers(b) > MOST_SHARERS) continue;
      // Into the one that more of them share already.
      const [page, other] = spans.sharers(a) < spans.sharers(b) ? [b, a] : [a, b];
      touched += 2 * spans.used(other) * (size / WORD) + spans.sharers(other) * pages;
      bins.remove(other);
      spans.takeIn(page, other);
      bins.settle(page);
    }
    space.count(Cost.scannedWords, pairs.words);
    space.count(Cost.touchedWords, touched);
  }
}

export const meshing = definePolicy<typeof OPTIONS>({
  name: "meshing",
  family: "collectors",
  summary:
    "Random places in spans of one size; spans without an object in the same place come to share their memory (Mesh).",
  source:
    "Powers, Tench, Berger and McGregor, Mesh: Compacting Memory Management for C/C++ Applications, PLDI 2019, pp. 333-346; " +
    "Mesh, src/global_heap.cc (halfSplit, shiftedSplitting, meshSizeClassLocked), src/binnedtracker.h, src/shuffle_vector.h",
  departs:
    "One thread, with one span in use for each class, as in the paper's version. A pass is due after so many frees, not after so much time, and is " +
    "never put off. Free places are drawn one by one, where Mesh shuffles them in advance, which is as likely. An empty span goes at once " +
    "with its pages, which Mesh keeps for a while. The kernel's limit on mappings is not modelled. Addresses of a span that was taken in are holes " +
    "that nothing can be placed in until all of its sharers are empty. With references, what roots reach lives, which Mesh has no need to ask.",
  facts: {
    author: "Bobby Powers, David Tench, Emery D. Berger and Andrew McGregor, 2019",
    ships: "Mesh, to be preloaded in place of malloc",
    header: "none; and the rest of the class",
    alignment: "16 bytes; places at multiples of the largest power of two in their size",
    order: "a random free place of the span in use; then one of the fullest spans, at random",
    coalescing: "never; a span that is empty goes back to the pages",
    bound:
      "none for addresses; in memory it is said to break Robson's with high probability (Powers and others, abstract)",
    steps: "runs of pages in use that are passed to make a span",
  },
  collecting: {
    passes: "none over objects: bitmaps of spans are compared, and the objects of one copied",
    extra: "none",
    order: "in place: addresses are kept",
  },
  kind: "collector",
  guarantees: () => ({ finds: "all", keepsPins: true, keepsOrder: true, compacts: false }),
  coalesces: () => "never",
  options: OPTIONS,
  granule: () => 16,
  reasons: REASONS,
  create: (space, options) => new Meshing(space, options),
});
