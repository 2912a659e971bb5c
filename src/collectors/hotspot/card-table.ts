/**
 * Cards: a byte for every 512 bytes of the old generation, set when a reference to some object is stored there, so
 * that a young collection finds what old objects refer to without reading them all (The Garbage Collection Handbook,
 * section 11.8). The set cards of a heap are looked for from the high end to the low one; neighbours make one run.
 */
import type { Column, Columns } from "../../space/columns.ts";
import type { Address } from "../../space/space.ts";

const CARD_LOG2 = 9;
export const CARD = 1 << CARD_LOG2;

export class CardTable {
  private readonly base: Address;
  /** 1: dirty. */
  private readonly cards: Column<Uint8Array>;

  /** Cards of [base, end). */
  constructor(columns: Columns, base: Address, end: Address) {
    this.base = base;
    this.cards = columns.uint8(Math.ceil((end - base) / CARD));
  }

  get bytes(): number {
    return this.cards.data.length;
  }

  dirty(address: Address): void {
    this.cards.data[Math.floor((address - this.base) / CARD)] = 1;
  }

  isDirty(address: Address): boolean {
    return this.cards.data[Math.floor((address - this.base) / CARD)] === 1;
  }

  /** Cleans all, or makes all below `top` dirty. */
  reset(top: Address): void {
    this.cards.data.fill(0);
    this.cards.data.fill(1, 0, this.cardsBelow(top));
  }

  /** How many cards there are below `top`. */
  cardsBelow(top: Address): number {
    return Math.ceil((top - this.base) / CARD);
  }

  /** The highest dirty card below `card`, plus 1: where the next run ends; 0 where there is none. */
  runEnd(card: number): number {
    return card === 0 ? 0 : this.cards.data.lastIndexOf(1, card - 1) + 1;
  }

  /** First card of the run that ends at `end`; its cards are clean from now on. */
  takeRun(end: number): number {
    const cards = this.cards.data;
    let card = end;
    while (card > 0 && cards[card - 1] === 1) cards[--card] = 0;
    return card;
  }

  /** Where card `card` begins. */
  start(card: number): Address {
    return this.base + card * CARD;
  }
}
