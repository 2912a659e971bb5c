/**
 * The gaps that the last collection left, by address: free ranges that new objects may go to. Shorter ones than two
 * smallest objects are not worth it and wait for the next collection.
 */
import type { Column } from "../../space/columns.ts";
import type { Address, Space } from "../../space/space.ts";

export class GapList {
  private readonly starts: Column<Float64Array>;
  private readonly ends: Column<Float64Array>;
  private readonly nexts: Column<Int32Array>;
  private readonly space: Space;
  private readonly least: number;

  /** `least`: bytes of the shortest gap in the list. Row 0 is the head of the list. */
  constructor(space: Space, least: number) {
    this.space = space;
    this.least = least;
    this.starts = space.columns.float64(16);
    this.ends = space.columns.float64(16);
    this.nexts = space.columns.int32(16);
  }

  /** The free ranges below `end`, and none else. Returns how many there are. */
  gather(end: Address): number {
    const { space, least } = this;
    let count = 0;
    this.nexts.data[0] = 0;
    for (let node = space.next(space.heap); node !== space.heap && space.start(node) < end; ) {
      if (node < 0 && space.length(node) >= least && space.end(node) <= end) {
        count++;
        this.starts.grow(count + 1);
        this.ends.grow(count + 1);
        this.nexts.grow(count + 1);
        this.starts.data[count] = space.start(node);
        this.ends.data[count] = space.end(node);
        this.nexts.data[count - 1] = count;
        this.nexts.data[count] = 0;
      }
      node = space.next(node);
    }
    return count;
  }

  /** 0 at the end; from 0, the first. */
  next(gap: number): number {
    return this.nexts.data[gap];
  }
  start(gap: number): Address {
    return this.starts.data[gap];
  }
  end(gap: number): Address {
    return this.ends.data[gap];
  }

  /** Takes the low end of `gap`, which follows `before`, up to `to`. Returns where it ends: what is too short to stay in the list goes with it. */
  take(before: number, gap: number, to: Address): Address {
    const end = this.ends.data[gap];
    if (end - to >= this.least) {
      this.starts.data[gap] = to;
      return to;
    }
    this.nexts.data[before] = this.nexts.data[gap];
    return end;
  }
}
