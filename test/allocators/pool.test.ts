import { describe, expect, it } from "vitest";
import { type InternalsSink, REFUSED } from "../../src/allocators/contract.ts";
import { divide, readPools } from "../../src/allocators/parts/pool-table.ts";
import { Heap } from "./heap-in-letters.ts";

/** Free blocks of each pool. */
function free(heap: Heap): Record<string, number> {
  const pools: Record<string, number> = {};
  let at = "";
  const show: InternalsSink = {
    list: (name) => {
      at = name;
      pools[at] = 0;
    },
    entry: () => {
      pools[at]++;
    },
  };
  heap.run.allocator.internals!(show);
  return pools;
}

describe("pool", () => {
  it("divides the arena before the first request, by the table", () => {
    const heap = new Heap("pool:pools=16x3/32x2", 128);
    expect(free(heap)).toEqual({ "pool 16": 3, "pool 32": 2 });
    heap.allocate("A", 10);
    heap.allocate("B", 17);
    expect(heap.picture).toBe("A..BB..#"); // 16 bytes a letter; 16 bytes are left over
    heap.free("A");
    expect(heap.allocate("C", 16)).toBe(0);
  });

  it("shares what the table leaves open by equal bytes, the largest first", () => {
    expect(divide(readPools("16/64/100", 0), 300)).toEqual([8, 1, 1]);
    expect(divide(readPools("16x2/64/100", 0), 300)).toEqual([2, 2, 1]);
    expect(divide(readPools("16/64/1000", 0), 300)).toEqual([10, 2, 0]);
    expect(divide(readPools("16x2/64", 0), undefined)).toEqual([2, 0]);
  });

  it("takes a block of the next pool when one is empty", () => {
    const heap = new Heap("pool:pools=16x1/32x1/64x1", 112);
    heap.allocate("A", 16);
    expect(heap.allocate("B", 16)).toBe(16);
    expect(heap.reason).toBe("the pools below 32 that would do are empty: a block of 32 bytes for 16");
    expect(heap.allocate("C", 1)).toBe(48);
    expect(heap.allocate("D", 1)).toBe(REFUSED);
    expect(heap.reason).toBe("1 bytes need the pool of 16, which is empty");
    heap.free("B");
    expect(heap.allocate("E", 20)).toBe(16);
  });

  it("refuses when a pool is empty, if it is not to spill, however much is free in the others", () => {
    const heap = new Heap("pool:pools=16x1/32x3,spill=0", 112);
    heap.allocate("A", 16);
    expect(heap.allocate("B", 16)).toBe(REFUSED);
    expect(heap.run.finish().metrics.policyRefusals).toBe(1);
    expect(heap.allocate("C", 17)).toBe(16);
  });

  it("refuses what is larger than the largest block", () => {
    const heap = new Heap("pool:pools=16/32", 1024);
    expect(heap.allocate("A", 33)).toBe(REFUSED);
    expect(heap.reason).toBe("33 bytes are more than the largest pool's 32");
  });

  it("gives the block freed last first", () => {
    const heap = new Heap("pool:pools=16", 64);
    for (const name of "ABC") heap.allocate(name, 1);
    heap.free("B", "A");
    expect(heap.freeList).toEqual([0, 16, 48]);
  });

  it("counts a header before each payload", () => {
    const heap = new Heap("pool:pools=16x2/40x1,header=8", 96);
    expect(heap.allocate("A", 16)).toBe(8);
    expect(heap.allocate("B", 16)).toBe(24 + 8);
    expect(heap.allocate("C", 40)).toBe(48 + 8);
    expect(heap.picture).toBe("AAABBBCCCCCC");
  });

  it("adds blocks to an empty pool in a heap that grows, but not where the table gives a count", () => {
    const heap = new Heap("pool:pools=16x1/32,chunk=64", "grow");
    expect(heap.picture).toBe(".");
    heap.allocate("A", 32);
    expect(heap.picture).toBe(".AA..");
    heap.allocate("B", 16);
    heap.allocate("C", 16);
    heap.allocate("D", 16);
    expect(heap.picture).toBe("BAACCDD..");
  });

  it("reallocates in place if the bytes fit the block", () => {
    const heap = new Heap("pool:pools=16x1/64x2", 144);
    const at = heap.allocate("A", 16);
    expect(heap.reallocate("A", 0)).toBe(at);
    expect(heap.reallocate("A", 17)).toBe(16);
    expect(heap.reallocate("A", 1)).toBe(16);
    expect(free(heap)).toEqual({ "pool 16": 1, "pool 64": 1 });
  });

  it("aligns within a larger block", () => {
    const heap = new Heap("pool:pools=16/256", 4096);
    heap.allocate("A", 16);
    expect(heap.allocate("B", 100, 128) % 128).toBe(0);
    heap.free("B");
    expect(heap.allocate("C", 10, 512)).toBe(REFUSED);
  });

  it("says what is wrong with a table", () => {
    const create = (pools: string) => () => new Heap(`pool:pools=${pools}`, 256);
    expect(create("32/16")).toThrow('pools is "32/16"; sizes must ascend and be multiples of 4');
    expect(create("10")).toThrow('pools is "10"');
    expect(create("16x")).toThrow('pools is "16x"; it must be SIZE[xCOUNT]/SIZE[xCOUNT]/...');
    expect(create("16x17")).toThrow("its pools take 272 bytes, the arena has 256");
  });

  it("wastes nothing where all objects have one size", () => {
    const heap = new Heap("pool:pools=24", 24 * 30);
    const names = Array.from({ length: 30 }, (_, i) => String.fromCharCode(65 + i));
    for (let round = 1; round < 6; round++) {
      for (const name of names) expect(heap.allocate(name, 24)).not.toBe(REFUSED);
      for (const name of names.filter((_, i) => i % round === 0)) heap.free(name);
      for (const name of names.filter((_, i) => i % round === 0)) heap.allocate(name, 24);
      expect(heap.run.space.holeBytes).toBe(0);
      heap.free(...names);
    }
  });
});
