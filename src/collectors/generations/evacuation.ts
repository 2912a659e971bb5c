/**
 * What a young collection does with what it finds: each young object is copied when it is first found, to the
 * idle survivor space or, once it is old enough or that one is full, to the end of the old generation; and read when
 * its turn comes. First all that wait in the survivor space are read, then all that wait in old, and again until none
 * waits: Cheney's algorithm, with two places to copy to.
 *
 * Words counted (The Garbage Collection Handbook, section 4.1); `scanned` is for whoever looks for what is held on to:
 *
 *   marked    words of the objects copied, read for their references
 *   touched   these; `scanned`; 2 a word copied, and 1 an object for the forwarding address left behind
 */
import { Cost, WORD } from "../../space/cost.ts";
import type { Graph } from "../../space/graph.ts";
import { type Address, type Slot, type Space, State } from "../../space/space.ts";
import type { YoungSpaces } from "./young-spaces.ts";

export interface Promotion {
  /** Whether the object goes to old now. */
  isOldEnough(slot: Slot): boolean;
  /** An object of `length` bytes goes to the survivor space. */
  survived(slot: Slot, length: number): void;
}

export interface Remembered {
  /** Field `field` of the old object `source` refers to one that is young. */
  keep(source: Slot, field: number): void;
}

export class Evacuation {
  private readonly space: Space;
  private readonly graph: Graph;
  private readonly young: YoungSpaces;
  private readonly promotion: Promotion;
  private readonly remembered: Remembered;

  // What follows holds for the collection at hand only.
  /** Where old ended before, and ends now. */
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

  constructor(space: Space, young: YoungSpaces, promotion: Promotion, remembered: Remembered) {
    this.space = space;
    this.graph = space.graph;
    this.young = young;
    this.promotion = promotion;
    this.remembered = remembered;
  }

  /** Objects are promoted to `oldTop` and above, where there must be room for all that is young. */
  begin(oldTop: Address): void {
    const { space, young } = this;
    young.openTo();
    this.promoted = oldTop;
    this.oldTop = oldTop;
    this.to = young.to;
    this.toTop = young.to;
    this.toEnd = young.to + young.survivor;
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

  /** A reference to `slot`: copies it if that has not been done. Whether it is young, then. */
  reach(slot: Slot): boolean {
    let start = this.space.start(slot);
    if (start >= this.young.end) {
      if (start >= this.promoted && start < this.oldTop) this.updated++;
      return false;
    }
    if (start < this.to || start >= this.toEnd) start = this.copy(slot);
    this.updated++;
    return start < this.young.end;
  }

  /** Fields [from, to) of `slot`. */
  scan(slot: Slot, from: number, to: number, isOld: boolean): void {
    const first = this.graph.first(slot);
    for (let field = from; field < to; field++) {
      const target = this.cells[first + field];
      if (target !== 0 && this.reach(target) && isOld) this.remembered.keep(slot, field);
    }
  }

  /** Reads what has been copied, until nothing waits. */
  drain(): void {
    const { graph } = this;
    let survivor = 0;
    let tenured = 0;
    while (survivor < this.survivorCount || tenured < this.tenuredCount) {
      while (survivor < this.survivorCount) {
        const slot = this.survivors[survivor++];
        this.scan(slot, 0, graph.fields(slot), false);
      }
      while (tenured < this.tenuredCount) {
        const slot = this.tenured[tenured++];
        this.scan(slot, 0, graph.fields(slot), true);
      }
    }
    this.survivorCount = 0;
    this.tenuredCount = 0;
  }

  /** Without references: all that lives, by address. */
  copyAll(): void {
    const { space } = this;
    const live: Slot[] = [];
    let node = space.next(space.heap);
    for (; node !== space.heap && space.start(node) < this.young.end; node = space.next(node))
      if (node > 0 && space.state(node) === State.live) live.push(node);
    for (const slot of live) this.copy(slot);
  }

  /** What is left in the spaces that were in use is dead. Returns where old ends now. */
  end(scanned: number): Address {
    const { space, young } = this;
    let node = space.next(space.heap);
    while (node !== space.heap && space.start(node) < young.end) {
      const start = space.start(node);
      const dead =
        node > 0 && space.state(node) !== State.control && (start < this.to || start >= this.toEnd);
      node = space.next(dead ? space.give(node) : node);
    }
    young.swap(this.toTop);
    const words = Math.ceil(this.copiedBytes / WORD);
    space.count(Cost.markedWords, words);
    space.count(Cost.scannedWords, scanned);
    space.count(Cost.updatedReferences, this.updated);
    space.count(Cost.touchedWords, 3 * words + this.copies + scanned);
    return this.oldTop;
  }

  /** Returns where it is now. */
  private copy(slot: Slot): Address {
    const { space, promotion } = this;
    const length = space.length(slot);
    this.copies++;
    this.copiedBytes += length;
    if (!promotion.isOldEnough(slot) && this.toTop + length <= this.toEnd) {
      const start = this.toTop;
      space.move(slot, start);
      promotion.survived(slot, length);
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
}
