/**
 * Simple segregated storage: runs of equal blocks, and for each class a list of its free ones, the last freed first
 * (Wilson, Johnstone, Neely and Boles 1995, section 3.6). Nothing is split or merged.
 *
 * Runs are added from low to high. Their blocks are numbered in that order, so that a table by block number takes
 * 4 bytes a block, whatever its size:
 *
 *   number(block) = first number of its run + (block - start of the run) / length
 *   link[number]  = next free block of the list, as its start in granules + 1; 0 ends it
 *
 * Taking and giving cost O(log runs), to find the run of an address.
 */
import type { Column } from "../../space/columns.ts";
import { type Address, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";

// A run: its start and the length of a block, both in granules, the number of its first block, its class.
const RUN = 4;
const LENGTH = 1;
const FIRST = 2;
const CLASS = 3;

const RUNS = 0;
const BLOCKS = 1;
/** The run found last: the next question is often about it. */
const HINT = 2;

export class BlockRuns {
  private readonly granule: number;
  private readonly runs: Column<Int32Array>;
  private readonly links: Column<Int32Array>;
  /** First free block of each class, as a link. */
  private readonly heads: Column<Int32Array>;
  /** [runs, blocks, hint]. */
  private readonly state: Column<Int32Array>;

  constructor(space: Space, classes: number) {
    this.granule = space.granule;
    this.runs = space.columns.int32(16 * RUN);
    this.links = space.columns.int32(256);
    this.heads = space.columns.int32(classes);
    this.state = space.columns.int32(3);
  }

  /** Puts `count` free blocks of `length` bytes from `start` on, above all runs so far, before those of the list. */
  add(kind: number, start: Address, length: number, count: number): void {
    if (count === 0) return;
    const state = this.state.data;
    const row = state[RUNS]++ * RUN;
    const first = state[BLOCKS];
    state[BLOCKS] += count;
    this.runs.grow(row + RUN);
    this.links.grow(first + count);
    const runs = this.runs.data;
    const links = this.links.data;
    const size = length / this.granule;
    runs[row] = start / this.granule;
    runs[row + LENGTH] = size;
    runs[row + FIRST] = first;
    runs[row + CLASS] = kind;
    let link = runs[row] + 1;
    const head = link;
    for (let number = first; number < first + count - 1; number++) links[number] = link += size;
    links[first + count - 1] = this.heads.data[kind];
    this.heads.data[kind] = head;
  }

  /** A free block of the class, or -1. */
  take(kind: number): Address {
    const link = this.heads.data[kind];
    if (link === 0) return -1;
    this.heads.data[kind] = this.links.data[this.number(link - 1)];
    return (link - 1) * this.granule;
  }

  /** Frees the block that holds `address`. */
  give(address: Address): void {
    const at = Math.floor(address / this.granule);
    const row = this.row(at);
    const runs = this.runs.data;
    const kind = runs[row + CLASS];
    const index = Math.floor((at - runs[row]) / runs[row + LENGTH]);
    this.links.data[runs[row + FIRST] + index] = this.heads.data[kind];
    this.heads.data[kind] = runs[row] + index * runs[row + LENGTH] + 1;
  }

  /** Start of the block that holds `address`. */
  start(address: Address): Address {
    const at = Math.floor(address / this.granule);
    const row = this.row(at);
    const runs = this.runs.data;
    return (at - ((at - runs[row]) % runs[row + LENGTH])) * this.granule;
  }

  /** Bytes of the block that holds `address`. */
  length(address: Address): number {
    return this.runs.data[this.row(Math.floor(address / this.granule)) + LENGTH] * this.granule;
  }

  /** Class of the block that holds `address`. */
  kind(address: Address): number {
    return this.runs.data[this.row(Math.floor(address / this.granule)) + CLASS];
  }

  isEmpty(kind: number): boolean {
    return this.heads.data[kind] === 0;
  }

  /** The class's list, in its order. */
  show(kind: number, show: InternalsSink): void {
    for (let link = this.heads.data[kind]; link !== 0; link = this.links.data[this.number(link - 1)]) {
      const row = this.row(link - 1);
      show.entry((link - 1) * this.granule, this.runs.data[row + LENGTH] * this.granule);
    }
  }

  /** Throws if a list holds a block of another class, one twice, or something that is no block or not free. */
  validate(space: Space): void {
    const seen = new Set<number>();
    for (let kind = 0; kind < this.heads.data.length; kind++)
      for (let link = this.heads.data[kind]; link !== 0; link = this.links.data[this.number(link - 1)]) {
        const start = (link - 1) * this.granule;
        const what = `the list of class ${kind} holds ${start}`;
        if (seen.has(link)) throw new SpaceError(`${what}, which is in a list twice`);
        seen.add(link);
        if (this.start(start) !== start || this.kind(start) !== kind)
          throw new SpaceError(`${what}, where no block of that class starts`);
        const hole = space.at(start);
        if (hole >= 0 || space.end(hole) < start + this.length(start))
          throw new SpaceError(`${what}, which is not free`);
      }
  }

  private number(granule: number): number {
    const row = this.row(granule);
    const runs = this.runs.data;
    return runs[row + FIRST] + (granule - runs[row]) / runs[row + LENGTH];
  }

  /** Row of the last run that starts at or below `granule`. */
  private row(granule: number): number {
    const runs = this.runs.data;
    const state = this.state.data;
    const count = state[RUNS];
    let low = state[HINT];
    if (runs[low * RUN] <= granule && (low + 1 === count || runs[(low + 1) * RUN] > granule))
      return low * RUN;
    low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (runs[middle * RUN] <= granule) low = middle;
      else high = middle - 1;
    }
    state[HINT] = low;
    return low * RUN;
  }
}
