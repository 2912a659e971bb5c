/**
 * A full collection: marks, and slides all that lives into the old generation, in the order old, eden, from (GenMarkSweep
 * of OpenJDK 17; Lisp2, with the forwarding address in the mark word). What no longer fits there goes on in eden, and then
 * in from; it is of age 0 again.
 *
 * Dead wood: objects at the low end of old are seldom worth moving, so that, until something has slid, what is dead may
 * stay where it is, each run of it as if it were one object that lives, as long as there is a budget of 5% of old
 * (MarkSweepDeadRatio). The first run for which it has not enough is let go of, and so are all behind. Every fourth full
 * collection has no budget (MarkSweepAlwaysCompactCount).
 *
 * Words counted, after marking (The Garbage Collection Handbook, section 3.2, Algorithm 3.2); a run of dead objects is
 * passed in one step once the first pass has written there where it ends:
 *
 *   addresses   1 an object passed, dead or not, and 1 a live one for its forwarding address
 *   references  1 a run of the dead, and the words of live objects, where references are sought
 *   move        1 a run of the dead, 1 a live object, and 2 a word moved
 *   extra       the card table
 */
import { Cost, WORD } from "../../space/cost.ts";
import { type Address, Counter, type Node, type Slot, type Space, State } from "../../space/space.ts";
import type { Alignments } from "../alignments.ts";
import { liveWords, mark } from "../marking.ts";
import type { CardTable } from "./card-table.ts";
import type { Generations } from "./generations.ts";
import type { Tenuring } from "./tenuring.ts";

const DEAD_PERCENT = 5;

export class FullCollection {
  private readonly space: Space;
  private readonly generations: Generations;
  private readonly cards: CardTable;
  private readonly tenuring: Tenuring;
  private readonly alignments: Alignments;
  /** Bytes before an object's own address. */
  private readonly header: number;

  // What follows holds for the collection at hand only.
  /** Where the next object goes, and the end of that space. */
  private free: Address = 0;
  private end: Address = 0;
  /** Bytes of dead wood that may stay. */
  private budget = 0;
  /** Slots that live in eden and from, by address. */
  private young: Slot[] = [];
  /** By slot: 1 if it has moved. */
  private moved = new Uint8Array(0);
  private dead = 0;
  private deadRuns = 0;

  constructor(
    space: Space,
    generations: Generations,
    cards: CardTable,
    tenuring: Tenuring,
    alignments: Alignments,
    header: number,
  ) {
    this.space = space;
    this.generations = generations;
    this.cards = cards;
    this.tenuring = tenuring;
    this.alignments = alignments;
    this.header = header;
  }

  /** Within a collection. `deadWood`: whether some of it may stay. */
  run(deadWood: boolean): void {
    const { space, generations } = this;
    mark(space);
    const bytes = space.cost(Cost.movedBytes);
    const capacity = generations.end - generations.old;
    this.budget = deadWood ? Math.floor((capacity * DEAD_PERCENT) / 100 / WORD) * WORD : 0;
    this.young = [];
    this.moved = new Uint8Array(space.slotLimit);
    this.dead = 0;
    this.deadRuns = 0;
    this.free = generations.settled;
    this.end = generations.end;
    this.slideOld(this.clearYoung());
    this.emptyYoung();
    this.count((space.cost(Cost.movedBytes) - bytes) / WORD);
  }

  /** Notes what lives in young and gives back the rest. Returns the first node of old. */
  private clearYoung(): Node {
    const { space, generations } = this;
    let node = space.next(space.heap);
    let afterDead = false;
    while (node !== space.heap && space.start(node) < generations.settled) {
      let next = space.next(node);
      if (node > 0 && space.state(node) === State.live) {
        this.young.push(node);
        afterDead = false;
      } else if (node > 0 && space.state(node) === State.garbage) {
        if (!afterDead) this.deadRuns++;
        afterDead = true;
        this.dead++;
        next = space.next(space.give(node));
      }
      node = next;
    }
    return node;
  }

  /** The objects from `node` on, those of old, slide down; dead wood stays. */
  private slideOld(node: Node): void {
    const { space } = this;
    let at = node;
    while (at !== space.heap) {
      if (at > 0 && space.state(at) === State.live) {
        this.slide(at);
        at = space.next(at); // a hole, if it has moved: passed as any gap
      } else at = this.passDead(at);
    }
  }

  /** A run of what is dead, from `node` to the next live object. Returns that, or the heap's edge. */
  private passDead(node: Node): Node {
    const { space, generations } = this;
    let live = node;
    let found = 0;
    while (live !== space.heap && (live < 0 || space.state(live) !== State.live)) {
      if (live > 0) found++;
      live = space.next(live);
    }
    const top = generations.oldTop;
    const end = live === space.heap ? top : space.start(live);
    const start = Math.max(space.start(node), generations.settled);
    if (end <= start) return live;
    this.dead += found;
    if (found > 0) this.deadRuns++;
    if (end - start <= this.budget) {
      this.budget -= end - start;
      this.free = end;
      return live;
    }
    this.budget = 0; // from here on all that lives slides
    for (let at = node; at !== live; ) at = at > 0 ? space.next(space.give(at)) : space.next(at);
    return live;
  }

  /** Slides an object of old. */
  private slide(slot: Slot): void {
    const align = this.alignments.of(slot);
    const to = align > WORD ? Math.ceil((this.free + this.header) / align) * align - this.header : this.free;
    this.move(slot, to);
    this.free = this.space.end(slot);
  }

  /** What is young goes to the end of old; what does not fit stays young. */
  private emptyYoung(): void {
    const { space, generations } = this;
    const { start, edenEnd, from, survivor } = generations.young;
    let oldTop = -1;
    let last: Slot = 0;
    let fromTop = from;
    for (const slot of this.young) {
      const length = space.length(slot);
      if (this.free + length > this.end && oldTop < 0) {
        oldTop = this.free;
        this.free = start;
        this.end = edenEnd;
      }
      if (this.free + length > this.end) {
        this.free = from;
        this.end = from + survivor;
      }
      this.move(slot, this.free);
      this.tenuring.born(slot);
      this.free += length;
      if (oldTop >= 0 && this.free <= edenEnd) last = slot;
      else if (oldTop >= 0) fromTop = this.free;
    }
    generations.young.fill(last, fromTop);
    generations.oldTop = oldTop < 0 ? this.free : oldTop;
    // All cards are dirty if something is still young: HotSpot does not look which references lead there.
    this.cards.reset(oldTop < 0 ? generations.old : generations.oldTop);
  }

  private move(slot: Slot, to: Address): void {
    if (to === this.space.start(slot)) return;
    this.space.move(slot, to);
    this.moved[slot] = 1;
  }

  private count(movedWords: number): void {
    const { space, dead, deadRuns } = this;
    const live = space.counter(Counter.liveBlocks);
    const scanned = 2 * live + dead + liveWords(space) + 2 * deadRuns;
    space.count(Cost.scannedWords, scanned);
    space.count(Cost.touchedWords, scanned + live + 2 * movedWords);
    space.count(Cost.updatedReferences, this.references());
    space.needExtra(this.cards.bytes);
  }

  /** How many roots and fields refer to what has moved. */
  private references(): number {
    const { space, moved } = this;
    const { graph } = space;
    if (!graph.on) return 0;
    const { cells } = graph;
    let count = 0;
    for (const slot of graph.roots()) count += moved[slot];
    for (let slot = 1; slot < space.slotLimit; slot++) {
      if (space.state(slot) !== State.live) continue;
      const first = graph.first(slot);
      for (let at = first, end = first + graph.fields(slot); at < end; at++) count += moved[cells[at]];
    }
    return count;
  }
}
