/** Notes what one event did to a space: what it claimed and freed, and its moves in their order. */
import type { Probe } from "../../src/space/probe.ts";
import type { Slot, Space } from "../../src/space/space.ts";
import type { SegmentFacts } from "./protocol.ts";

/** Freed ranges that are kept one by one; a sweep frees more than anybody could look at. */
const MOST_FREED = 64;

/** Bytes. */
export interface Move {
  readonly slot: Slot;
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

export class Watcher implements Probe {
  claimedSlot: Slot = 0;
  resizedSlot: Slot = 0;
  diedSlot: Slot = 0;
  /** The first freed ranges. */
  readonly freed: SegmentFacts[] = [];
  readonly moves: Move[] = [];
  /** By collection: how many moves there were before it. */
  readonly #begins: number[] = [];
  readonly #space: Space;
  readonly #onCollection: () => void;

  /** `onCollection` runs while the space still is as a collection finds it, the one of number `collections`. */
  constructor(space: Space, onCollection: () => void) {
    this.#space = space;
    this.#onCollection = onCollection;
  }

  /** Collections that have begun. */
  get collections(): number {
    return this.#begins.length;
  }

  /** Of a collection, from 0. */
  movesOf(collection: number): readonly Move[] {
    return this.moves.slice(this.#begins[collection], this.#begins[collection + 1]);
  }

  claimed(slot: number): void {
    this.claimedSlot = slot;
  }

  released(slot: number): void {
    if (this.freed.length < MOST_FREED)
      this.freed.push({ start: this.#space.start(slot), length: this.#space.length(slot) });
  }

  died(slot: number): void {
    this.diedSlot = slot;
  }

  resized(slot: number): void {
    this.resizedSlot = slot;
  }

  moved(slot: number, from: number, to: number, length: number): void {
    const granule = this.#space.granule;
    this.moves.push({ slot, from: from * granule, to: to * granule, length: length * granule });
  }

  reserved(): void {}
  unreserved(): void {}
  segment(): void {}

  unmapped(): void {}

  purged(): void {}
  shared(): void {}

  collected(cause: number): void {
    if (cause < 0) return;
    this.#onCollection();
    this.#begins.push(this.moves.length);
  }
}
