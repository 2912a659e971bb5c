/**
 * First fit by address over the heap's own holes, for collectors that place between what lives: O(log holes). Those of
 * other segments, where tables lie, are not among them.
 */
import type { BlockShape } from "../allocators/parts/block-shape.ts";
import { FreeList } from "../allocators/parts/free-list.ts";
import { LongestPages } from "../allocators/parts/longest-pages.ts";
import { Wanted } from "../allocators/parts/wanted.ts";
import { Cost } from "../space/cost.ts";
import { type Address, type Hole, type HoleIndex, type Space, SpaceError } from "../space/space.ts";

export class FirstFitHoles implements HoleIndex {
  /** The holes by address. Its rover is the caller's. */
  readonly list: FreeList;
  private readonly space: Space;
  private readonly shape: BlockShape;
  private readonly pages: LongestPages;
  private readonly wanted: Wanted;

  constructor(space: Space, shape: BlockShape) {
    this.space = space;
    this.shape = shape;
    this.list = new FreeList(space.columns, space, "address");
    this.pages = new LongestPages(this.list, space.columns);
    this.wanted = new Wanted(space, shape.header, space.granule);
    space.follow(this);
  }

  /** The lowest hole that holds a block of `length`, its payload aligned to `align`; 0 if none does. Counts the steps. */
  find(length: number, align: number): Hole {
    this.wanted.set(length, align > this.shape.alignment ? align : 0);
    const hole = this.wanted.after(0, this.pages);
    this.space.count(Cost.searchSteps, hole === 0 ? this.list.size : this.list.rank(hole));
    return hole;
  }

  /** The next such hole behind `hole`; 0 if there is none. */
  after(hole: Hole): Hole {
    return this.wanted.after(hole, this.pages);
  }

  /** Where in a hole the block goes that `find` was asked for. */
  start(hole: Hole): Address {
    return this.space.start(hole) + this.wanted.lead(this.space.start(hole));
  }

  /** Extends the heap by what that block lacks at its end. Returns the hole there; 0 if the heap cannot grow. */
  grow(): Hole {
    const { space } = this;
    if (!space.grows) return 0;
    const end = space.segmentEnd(space.heap);
    const last = space.previous(space.heap);
    const start = last < 0 ? space.start(last) : end;
    return space.extend(start + this.wanted.lead(start) + this.wanted.length - end);
  }

  /** Throws unless the list has the heap's holes. */
  validate(): void {
    const { space, list } = this;
    list.validate();
    let listed = list.first;
    for (let node = space.next(space.heap); node !== space.heap; node = space.next(node)) {
      if (node > 0) continue;
      if (node !== listed)
        throw new SpaceError(`the hole at ${space.start(node)} is not the next in the list`);
      listed = list.next(listed);
    }
    if (listed !== 0) throw new SpaceError("the list has holes that the heap has not");
  }

  // The space tells of its holes.

  appear(hole: Hole): void {
    if (this.space.start(hole) < this.space.limit) this.list.insert(hole);
  }

  vanish(hole: Hole): void {
    if (this.space.start(hole) < this.space.limit) this.list.remove(hole);
  }

  change(hole: Hole): void {
    if (this.space.start(hole) < this.space.limit) this.list.resized(hole);
  }
}
