/**
 * The two scanners of a compaction run (mm/compaction.c, compact_zone): the migrate scanner goes up and finds blocks in
 * use, the free scanner comes down and isolates free blocks for them; when they meet, the run is over.
 *
 * Isolated blocks wait in a list for each order, as in compact_control.freepages, and are split for what is smaller;
 * what is left of them when the run ends goes back to the buddy lists, and is merged.
 *
 * Words: 1 a block that either scanner passes.
 */
import type { BuddyTree } from "../allocators/parts/buddy-tree.ts";
import { Cost } from "../space/cost.ts";
import type { Space } from "../space/space.ts";

const ORDERS = 31;

export class CompactionScanners {
  private readonly space: Space;
  private readonly tree: BuddyTree;
  private readonly unit: number;
  /** By order: starts of isolated blocks. They never outlive a run. */
  private readonly isolated: number[][];
  /** Where blocks began, free or in use, by address, when the run did; how many of them the free scanner is above. */
  private starts: Int32Array;
  private count: number;
  private below: number;

  constructor(space: Space, tree: BuddyTree, unit: number) {
    this.space = space;
    this.tree = tree;
    this.unit = unit;
    this.isolated = Array.from({ length: ORDERS }, () => []);
    this.starts = new Int32Array(64);
    this.count = 0;
    this.below = 0;
  }

  begin(): void {
    const { space, tree, unit } = this;
    this.below = 0;
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node)) {
      const end = space.end(node) / unit;
      for (let at = space.start(node) / unit; at < end; ) {
        const order = tree.freeOrder(at);
        this.note(at);
        at = order < 0 ? end : at + (1 << order);
      }
    }
    this.count = this.below;
  }

  /** Where the free scanner is, in units: what begins there or above is not migrated. */
  get position(): number {
    return this.below === this.count ? this.tree.end : this.starts[this.below];
  }

  /** An isolated block of the order, above `from`; -1 if the scanners meet before there is one. */
  take(order: number, from: number): number {
    for (;;) {
      for (let of = order; of < ORDERS; of++) {
        const at = this.isolated[of].pop();
        if (at === undefined) continue;
        for (let half = of - 1; half >= order; half--) {
          this.isolated[half].push(at + (1 << half));
          this.tree.hold(at + (1 << half), 0);
        }
        return at;
      }
      if (!this.isolateNext(from)) return -1;
    }
  }

  /** The run is over. */
  release(): void {
    for (const [order, starts] of this.isolated.entries()) {
      for (const at of starts) this.tree.give(at, order, true);
      starts.length = 0;
    }
  }

  /** The next free block down is isolated; false if there is none above `from`. */
  private isolateNext(from: number): boolean {
    const { starts, tree } = this;
    while (this.below > 0 && starts[this.below - 1] >= from) {
      const at = starts[--this.below];
      this.pass();
      const order = tree.freeOrder(at);
      if (order < 0) continue;
      this.isolated[order].push(at);
      tree.isolate(at);
      return true;
    }
    return false;
  }

  private note(at: number): void {
    if (this.below === this.starts.length) {
      const starts = new Int32Array(2 * this.below);
      starts.set(this.starts);
      this.starts = starts;
    }
    this.starts[this.below++] = at;
  }

  private pass(): void {
    this.space.count(Cost.scannedWords, 1);
    this.space.count(Cost.touchedWords, 1);
  }
}
