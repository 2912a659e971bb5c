/**
 * A pass of active defragmentation: each object that lies in a slab emptier than the others of its class goes to the
 * lowest free region of the class, and a slab that has become empty is given back.
 *
 *   sparse   it is not full, nor the slab that allocation uses, the lowest with a free region; two or more of its class are
 *            not full; and used in it <= 9/8 * average used in those
 *
 * The slabs of a class have their turn from the highest down, as it is the lowest that objects go to. Counts are those of
 * the moment: what has moved makes the slab it went to fuller.
 */
import { Cost, WORD } from "../space/cost.ts";
import { Counter, type Slot, type Space, State } from "../space/space.ts";
import { MovedReferences } from "./moved-references.ts";
import type { SizeSpans } from "./size-spans.ts";

export class SlabDefragmentation {
  private readonly space: Space;
  private readonly slabs: SizeSpans;
  private readonly moved: MovedReferences;

  constructor(space: Space, slabs: SizeSpans) {
    this.space = space;
    this.slabs = slabs;
    this.moved = new MovedReferences(space);
  }

  /**
   * Over all classes, within a collection. Words touched: 1 a live object, the counts of its slab; 2 a word copied; 1 a
   * reference rewritten, which without a graph is the one that owns the object.
   */
  run(): void {
    const { space, slabs, moved } = this;
    const live = space.counter(Counter.liveBlocks);
    const before = space.cost(Cost.moves);
    const bytes = space.cost(Cost.movedBytes);
    moved.begin();
    for (let kind = 0; kind < slabs.classes.length; kind++) this.defragment(kind);
    const moves = space.cost(Cost.moves) - before;
    const words = Math.ceil((space.cost(Cost.movedBytes) - bytes) / WORD);
    const references = space.graph.on ? moved.count() : moves;
    space.count(Cost.scannedWords, live);
    space.count(Cost.updatedReferences, references);
    space.count(Cost.touchedWords, live + references + 2 * words);
  }

  private defragment(kind: number): void {
    const { slabs } = this;
    for (let n = slabs.openSpans(kind); n > 1; n = Math.min(n - 1, slabs.openSpans(kind)))
      this.thin(kind, slabs.openSpan(kind, n));
  }

  /** Moves what lives in the slab at `page`, as long as it is sparse; it may be gone then. */
  private thin(kind: number, page: number): void {
    const { space, slabs } = this;
    const { capacity } = slabs.classes[kind];
    for (let index = 0; index < capacity && slabs.kind(page) === kind; index++) {
      const slot = slabs.slot(page, index);
      if (slot === 0 || space.state(slot) !== State.live || this.isPinned(slot)) continue;
      if (!this.isSparse(kind, page)) return;
      const to = slabs.openSpan(kind, 1);
      space.move(slot, slabs.put(to, slabs.firstFree(to), slot));
      this.moved.note(slot);
      slabs.vacate(page, index);
    }
  }

  /** `makeDefragDecision`. */
  private isSparse(kind: number, page: number): boolean {
    const { slabs } = this;
    const open = slabs.openSpans(kind);
    if (open < 2 || slabs.openSpan(kind, 1) === page) return false;
    const used = slabs.objects(kind) - (slabs.spans(kind) - open) * slabs.classes[kind].capacity;
    return 8 * slabs.used(page) * open <= 9 * used;
  }

  private isPinned(slot: Slot): boolean {
    return this.space.graph.on && this.space.graph.isPinned(slot);
  }
}
