/**
 * The ranges of a free list by length, of equally long ones the list's first: what best fit takes, in O(log ranges), where
 * a search along the list looks at all of them. Short ones, below EXACT granules, are found by the page of the list
 * that the first of their length is in; the others are in a tree.
 */
import type { Registers } from "../../kernel/kernel.ts";
import type { Node } from "../../space/block-map.ts";
import type { Columns } from "../../space/columns.ts";
import { SpaceError } from "../../space/space.ts";
import { EXACT, ExactLengths } from "./exact-lengths.ts";
import { type FreeList, LENGTH, type ListIndex, NEXT, PLACE } from "./free-list.ts";
import { LengthTree } from "./length-tree.ts";

export class ShortestFirst implements ListIndex {
  private readonly list: FreeList;
  private readonly short: ExactLengths;
  private readonly long: LengthTree;

  constructor(list: FreeList, columns: Columns) {
    this.list = list;
    this.short = new ExactLengths(columns);
    this.long = new LengthTree(list, columns);
    list.follow(this);
  }

  bind(registers: Registers): void {
    this.short.bind(registers);
    this.long.bind(registers);
  }

  /** The shortest range of `length` granules or more, 0 if there is none. */
  first(length: number): Node {
    const shortest = this.short.shortest(length);
    if (shortest < 0) return this.long.first(length, 0);
    return this.among(this.list.head(this.short.lowest(shortest)), shortest);
  }

  /** The range that follows, 0 if there is none. */
  after(range: Node): Node {
    const list = this.list;
    const row = -range << 2;
    const length = list.rows.data[row | LENGTH];
    const place = list.rows.data[row | PLACE];
    if (length >= EXACT) return this.long.first(length, place + 1);
    const found = this.among(list.rows.data[row | NEXT], length);
    if (found !== 0) return found;
    const page = this.short.first(length, (place >> list.pageShift) + 1);
    return page < 0 ? this.first(length + 1) : this.among(list.head(page), length);
  }

  /** Throws unless it finds the ranges of the list, all of them and in order. */
  validate(): void {
    const list = this.list;
    const sorted: Node[] = [];
    for (let range = list.first; range !== 0; range = list.next(range)) sorted.push(range);
    sorted.sort((one, other) => list.length(one) - list.length(other)); // stable: equal ones stay in the list's order
    let range = this.first(0);
    for (const expected of sorted) {
      if (range !== expected)
        throw new SpaceError(`by length range ${range} is found where ${expected} should be`);
      range = this.after(range);
    }
    if (range !== 0) throw new SpaceError(`range ${range} is found by length, and is not in the list`);
    const long = sorted.filter((each) => list.length(each) >= EXACT).length;
    if (this.long.validate() !== long)
      throw new SpaceError(`the tree of lengths does not hold ${long} ranges`);
  }

  // The list tells of its ranges.

  inserted(range: Node, place: number, length: number): void {
    this.long.makeRoom(range); // for when it is longer, too: a kernel makes none
    if (length < EXACT) this.short.mark(length, place >> this.list.pageShift);
    else this.long.insert(range);
  }

  removed(range: Node, place: number, length: number): void {
    if (length >= EXACT) {
      this.long.remove(range, length, place);
      return;
    }
    const page = place >> this.list.pageShift;
    if (this.among(this.list.head(page), length) === 0) this.short.unmark(length, page);
  }

  changed(range: Node, place: number, length: number): void {
    const { data } = this.list.rows;
    this.removed(range, place, length);
    this.inserted(range, data[(-range << 2) | PLACE], data[(-range << 2) | LENGTH]);
  }

  renumbered(): void {
    const list = this.list;
    this.short.clear(list.pages);
    this.long.clear();
    for (let range = list.first; range !== 0; range = list.next(range))
      this.inserted(range, list.rows.data[(-range << 2) | PLACE], list.length(range));
  }

  /** `range`, or the next one of its page, that has `length`; 0 if there is none. */
  private among(range: Node, length: number): Node {
    const rows = this.list.rows.data;
    while (range !== 0 && rows[(-range << 2) | LENGTH] !== length) range = rows[(-range << 2) | NEXT];
    return range;
  }
}
