/**
 * A young collection: what lives in eden and the one survivor space is copied to the other or, once it is old enough or
 * that one is full, to the end of the old generation (DefNewGeneration of OpenJDK 17).
 *
 * What is held on to: roots on the stack; then the fields on dirty cards of old, runs of neighbouring cards from the
 * highest to the lowest, the fields of a run ascending; whether the old objects live is not asked. Each object is
 * copied when it is first found, and read when its turn comes: first all that wait in the survivor space, then all
 * that wait in old, and again until none waits (Cheney's algorithm, with two places to copy to). A card is dirty
 * afterwards if what a field on it refers to is still young.
 *
 * Words counted (The Garbage Collection Handbook, sections 4.1 and 11.8):
 *
 *   marked    words of the objects copied, read for their references
 *   scanned   1 for every 8 cards below old's top, 64 a dirty card, 1 a root on the stack
 *   touched   both; 2 a word copied, and 1 an object for the forwarding address left behind
 *   extra     the survivor space and the card table
 */
import { Cost, WORD } from "../../space/cost.ts";
import type { Graph } from "../../space/graph.ts";
import { type Address, type Slot, type Space, State } from "../../space/space.ts";
import { CARD, type CardTable } from "./card-table.ts";
import type { Generations } from "./generations.ts";
import { ARRAY_HEADER, REFERENCE, type RootTable } from "./root-table.ts";
import type { Tenuring } from "./tenuring.ts";

export class Scavenge {
  private readonly space: Space;
  private readonly graph: Graph;
  private readonly generations: Generations;
  private readonly cards: CardTable;
  private readonly table: RootTable;
  private readonly tenuring: Tenuring;
  /** From a block's start to its first field. */
  private readonly fieldsAt: number;

  // What follows holds for the collection at hand only.
  private old: Address = 0;
  private settled: Address = 0;
  /** Where old ended before. */
  private promoted: Address = 0;
  private oldTop: Address = 0;
  private to: Address = 0;
  private toTop: Address = 0;
  private toEnd: Address = 0;
  private cells: Int32Array = new Int32Array(0);
  /** Slots in the order in which they were copied: to the survivor space, to old. */
  private survivors = new Int32Array(0);
  private tenured = new Int32Array(0);
  private survivorCount = 0;
  private tenuredCount = 0;
  private copies = 0;
  private copiedBytes = 0;
  private updated = 0;

  constructor(
    space: Space,
    generations: Generations,
    cards: CardTable,
    table: RootTable,
    tenuring: Tenuring,
    header: number,
  ) {
    this.space = space;
    this.graph = space.graph;
    this.generations = generations;
    this.cards = cards;
    this.table = table;
    this.tenuring = tenuring;
    this.fieldsAt = header + ARRAY_HEADER;
  }

  /** Within a collection. Old must have room for all that is young. */
  run(): void {
    this.begin();
    let scanned = 0;
    if (this.graph.on) {
      const roots = this.graph.roots();
      const onStack = this.table.onStack(roots);
      for (let i = onStack; i < roots.length; i++) this.reach(roots[i], -1);
      scanned = roots.length - onStack + Math.ceil(this.cards.cardsBelow(this.promoted) / WORD);
      scanned += (this.scanCards(roots) * CARD) / WORD;
      this.drain();
      // No such thing in the real one: they only keep alive, and come last.
      for (const slot of this.graph.pins()) this.reach(slot, -1);
      this.drain();
    } else this.copyAll();
    this.reclaim();
    this.tenuring.end(this.generations.survivor);
    this.generations.scavenged(this.toTop, this.oldTop);
    this.count(scanned);
  }

  private begin(): void {
    const { space, generations } = this;
    generations.openTo();
    this.tenuring.begin();
    this.old = generations.old;
    this.settled = generations.settled;
    this.promoted = generations.oldTop;
    this.oldTop = generations.oldTop;
    this.to = generations.to;
    this.toTop = generations.to;
    this.toEnd = generations.to + generations.survivor;
    this.cells = this.graph.cells;
    if (this.survivors.length < space.slotLimit) {
      this.survivors = new Int32Array(2 * space.slotLimit);
      this.tenured = new Int32Array(2 * space.slotLimit);
    }
    this.survivorCount = 0;
    this.tenuredCount = 0;
    this.copies = 0;
    this.copiedBytes = 0;
    this.updated = 0;
  }

  /** Visits what dirty cards hold, and cleans them. Returns how many. */
  private scanCards(roots: Int32Array): number {
    const { cards } = this;
    let count = 0;
    let end = cards.runEnd(cards.cardsBelow(this.promoted));
    while (end > 0) {
      const first = cards.takeRun(end);
      this.scanRun(cards.start(first), Math.min(cards.start(end), this.promoted), roots);
      count += end - first;
      end = cards.runEnd(first);
    }
    return count;
  }

  /** The fields in [low, high), ascending: those of the root table, which is in what is settled, and of the objects. */
  private scanRun(low: Address, high: Address, roots: Int32Array): void {
    const { space, graph, table } = this;
    const last = table.at(roots, high);
    for (let i = table.at(roots, low); i < last; i++) this.reach(roots[i], table.address(roots[i]));
    if (high <= this.settled) return;
    let node = space.at(Math.max(low, this.settled));
    while (node !== space.heap && space.start(node) < high) {
      if (node > 0) {
        const first = space.start(node) + this.fieldsAt;
        const from = Math.max(0, Math.ceil((low - first) / REFERENCE));
        const to = Math.min(graph.fields(node), Math.ceil((high - first) / REFERENCE));
        this.scan(node, first, from, to);
      }
      node = space.next(node);
    }
  }

  /** Reads what has been copied, until nothing waits. */
  private drain(): void {
    const { space, graph } = this;
    let survivor = 0;
    let tenured = 0;
    while (survivor < this.survivorCount || tenured < this.tenuredCount) {
      while (survivor < this.survivorCount) {
        const slot = this.survivors[survivor++];
        this.scan(slot, -1, 0, graph.fields(slot));
      }
      while (tenured < this.tenuredCount) {
        const slot = this.tenured[tenured++];
        this.scan(slot, space.start(slot) + this.fieldsAt, 0, graph.fields(slot));
      }
    }
    this.survivorCount = 0;
    this.tenuredCount = 0;
  }

  /** Fields [from, to) of `slot`. `first`: the address of field 0 if the object is old, else -1. */
  private scan(slot: Slot, first: Address, from: number, to: number): void {
    const cell = this.graph.first(slot);
    for (let field = from; field < to; field++) {
      const target = this.cells[cell + field];
      if (target !== 0) this.reach(target, first < 0 ? -1 : first + field * REFERENCE);
    }
  }

  /** A reference to `slot`, at `address` of the old generation, or -1. */
  private reach(slot: Slot, address: Address): void {
    let start = this.space.start(slot);
    if (start >= this.old) {
      if (start >= this.promoted) this.updated++;
      return;
    }
    if (start < this.to || start >= this.toEnd) start = this.copy(slot);
    this.updated++;
    if (address >= 0 && start < this.old) this.cards.dirty(address);
  }

  /** Returns where it is now. */
  private copy(slot: Slot): Address {
    const { space, tenuring } = this;
    const length = space.length(slot);
    this.copies++;
    this.copiedBytes += length;
    if (!tenuring.isOldEnough(slot) && this.toTop + length <= this.toEnd) {
      const start = this.toTop;
      space.move(slot, start);
      tenuring.survived(slot, length);
      this.toTop = start + length;
      this.survivors[this.survivorCount++] = slot;
      return start;
    }
    const start = this.oldTop;
    space.move(slot, start);
    this.oldTop = start + length;
    this.tenured[this.tenuredCount++] = slot;
    return start;
  }

  /** Without references: all that lives, by address. */
  private copyAll(): void {
    const { space } = this;
    const live: Slot[] = [];
    let node = space.next(space.heap);
    for (; node !== space.heap && space.start(node) < this.old; node = space.next(node))
      if (node > 0 && space.state(node) === State.live) live.push(node);
    for (const slot of live) this.copy(slot);
  }

  /** What is left in the spaces that were in use is dead. */
  private reclaim(): void {
    const { space } = this;
    let node = space.next(space.heap);
    while (node !== space.heap && space.start(node) < this.old) {
      const start = space.start(node);
      if (node < 0 || (start >= this.to && start < this.toEnd)) node = space.next(node);
      else node = space.next(space.give(node));
    }
  }

  private count(scanned: number): void {
    const { space, generations } = this;
    const words = this.copiedBytes / WORD;
    space.count(Cost.markedWords, words);
    space.count(Cost.scannedWords, scanned);
    space.count(Cost.updatedReferences, this.updated);
    space.count(Cost.touchedWords, 3 * words + this.copies + scanned);
    space.needExtra(generations.survivor + this.cards.bytes);
  }
}
