import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { Heap } from "./heap-in-letters.ts";

describe("bump", () => {
  it("places one block after another, with nothing between", () => {
    const heap = new Heap("bump", 64);
    for (const [name, bytes] of [
      ["A", 8],
      ["B", 20],
      ["C", 1],
    ] as const)
      heap.allocate(name, bytes);
    expect(heap.picture).toBe("ABBBC...");
    expect(heap.reason).toBe("the pointer goes from 32 up to 40");
  });

  it("does not use what is freed below the pointer: it stays as garbage", () => {
    const heap = new Heap("bump", 64);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.free("A", "B", "C");
    expect(heap.picture).toBe("xxxxxxDD");
    expect(heap.allocate("E", 8)).toBe(REFUSED);
    expect(heap.reason).toBe("8 bytes do not fit between the pointer at 64 and the end at 64");
    expect(heap.run.finish().metrics).toMatchObject({ exhausted: 1, garbageBytes: 48 });
  });

  it("starts again at the bottom when the last live object is freed", () => {
    const heap = new Heap("bump", 64);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.free("A", "C", "D");
    expect(heap.allocate("E", 8)).toBe(REFUSED);
    heap.free("B");
    expect(heap.reason).toBe("the last live object is gone: the pointer goes from 64 back to the bottom");
    heap.allocate("F", 24);
    expect(heap.picture).toBe("FFF.....");
  });

  it("never starts again without the reset", () => {
    const heap = new Heap("bump:reset=0", 64);
    heap.allocate("A", 64);
    heap.free("A");
    expect(heap.allocate("B", 8)).toBe(REFUSED);
  });

  it("grows and shrinks the last block where it is; another moves, or stays if it is long enough", () => {
    const heap = new Heap("bump", 96);
    heap.allocate("A", 8);
    heap.allocate("B", 8);
    expect(heap.reallocate("B", 40)).toBe(8);
    expect(heap.picture).toBe("ABBBBB......");
    expect(heap.reallocate("B", 16)).toBe(8);
    heap.allocate("C", 8);
    expect(heap.reallocate("A", 16)).toBe(32);
    expect(heap.picture).toBe("xBBCAA......");
    expect(heap.reallocate("B", 3)).toBe(8);
    expect(heap.picture).toBe("xBBCAA......");
  });

  it("leaves a gap before what is aligned beyond the rest", () => {
    const heap = new Heap("bump:header=8", 128);
    heap.allocate("A", 8);
    expect(heap.allocate("B", 8, 64)).toBe(64);
    expect(heap.picture).toBe("AA.....BB.......");
  });

  it("sets the first bytes aside where a header would leave payloads unaligned", () => {
    const heap = new Heap("bump:header=8,alignment=32", 128);
    expect(heap.allocate("A", 1)).toBe(32);
    expect(heap.allocate("B", 24)).toBe(64);
    expect(heap.picture).toBe("###AAAABBBB.....");
  });

  it("extends a heap that grows by what is missing, and keeps its size at a reset", () => {
    const heap = new Heap("bump", "grow");
    heap.allocate("A", 8);
    heap.allocate("B", 24);
    expect(heap.picture).toBe("ABBB");
    heap.free("A", "B");
    heap.allocate("C", 16);
    expect(heap.picture).toBe("CC..");
  });
});
