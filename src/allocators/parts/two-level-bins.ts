/**
 * Two-level segregated lists: the free blocks by length, a list for each of a few steps of every power of two, under
 * a bitmap of the levels that have any and one of steps for each level (Masmano, Ripoll, Crespo and Real, "TLSF: A New
 * Dynamic Memory Allocator for Real-Time Systems", ECRTS 2004, sections 4 and 5). Every operation is O(1).
 *
 * Lengths are words of payload, and a word is the granule of the space. With N = 2^n steps a level, a length s is in
 *
 *   s < N            level 0,           step s                        one length a list
 *   s >= N           level f - n + 1,   step floor(s / 2^(f-n)) - N   where f = floor(log2 s)
 *   bin = level * N + step
 *
 * The first level as a whole holds what one list a power of two would make of 0 .. N - 1. Lists are last in, first
 * out. A hole that changes in length or place comes anew, as a real one is taken out, written and put back.
 */
import type { Registers } from "../../kernel/kernel.ts";
import { OF_POLICY } from "../../kernel/registers.ts";
import type { HoleIndex, Node } from "../../space/block-map.ts";
import type { Column } from "../../space/columns.ts";
import { Row } from "../../space/rows.ts";
import { type Address, type Space, SpaceError } from "../../space/space.ts";
import type { InternalsSink } from "../contract.ts";

const { LOG2, LENGTH, POLICY_LINKS } = Row;

/** Words of a hole that are its header's. */
const HEADER = 1;

export class TwoLevelBins implements HoleIndex {
  private readonly space: Space;
  private readonly wordsPerByte: number;
  /** n and N - 1. */
  private readonly shift: number;
  private readonly mask: number;
  private readonly levels: number;
  /** Its two words link a hole with those before and after it in its list, by row. 0 ends a list. */
  private readonly holes: Column<Int32Array>;
  /** First hole of each bin, as a row. */
  private readonly heads: Int32Array;
  /** Bit i of steps[level]: step i has a hole. Bit i of steps[levels]: level i has one. */
  private readonly steps: Int32Array;

  /** `longest` is the length of the longest hole there may be, in words. Call `space.follow` with what is made. */
  constructor(space: Space, stepsLog2: number, longest: number) {
    this.space = space;
    this.wordsPerByte = 1 / space.granule;
    this.shift = stepsLog2;
    this.mask = (1 << stepsLog2) - 1;
    this.levels = (this.bin(longest) >>> stepsLog2) + 1;
    this.holes = space.holeRows;
    this.heads = space.columns.int32(this.levels << stepsLog2).data;
    this.steps = space.columns.int32(this.levels + 1).data;
  }

  /** The first four registers of the policy. */
  bind(registers: Registers): void {
    registers.set(OF_POLICY, this.shift);
    registers.set(OF_POLICY + 1, this.levels);
    registers.point(OF_POLICY + 2, this.heads);
    registers.point(OF_POLICY + 3, this.steps);
  }

  bin(words: number): number {
    const shift = this.shift;
    if (words <= this.mask) return words;
    const power = 31 - Math.clz32(words);
    return ((power - shift + 1) << shift) | ((words >>> (power - shift)) & this.mask);
  }

  /** The shortest length of the lowest bin all of whose holes have `words`: what a good fit searches for. */
  roundUp(words: number): number {
    if (words <= this.mask) return words;
    const step = 1 << (31 - Math.clz32(words) - this.shift);
    return (words + step - 1) & -step;
  }

  /** The first hole of the first list at or above the bin of `words`; 0 if there is none. */
  find(words: number): Node {
    const bin = this.bin(words);
    let level = bin >>> this.shift;
    if (level >= this.levels) return 0;
    const steps = this.steps;
    let found = steps[level] & (-1 << (bin & this.mask));
    if (found === 0) {
      const above = steps[this.levels] & (-2 << level);
      if (above === 0) return 0;
      level = lowestBit(above);
      found = steps[level];
    }
    return -this.heads[(level << this.shift) | lowestBit(found)];
  }

  appear(hole: Node): void {
    const holes = this.holes.data;
    this.insert(holes, -hole, this.bin(holes[(-hole << LOG2) + LENGTH] - HEADER));
  }

  vanish(hole: Node): void {
    const holes = this.holes.data;
    this.remove(holes, -hole, this.bin(holes[(-hole << LOG2) + LENGTH] - HEADER));
  }

  change(hole: Node, _oldStart: Address, oldLength: number): void {
    const holes = this.holes.data;
    const from = this.bin(((oldLength * this.wordsPerByte) | 0) - HEADER);
    const to = this.bin(holes[(-hole << LOG2) + LENGTH] - HEADER);
    // Taken out and put back where it was: nothing to write.
    if (from === to && this.heads[from] === -hole) return;
    this.remove(holes, -hole, from);
    this.insert(holes, -hole, to);
  }

  /** The lists that have holes, the shortest lengths first, each in its order. */
  show(show: InternalsSink): void {
    const { granule } = this.space;
    for (let bin = 0; bin < this.heads.length; bin++) {
      if (this.heads[bin] === 0) continue;
      const level = bin >>> this.shift;
      const step = bin & this.mask;
      const words = level === 0 ? step : (step + this.mask + 1) * 2 ** (level - 1);
      show.list(`level ${level} step ${step}, ${words * granule} bytes and more`);
      for (let row = this.heads[bin]; row !== 0; row = this.after(row))
        show.entry(this.space.start(-row), this.space.length(-row));
    }
  }

  /** Throws if a list or bitmap does not say what the space says. */
  validate(): void {
    const space = this.space;
    const steps = this.steps;
    let holes = 0;
    for (let bin = 0; bin < this.heads.length; bin++) {
      const level = bin >>> this.shift;
      const what = `the list of level ${level}, step ${bin & this.mask}`;
      const head = this.heads[bin];
      if ((head !== 0) !== ((steps[level] & (1 << (bin & this.mask))) !== 0))
        throw new SpaceError(`${what} is ${head === 0 ? "" : "not "}empty, its bit says otherwise`);
      let before = 0;
      for (let row = head; row !== 0; before = row, row = this.after(row)) {
        const start = space.start(-row);
        if (++holes > space.holes) throw new SpaceError(`the lists hold more than the ${space.holes} holes`);
        if (this.holes.data[(row << LOG2) + POLICY_LINKS] !== before)
          throw new SpaceError(`${what} is not linked back at ${start}`);
        if (space.at(start) !== -row) throw new SpaceError(`${what} holds ${start}, where no hole starts`);
        if (this.bin(space.length(-row) * this.wordsPerByte - HEADER) !== bin)
          throw new SpaceError(`${what} holds ${space.length(-row)} bytes at ${start}, of another list`);
      }
    }
    for (let level = 0; level < this.levels; level++)
      if ((steps[level] !== 0) !== ((steps[this.levels] & (1 << level)) !== 0))
        throw new SpaceError(`the bit of level ${level} does not agree with its steps`);
    if (holes !== space.holes)
      throw new SpaceError(`the lists hold ${holes} of the ${space.holes} holes of the space`);
  }

  private after(row: number): number {
    return this.holes.data[(row << LOG2) + POLICY_LINKS + 1];
  }

  private insert(holes: Int32Array, row: number, bin: number): void {
    const heads = this.heads;
    const links = (row << LOG2) + POLICY_LINKS;
    const head = heads[bin];
    holes[links] = 0;
    holes[links + 1] = head;
    heads[bin] = row;
    if (head !== 0) {
      holes[(head << LOG2) + POLICY_LINKS] = row;
      return;
    }
    const steps = this.steps;
    const level = bin >>> this.shift;
    steps[level] |= 1 << (bin & this.mask);
    steps[this.levels] |= 1 << level;
  }

  private remove(holes: Int32Array, row: number, bin: number): void {
    const links = (row << LOG2) + POLICY_LINKS;
    const before = holes[links];
    const after = holes[links + 1];
    if (after !== 0) holes[(after << LOG2) + POLICY_LINKS] = before;
    if (before !== 0) {
      holes[(before << LOG2) + POLICY_LINKS + 1] = after;
      return;
    }
    this.heads[bin] = after;
    if (after !== 0) return;
    const steps = this.steps;
    const level = bin >>> this.shift;
    steps[level] &= ~(1 << (bin & this.mask));
    if (steps[level] === 0) steps[this.levels] &= ~(1 << level);
  }
}

/** Index of the lowest bit of a word that is not 0. */
const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);
