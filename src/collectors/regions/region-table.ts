/**
 * The regions of a heap: region k = [k * size, (k + 1) * size), the last one cut off at the end of the heap; and which
 * of them are free, in use for objects of at most half a region, or taken by a humongous one.
 */
import type { Column, Columns } from "../../space/columns.ts";
import type { Address } from "../../space/space.ts";

export const Kind = { free: 0, used: 1, humongous: 2 } as const;

const COUNT = 0;
const FREE = 1;
const FIRST_FREE = 2;
const END = 3;

export class RegionTable {
  readonly size: number;
  private readonly kinds: Column<Uint8Array>;
  /** [regions, free ones, no free one is below this one, end of the heap]. */
  private readonly state: Column<Float64Array>;

  constructor(columns: Columns, size: number) {
    this.size = size;
    this.kinds = columns.uint8();
    this.state = columns.float64(4);
  }

  get count(): number {
    return this.state.data[COUNT];
  }
  get free(): number {
    return this.state.data[FREE];
  }
  kind(region: number): number {
    return this.kinds.data[region];
  }
  startOf(region: number): Address {
    return region * this.size;
  }
  endOf(region: number): Address {
    return Math.min((region + 1) * this.size, this.state.data[END]);
  }
  of(address: Address): number {
    return Math.floor(address / this.size);
  }

  /** The heap ends at `end` from now on, and not below where it did. */
  reach(end: Address): void {
    const state = this.state.data;
    const count = Math.ceil(end / this.size);
    this.kinds.grow(count);
    state[FREE] += count - state[COUNT];
    state[COUNT] = count;
    state[END] = end;
  }

  /** Takes the lowest free region. -1: there is none. */
  takeFree(): number {
    const state = this.state.data;
    if (state[FREE] === 0) return -1;
    const kinds = this.kinds.data;
    let region = state[FIRST_FREE];
    while (kinds[region] !== Kind.free) region++;
    this.set(region, Kind.used);
    state[FIRST_FREE] = region + 1;
    return region;
  }

  set(region: number, kind: number): void {
    const kinds = this.kinds.data;
    const state = this.state.data;
    state[FREE] += Number(kind === Kind.free) - Number(kinds[region] === Kind.free);
    kinds[region] = kind;
    if (kind === Kind.free && region < state[FIRST_FREE]) state[FIRST_FREE] = region;
  }

  /** The end of the run of free regions that begins at `region`. */
  freeUntil(region: number): number {
    const kinds = this.kinds.data;
    let end = region;
    while (end < this.count && kinds[end] === Kind.free) end++;
    return end;
  }
}
