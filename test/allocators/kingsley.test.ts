import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { Heap } from "./heap-in-letters.ts";
import { compare, type Naive } from "./random-heap.ts";

/** Bytes of the block of an object. */
function block(heap: Heap, name: string): number {
  const { objects, space } = heap.run;
  return space.length(objects.slot(name.charCodeAt(0) - 65));
}

describe("kingsley", () => {
  it("has blocks of 2^n bytes for requests of up to 2^n - 4, as on the VAX", () => {
    const heap = new Heap("kingsley:header=4,smallest=8", "grow");
    const lengths = [0, 1, 4, 5, 12, 13, 28, 2044, 2045].map((bytes) => {
      heap.allocate("A", bytes);
      const length = block(heap, "A");
      heap.free("A");
      return length;
    });
    expect(lengths).toEqual([8, 8, 8, 16, 16, 32, 32, 2048, 4096]);
  });

  it("carves 2 KiB into blocks of one class, the lowest first", () => {
    const heap = new Heap("kingsley", "grow");
    expect(heap.allocate("A", 100)).toBe(8);
    expect(heap.reason).toBe("class 7 had no free block of 128 bytes: [0, 2048) is carved into them");
    expect(heap.allocate("B", 100)).toBe(128 + 8);
    expect(heap.allocate("C", 10)).toBe(2048 + 8);
    expect(heap.run.space.segmentEnd(heap.run.space.heap)).toBe(4096);
  });

  it("asks for what is larger than 2 KiB by itself, at a page boundary", () => {
    const heap = new Heap("kingsley:carve=256", "grow");
    heap.allocate("A", 8);
    expect(heap.allocate("B", 5000)).toBe(1024 + 8);
    expect(heap.run.space.segmentEnd(heap.run.space.heap)).toBe(1024 + 8192);
  });

  it("gives the block freed last first", () => {
    const heap = new Heap("kingsley", 2048);
    for (const name of "ABC") heap.allocate(name, 8);
    heap.free("A", "C", "B");
    expect(heap.freeList.slice(0, 4)).toEqual([16, 32, 0, 48]);
    expect([..."DEF"].map((name) => heap.allocate(name, 8))).toEqual([24, 40, 8]);
  });

  it("never uses a freed block for another class, however much is free", () => {
    const heap = new Heap("kingsley:header=0,carve=64,page=64", 128);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.allocate("E", 32);
    expect(heap.picture).toBe("ABCDEE..");
    heap.free("A", "B", "C", "D");
    expect(heap.picture).toBe("....EE..");
    expect(heap.allocate("F", 33)).toBe(REFUSED);
    expect(heap.reason).toBe(
      "class 6 has no free block of 64 bytes, and the heap has no room for 64 more at 128",
    );
    expect(heap.run.finish().metrics.policyRefusals).toBe(1);
  });

  it("reallocates in place as long as half of the block would not do", () => {
    const heap = new Heap("kingsley:header=0", "grow");
    const at = heap.allocate("A", 100);
    expect([128, 65].map((bytes) => heap.reallocate("A", bytes))).toEqual([at, at]);
    expect(heap.reallocate("A", 64)).not.toBe(at);
    expect(block(heap, "A")).toBe(64);
    heap.reallocate("A", 1);
    const smallest = heap.address("A");
    expect(block(heap, "A")).toBe(16);
    expect(heap.reallocate("A", 0)).toBe(smallest);
  });

  it("aligns by a larger class, and the block can be freed", () => {
    const heap = new Heap("kingsley", "grow");
    heap.allocate("A", 8);
    expect(heap.allocate("B", 8, 256) % 256).toBe(0);
    expect(block(heap, "B")).toBe(512);
    heap.free("B");
    expect(heap.allocate("C", 500)).toBe(2048 + 8);
  });

  it("places as a list for each power of two does", () => {
    for (const seed of [1, 2, 3]) compare("kingsley", 40_000, new Lists(40_000), requests(seed));
    compare("kingsley", "grow", new Lists(Number.POSITIVE_INFINITY), requests(4));
  });

  it("wastes nothing where all objects have one size of 2^n", () => {
    const heap = new Heap("kingsley:header=0,smallest=64,carve=64,page=64", "grow");
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 40; i++) heap.allocate(String.fromCharCode(65 + i), 64);
      for (let i = 0; i < 40; i += 1 + round) heap.free(String.fromCharCode(65 + i));
      for (let i = 0; i < 40; i += 1 + round) heap.allocate(String.fromCharCode(65 + i), 64);
      expect(heap.run.space.segmentEnd(heap.run.space.heap)).toBe(40 * 64);
      for (let i = 0; i < 40; i++) heap.free(String.fromCharCode(65 + i));
    }
  });
});

const requests = (seed: number) => ({
  seed,
  events: 2000,
  bytes: (below: (n: number) => number) => (below(9) === 0 ? below(5000) : below(200)),
  live: 80,
});

/** 4.2BSD's malloc as it reads, with an array for each list. */
class Lists implements Naive {
  readonly #limit: number;
  readonly #lists = new Map<number, number[]>();
  readonly #sizes = new Map<number, number>();
  #brk = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  allocate(bytes: number): number {
    let size = 16;
    while (size < bytes + 8) size *= 2;
    if (!this.#lists.has(size)) this.#lists.set(size, []);
    const list = this.#lists.get(size)!;
    if (list.length === 0) {
      const start = Math.ceil(this.#brk / 1024) * 1024;
      const amount = Math.max(2048, size);
      if (start + amount > this.#limit) return REFUSED;
      this.#brk = start + amount;
      for (let at = this.#brk - size; at >= start; at -= size) list.push(at);
    }
    const start = list.pop()!;
    this.#sizes.set(start, size);
    return start + 8;
  }

  free(address: number): void {
    this.#lists.get(this.#sizes.get(address - 8)!)!.push(address - 8);
  }
}
