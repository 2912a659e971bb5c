/**
 * A young collection: what lives in eden and the one survivor space is copied to the other or to the end of the old
 * generation (DefNewGeneration of OpenJDK 17).
 *
 * What is held on to: roots on the stack; then the fields on dirty cards of old, runs of neighbouring cards from the
 * highest to the lowest, the fields of a run ascending; whether the old objects live is not asked. A card is dirty
 * afterwards if what a field on it refers to is still young.
 *
 * Words counted besides those of an evacuation (The Garbage Collection Handbook, section 11.8):
 *
 *   scanned   1 for every 8 cards below old's top, 64 a dirty card, 1 a root on the stack
 *   extra     the survivor space and the card table
 */
import { WORD } from "../../space/cost.ts";
import type { Address, Slot, Space } from "../../space/space.ts";
import { Evacuation, type Remembered } from "../generations/evacuation.ts";
import { CARD, type CardTable } from "./card-table.ts";
import type { Generations } from "./generations.ts";
import { ARRAY_HEADER, REFERENCE, type RootTable } from "./root-table.ts";
import type { Tenuring } from "./tenuring.ts";

export class Scavenge implements Remembered {
  private readonly space: Space;
  private readonly generations: Generations;
  private readonly cards: CardTable;
  private readonly table: RootTable;
  private readonly tenuring: Tenuring;
  /** From a block's start to its first field. */
  private readonly fieldsAt: number;
  private readonly evacuation: Evacuation;

  constructor(
    space: Space,
    generations: Generations,
    cards: CardTable,
    table: RootTable,
    tenuring: Tenuring,
    header: number,
  ) {
    this.space = space;
    this.generations = generations;
    this.cards = cards;
    this.table = table;
    this.tenuring = tenuring;
    this.fieldsAt = header + ARRAY_HEADER;
    this.evacuation = new Evacuation(space, generations.young, tenuring, this);
  }

  /** Within a collection. Old must have room for all that is young. */
  run(): void {
    const { space, generations, evacuation } = this;
    const { survivor } = generations.young;
    this.tenuring.begin();
    evacuation.begin(generations.oldTop);
    const scanned = space.graph.on ? this.trace() : 0;
    if (!space.graph.on) evacuation.copyAll();
    generations.oldTop = evacuation.end(scanned);
    this.tenuring.end(survivor);
    space.needExtra(survivor + this.cards.bytes);
  }

  keep(source: Slot, field: number): void {
    this.cards.dirty(this.space.start(source) + this.fieldsAt + field * REFERENCE);
  }

  /** Returns how many words were read to find what is held on to. */
  private trace(): number {
    const { cards, evacuation } = this;
    const { graph } = this.space;
    const roots = graph.roots();
    const onStack = this.table.onStack(roots);
    for (let i = onStack; i < roots.length; i++) evacuation.reach(roots[i]);
    const below = cards.cardsBelow(this.generations.oldTop);
    const dirty = this.scanCards(roots, below);
    evacuation.drain();
    // No such thing in the real one: they only keep alive, and come last.
    for (const slot of graph.pins()) evacuation.reach(slot);
    evacuation.drain();
    return roots.length - onStack + Math.ceil(below / WORD) + (dirty * CARD) / WORD;
  }

  /** Visits what the dirty ones of the cards below `card` hold, and cleans them. Returns how many. */
  private scanCards(roots: Int32Array, card: number): number {
    const { cards } = this;
    const top = this.generations.oldTop;
    let count = 0;
    let end = cards.runEnd(card);
    while (end > 0) {
      const first = cards.takeRun(end);
      this.scanRun(cards.start(first), Math.min(cards.start(end), top), roots);
      count += end - first;
      end = cards.runEnd(first);
    }
    return count;
  }

  /** The fields in [low, high), ascending: those of the root table, which is in what is settled, and of the objects. */
  private scanRun(low: Address, high: Address, roots: Int32Array): void {
    const { space, table, evacuation } = this;
    const { settled } = this.generations;
    const last = table.at(roots, high);
    for (let i = table.at(roots, low); i < last; i++)
      if (evacuation.reach(roots[i])) this.cards.dirty(table.address(roots[i]));
    if (high <= settled) return;
    let node = space.at(Math.max(low, settled));
    while (node !== space.heap && space.start(node) < high) {
      if (node > 0) {
        const first = space.start(node) + this.fieldsAt;
        const from = Math.max(0, Math.ceil((low - first) / REFERENCE));
        const to = Math.min(space.graph.fields(node), Math.ceil((high - first) / REFERENCE));
        evacuation.scan(node, from, to, true);
      }
      node = space.next(node);
    }
  }
}
