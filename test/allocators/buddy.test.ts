import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { sequenceOf } from "../../src/testing/sequences.ts";
import { Heap } from "./heap-in-letters.ts";
import { compare, type Naive } from "./random-heap.ts";

const BARE = "buddy:header=0";

describe("buddy", () => {
  it("halves a block until one just fits; the upper halves are free", () => {
    const heap = new Heap(BARE, 128);
    heap.allocate("A", 10);
    expect(heap.picture).toBe("A.......");
    expect(heap.freeList).toEqual([16, 32, 64]);
    expect(heap.reason).toBe("no block of 16 bytes is free: one of 128 at 0 is halved until it is");
    heap.allocate("B", 20);
    expect(heap.picture).toBe("A.BB....");
    heap.allocate("C", 16);
    expect(heap.picture).toBe("ACBB....");
    expect(heap.reason).toBe("a free block of 16 bytes, at 16");
  });

  it("merges a block with its buddy, and that with its own, all the way up", () => {
    const heap = new Heap(BARE, 128);
    heap.allocate("A", 16);
    heap.allocate("B", 16);
    heap.free("A");
    expect(heap.freeList).toEqual([0, 32, 64]);
    heap.free("B");
    expect(heap.reason).toBe("the block of 16 bytes is free and merged into one of 128 at 0");
    expect(heap.freeList).toEqual([0]);
  });

  it("leaves free neighbours apart that are not buddies", () => {
    const heap = new Heap(BARE, 64);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.free("B", "C");
    expect(heap.picture).toBe("A..D");
    expect(heap.allocate("E", 32)).toBe(REFUSED);
    expect(heap.run.finish().metrics.policyRefusals).toBe(1);
  });

  it("takes the block freed last, or first, of those that fit", () => {
    const last = new Heap(BARE, 128);
    const first = new Heap(`${BARE},order=fifo`, 128);
    for (const heap of [last, first]) {
      for (const name of "ABCDEFGH") heap.allocate(name, 16);
      heap.free("B", "G", "D");
    }
    expect(last.allocate("X", 16)).toBe(48);
    expect(first.allocate("X", 16)).toBe(16);
  });

  it("divides an arena of any size into the largest blocks that fit", () => {
    const heap = new Heap(`${BARE},smallest=32`, 128 + 64 + 32 + 16);
    expect(heap.picture).toBe("..............#"); // 16 bytes a letter
    expect(heap.freeList).toEqual([192, 128, 0]);
    expect(heap.allocate("A", 128)).toBe(0);
    expect(heap.allocate("B", 64)).toBe(128);
    expect(heap.allocate("C", 32)).toBe(192);
    expect(heap.allocate("D", 1)).toBe(REFUSED);
    expect(heap.picture).toBe("AAAAAAAABBBBCC#");
  });

  it("grows by as much as makes the block aligned, the free end counted in", () => {
    const heap = new Heap(BARE, "grow");
    const ends = (
      [
        ["A", 16],
        ["B", 16],
        ["C", 16],
        ["D", 64],
        ["E", 16],
        ["F", 128],
      ] as const
    ).map(([name, bytes]) => {
      heap.allocate(name, bytes);
      return heap.run.space.segmentEnd(heap.run.space.heap);
    });
    // D needs [64, 128): the end at 48 is no multiple of 64. E fits at 48. F begins at 128.
    expect(ends).toEqual([16, 32, 48, 128, 128, 256]);
    heap.free("F", "D");
    heap.allocate("G", 256);
    expect(heap.address("G")).toBe(256);
    heap.free("A", "B", "C", "E", "G");
    expect(heap.freeList).toEqual([0]);
    heap.allocate("H", 1024);
    expect(heap.address("H")).toBe(0);
    expect(heap.run.space.segmentEnd(heap.run.space.heap)).toBe(1024);
  });

  it("cuts a block that becomes too long, and frees its upper part", () => {
    const heap = new Heap(BARE, 128);
    heap.allocate("A", 128);
    expect(heap.reallocate("A", 33)).toBe(0);
    expect(heap.picture).toBe("AAAA....");
    expect(heap.reason).toBe("the upper part of the block is free: 64 bytes are left of 128");
    expect(heap.reallocate("A", 64)).toBe(0);
    heap.reallocate("A", 65);
    expect(heap.reason).toBe("no block of 128 bytes or more is free; 64 bytes are, in smaller ones");
    expect(heap.picture).toBe("AAAA....");
  });

  it("aligns by nature, and with a header by a block that has room below the payload", () => {
    const heap = new Heap("buddy", 4096);
    heap.allocate("A", 1);
    expect(heap.address("A")).toBe(8);
    expect(heap.allocate("B", 100, 128) % 128).toBe(0);
    heap.free("B");
    heap.allocate("C", 100);
    heap.free("A", "C");
    expect(heap.freeList).toEqual([0]);
    const bare = new Heap(BARE, 4096);
    bare.allocate("A", 1);
    expect(bare.allocate("B", 1, 1024)).toBe(1024);
  });

  it("places as Algorithms R and S do", () => {
    for (const seed of [1, 2, 3]) compare("buddy", 4000, new Naively(4000, 8, true), requests(seed));
    compare("buddy:header=0,order=fifo", 4096, new Naively(4096, 0, false), requests(4));
  });

  it("needs no more than M(1 + log2 n) for powers of two up to n", () => {
    for (const seed of [1, 2, 3, 4]) {
      const below = sequenceOf(seed);
      const heap = new Heap(BARE, "grow");
      const most = 64;
      const held: { name: string; units: number }[] = [];
      let live = 0;
      for (let event = 0; event < 3000; event++) {
        const units = 2 ** below(5);
        const name = String.fromCharCode(65 + (event % 5000));
        if (live + units <= most && below(3) > 0) {
          heap.allocate(name, 16 * units);
          held.push({ name, units });
          live += units;
        } else if (held.length > 0) {
          const [gone] = held.splice(below(held.length), 1);
          heap.free(gone.name);
          live -= gone.units;
        }
      }
      expect(heap.run.space.segmentEnd(heap.run.space.heap) / 16).toBeLessThanOrEqual(most * (1 + 4));
    }
  });

  it("needs at least what Robson's adversary forces from any, and no more than M(1 + log2 n)", () => {
    for (const [most, largest] of [
      [16, 2],
      [16, 4],
      [64, 8],
      [256, 16],
    ]) {
      const heap = robson(most, largest);
      const orders = Math.log2(largest);
      expect(heap).toBeGreaterThanOrEqual(most * (1 + orders / 2) - largest + 1);
      expect(heap).toBeLessThanOrEqual(most * (1 + orders));
    }
  });

  it("wastes nothing where all objects have one size of 2^n", () => {
    const heap = new Heap(BARE, "grow");
    const names = Array.from({ length: 32 }, (_, i) => String.fromCharCode(65 + i));
    for (let round = 1; round < 5; round++) {
      for (const name of names) heap.allocate(name, 64);
      expect(heap.run.space.segmentEnd(heap.run.space.heap)).toBe(32 * 64);
      for (const name of names.filter((_, i) => i % round === 0)) heap.free(name);
      for (const name of names.filter((_, i) => i % round !== 0)) heap.free(name);
    }
  });
});

/** Robson's adversary P_R on a buddy heap that grows; sizes 1 .. largest, in units. Returns the units of the heap. */
function robson(most: number, largest: number): number {
  const heap = new Heap(BARE, "grow");
  let live: { name: string; units: number }[] = [];
  let named = 0;
  const allocate = (units: number) => {
    const name = String.fromCharCode(65 + named++);
    heap.allocate(name, 16 * units);
    live.push({ name, units });
  };
  /** Whether an object holds an address = f modulo `step`. */
  const holds = ({ name, units }: { name: string; units: number }, f: number, step: number) => {
    const start = heap.address(name) / 16;
    return start + ((((f - start) % step) + step) % step) < start + units;
  };
  for (let i = 0; i < most; i++) allocate(1);
  let f = 0;
  for (let step = 2; step <= largest; step *= 2) {
    const sum = (at: number) =>
      live.reduce((total, object) => total + (holds(object, at, step) ? step - object.units : 0), 0);
    if (sum(f + step / 2) > sum(f)) f += step / 2;
    const kept = live.filter((object) => holds(object, f, step));
    for (const object of live) if (!kept.includes(object)) heap.free(object.name);
    live = kept;
    const units = live.reduce((total, object) => total + object.units, 0);
    for (let i = Math.floor((most - units) / step); i > 0; i--) allocate(step);
  }
  return heap.run.space.segmentEnd(heap.run.space.heap) / 16;
}

const requests = (seed: number) => ({
  seed,
  events: 2500,
  bytes: (below: (n: number) => number) => (below(6) === 0 ? below(700) : below(60)),
  live: 60,
});

/** The algorithms on arrays: a list of starts for each length, the first of which was put there last. */
class Naively implements Naive {
  readonly #lists = new Map<number, number[]>();
  readonly #lengths = new Map<number, number>();
  readonly #header: number;
  readonly #lifo: boolean;

  constructor(limit: number, header: number, lifo: boolean) {
    this.#header = header;
    this.#lifo = lifo;
    for (let length = 16; length <= 4096; length *= 2) this.#lists.set(length, []);
    for (let start = 0; start + 16 <= limit; ) {
      let length = 4096;
      while (start % length !== 0 || start + length > limit) length /= 2;
      this.#list(length).unshift(start);
      start += length;
    }
  }

  allocate(bytes: number): number {
    let wanted = 16;
    while (wanted < this.#header + bytes) wanted *= 2;
    for (let length = wanted; length <= 4096; length *= 2) {
      const list = this.#list(length);
      if (list.length === 0) continue;
      const start = this.#lifo ? list.shift()! : list.pop()!;
      for (let half = length / 2; half >= wanted; half /= 2) this.#list(half).unshift(start + half);
      this.#lengths.set(start, wanted);
      return start + this.#header;
    }
    return REFUSED;
  }

  free(address: number): void {
    let start = address - this.#header;
    let length = this.#lengths.get(start)!;
    for (; length < 4096; length *= 2) {
      const list = this.#list(length);
      const buddy = Math.floor(start / length) % 2 === 0 ? start + length : start - length;
      if (!list.includes(buddy)) break;
      list.splice(list.indexOf(buddy), 1);
      start = Math.min(start, buddy);
    }
    this.#list(length).unshift(start);
  }

  #list(length: number): number[] {
    return this.#lists.get(length)!;
  }
}
