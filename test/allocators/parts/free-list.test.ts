/** The free list and its indexes against an array that is searched from end to end, over random changes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AddressMap, FreeList, type Order } from "../../../src/allocators/parts/free-list.ts";
import { LongestPages } from "../../../src/allocators/parts/longest-pages.ts";
import { ShortestFirst } from "../../../src/allocators/parts/shortest-first.ts";
import { Columns } from "../../../src/space/columns.ts";
import { SEED } from "../../traces/traces.ts";

const GRANULE = 8;

/** A range in granules. */
interface Range {
  readonly node: number;
  start: number;
  length: number;
}

/** Free ranges that never overlap: each has a cell of its own, of 300 granules, and lies somewhere in it. */
class Naive implements AddressMap {
  readonly granule = GRANULE;
  /** In the list's order. */
  readonly list: Range[] = [];
  rover: Range | undefined;
  readonly #order: Order;
  readonly #ranges = new Map<number, Range>();

  constructor(order: Order) {
    this.#order = order;
  }

  start(node: number): number {
    return this.#ranges.get(node)!.start * GRANULE;
  }
  length(node: number): number {
    return this.#ranges.get(node)!.length * GRANULE;
  }
  previous(): number {
    return 0;
  }
  next(): number {
    return 0;
  }

  insert(range: Range): void {
    this.#ranges.set(range.node, range);
    if (this.#order === "lifo") this.list.unshift(range);
    else this.list.push(range);
    if (this.#order === "address") this.list.sort((a, b) => a.start - b.start);
  }
  remove(i: number): void {
    const [range] = this.list.splice(i, 1);
    if (range === this.rover) this.rover = this.list[i];
  }
  at(i: number): number {
    return this.list[i]?.node ?? 0;
  }
  find(from: number, length: number): number {
    return this.at(this.list.findIndex((range, i) => i >= from && range.length >= length));
  }
  /** By length, equal ones in the list's order. */
  get sorted(): Range[] {
    return this.list.toSorted((a, b) => a.length - b.length);
  }
}

/** Short, so that many are equal; or around what is the longest of the short ones; or long. */
const length = fc.oneof(
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 125, max: 130 }),
  fc.integer({ min: 1, max: 250 }),
);
const change = fc.record({
  /** Half of the changes insert, so that lists of hundreds of ranges come about. */
  what: fc.constantFrom("insert", "insert", "insert", "remove", "resize", "grow", "rove"),
  cell: fc.oneof(fc.nat(40), fc.nat(4000)),
  offset: fc.nat(49),
  length,
  pick: fc.nat(),
});

describe.each(["address", "lifo", "fifo"] as const)("a free list by %s", (order) => {
  for (const Index of [LongestPages, ShortestFirst])
    it(`finds with ${Index.name} what a walk finds, and counts the steps of that walk`, () => {
      fc.assert(
        fc.property(
          fc.array(change, { maxLength: 600, size: "max" }),
          fc.array(length),
          (changes, wanted) => {
            const naive = new Naive(order);
            const columns = new Columns();
            const list = new FreeList(columns, naive, order);
            const index = new Index(list, columns);
            let rows = 0;
            for (const { what, cell, offset, length, pick } of changes) {
              const i = naive.list.length > 0 ? pick % naive.list.length : -1;
              const range = naive.list[i];
              if (what === "insert") {
                const used = naive.list.some(({ start }) => Math.floor(start / 300) === cell);
                if (used) continue;
                naive.insert({ node: -++rows, start: cell * 300 + offset, length });
                list.insert(-rows);
              } else if (range === undefined) continue;
              else if (what === "remove") {
                naive.remove(i);
                list.remove(range.node);
              } else if (what === "resize" || (what === "grow" && order === "address")) {
                range.start = Math.floor(range.start / 300) * 300 + offset;
                range.length = length;
                list.resized(range.node);
              } else if (what === "grow") {
                range.length++;
                naive.remove(i);
                naive.insert(range);
                list.grown(range.node);
              } else {
                naive.rover = range;
                list.rover = range.node;
              }
            }
            list.validate();
            check(naive, list, index, wanted);
          },
        ),
        { seed: SEED, numRuns: 40 },
      );
    });

  it("is the same after its columns were brought back, and goes on as it would have", () => {
    const naive = new Naive(order);
    const columns = new Columns();
    const list = new FreeList(columns, naive, order);
    const index = new LongestPages(list, columns);
    const insert = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        naive.insert({ node: -i, start: ((i * 7919) % 3001) * 300, length: 1 + (i % 9) });
        list.insert(-i);
      }
    };
    insert(1, 100);
    const saved = columns.save();
    for (let i = 100; i < 2000; i++) {
      const range = { node: -i, start: i * 9000, length: 10 };
      naive.insert(range);
      list.insert(-i);
      naive.remove(naive.list.indexOf(range));
    }
    columns.restore(saved);
    list.validate();
    insert(100, 1500);
    list.validate();
    check(naive, list, index, [1, 5, 9, 10]);
  });
});

function check(
  naive: Naive,
  list: FreeList,
  index: LongestPages | ShortestFirst,
  wanted: readonly number[],
): void {
  expect(list.size).toBe(naive.list.length);
  const walked: number[] = [];
  for (let range = list.first; range !== 0; range = list.next(range)) walked.push(range);
  expect(walked).toEqual(naive.list.map(({ node }) => node));
  expect(walked.map((range) => list.rank(range))).toEqual(walked.map((_, i) => i + 1));
  expect(list.rover).toBe(naive.rover?.node ?? naive.at(0));
  if (index instanceof LongestPages) {
    expect(index.longest).toBe(Math.max(0, ...naive.list.map((range) => range.length)));
    for (const length of [1, ...wanted])
      for (const i of [-1, 0, 1, 7, 100])
        if (i < naive.list.length) expect(index.after(naive.at(i), length)).toBe(naive.find(i + 1, length));
  } else {
    const sorted = naive.sorted;
    for (const length of [1, ...wanted]) {
      const i = sorted.findIndex((range) => range.length >= length);
      const found = index.first(length);
      expect(found).toBe(sorted[i]?.node ?? 0);
      if (found !== 0) expect(index.after(found)).toBe(sorted[i + 1]?.node ?? 0);
    }
  }
}
