/**
 * Sliding that may stop behind any block: when a hole is long enough, or when the work that a step is given is done.
 *
 * A block goes down into the hole below it, as far as its alignment lets it, so that order is kept; what is pinned stays.
 * Steps go on at the rover of the list of holes: what lies above that hole slides into it, and when nothing can, it is the
 * next hole's turn.
 *
 *   work to lower a block = 1 its header, 1 its entry in the table of handles, 2 a word copied
 *   work saved up         = what requests have brought along and no step has used; kept only while a block is waiting
 *                           that is too long for one step
 *
 * Words touched are this work; 1 a block that stays where it is; and in a step 1 a hole that is looked at.
 */

import { Cause } from "../allocators/contract.ts";
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import type { FreeList } from "../allocators/parts/free-list.ts";
import type { Column } from "../space/columns.ts";
import { Cost, WORD } from "../space/cost.ts";
import { type Address, type Hole, type Slot, type Space, State } from "../space/space.ts";
import type { Alignments } from "./alignments.ts";

export class GradualSlide {
  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly holes: FreeList;
  private readonly alignments: Alignments;
  /** Words of work that a request brings along; 0: none, ever. */
  private readonly step: number;
  /** [words of work saved up]. */
  private readonly saved: Column<Float64Array>;

  /** `holes`: those of the heap, by address; its rover is this one's. */
  constructor(space: Space, shape: BlockShape, holes: FreeList, alignments: Alignments, step: number) {
    this.space = space;
    this.shape = shape;
    this.holes = holes;
    this.alignments = alignments;
    this.step = step;
    this.saved = space.columns.float64(1);
  }

  /** From the heap's low end up, until `wanted` bytes lie free below the next block. Within a collection. */
  until(wanted: number): void {
    const { space } = this;
    let passed = 0;
    for (let slot = this.blockFrom(space.next(space.heap)); slot !== space.heap; ) {
      const below = space.previous(slot);
      if (below < 0 && space.length(below) >= wanted) break;
      const next = this.blockFrom(space.next(slot));
      if (space.state(slot) !== State.control) passed++;
      if (below < 0 && this.workToLower(slot, below) > 0) this.lower(slot, below);
      slot = next;
    }
    space.count(Cost.scannedWords, passed);
    space.count(Cost.touchedWords, passed);
  }

  /** A step: the work that a request brings along. It is a collection if anything moves. */
  advance(): void {
    if (this.step === 0) return;
    const { space, holes } = this;
    const saved = this.saved.data;
    saved[0] += this.step;
    let looked = 0;
    let began = false;
    for (let passed = 0; passed < holes.size && saved[0] > 0; ) {
      const hole = holes.rover;
      const slot = space.next(hole);
      const work = this.workToLower(slot, hole);
      if (work === 0) {
        holes.rover = holes.next(hole);
        saved[0]--;
        looked++;
        passed++;
        continue;
      }
      if (work > saved[0]) break;
      if (!began) space.beginCollection(Cause.step);
      began = true;
      saved[0] -= work;
      space.count(Cost.scannedWords, 1);
      space.count(Cost.touchedWords, 1);
      this.lower(slot, hole);
      passed = 0;
    }
    if (!this.waits()) saved[0] = 0;
    if (!began) return;
    space.count(Cost.touchedWords, looked);
    space.endCollection();
  }

  /** Whether the block above the rover is too long for one step: nothing else is saved up for, so that pauses stay short. */
  private waits(): boolean {
    const hole = this.holes.rover;
    return hole !== 0 && this.workToLower(this.space.next(hole), hole) > this.step;
  }

  /** Words of work to move the block down into the hole below it; 0 if it is pinned, can go no lower, or is no block. */
  private workToLower(slot: Slot, hole: Hole): number {
    const { space } = this;
    if (space.state(slot) !== State.live || this.isPinned(slot)) return 0;
    return this.lowest(slot, hole) < space.start(slot) ? 2 + 2 * Math.ceil(space.length(slot) / WORD) : 0;
  }

  private lower(slot: Slot, hole: Hole): void {
    const { space } = this;
    space.moveInto(slot, hole, this.lowest(slot, hole) - space.start(hole));
    space.count(Cost.updatedReferences, 1);
    space.count(Cost.touchedWords, 1 + 2 * Math.ceil(space.length(slot) / WORD));
  }

  /** Where the block begins if it goes down into the hole below it. */
  private lowest(slot: Slot, hole: Hole): Address {
    return this.shape.start(this.space.start(hole), this.alignments.of(slot));
  }

  private isPinned(slot: Slot): boolean {
    return this.space.graph.on && this.space.graph.isPinned(slot);
  }

  /** `node`, or the slot behind it if it is a hole. */
  private blockFrom(node: number): Slot {
    return node < 0 ? this.space.next(node) : node;
  }
}
