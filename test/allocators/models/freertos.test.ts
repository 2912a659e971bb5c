/** The heaps of FreeRTOS, each rule by itself. Words of 4 bytes, so headers of 8, unless said otherwise. */
import { describe, expect, it } from "vitest";
import { freertosHeap1 } from "../../../src/allocators/freertos-heap1.ts";
import { freertosHeap2 } from "../../../src/allocators/freertos-heap2.ts";
import { freertosHeap4 } from "../../../src/allocators/freertos-heap4.ts";
import { freertosHeap5 } from "../../../src/allocators/freertos-heap5.ts";
import { StepByStep } from "./step-by-step.ts";

const heap = (call: string, bytes: number) =>
  new StepByStep(call, bytes, [freertosHeap1, freertosHeap2, freertosHeap4, freertosHeap5]);

describe("heap_1", () => {
  it("goes up by multiples of 8 and has no headers", () => {
    const h = heap("freertos-heap1", 128);
    expect([h.malloc("A", 1), h.malloc("B", 8), h.malloc("C", 9), h.malloc("D", 1)]).toEqual([0, 8, 16, 32]);
    expect(h.draw(8)).toBe("ABCCD..........#");
  });

  it("ends below the arena's last 8 bytes, strictly", () => {
    const h = heap("freertos-heap1", 64);
    expect(h.malloc("A", 56)).toBe(-1);
    expect(h.malloc("A", 48)).toBe(0);
    expect(h.malloc("B", 1)).toBe(-1);
    expect(h.draw(8)).toBe("AAAAAA.#");
    expect(h.reason()).toBe("8 bytes do not fit between the pointer at 48 and the end at 56");
  });

  it("never takes anything back: a realloc goes up as well", () => {
    const h = heap("freertos-heap1", 128);
    h.malloc("A", 8);
    h.malloc("B", 8);
    h.free("B");
    expect(h.malloc("C", 8)).toBe(16);
    expect(h.realloc("A", 4)).toBe(24);
    expect(h.draw(8)).toBe("xxCA...........#");
    expect(h.malloc("D", 0)).toBe(-1);
  });
});

describe("heap_2", () => {
  it("keeps free blocks by size, of equal ones the newest first", () => {
    const h = heap("freertos-heap2", 512);
    for (const [name, bytes] of Object.entries({ A: 40, B: 8, C: 24, D: 8, E: 24, F: 8 }))
      h.malloc(name, bytes);
    h.free("A", "C", "E");
    expect(h.internals()).toEqual(["free list (by size): 112+32 64+32 0+48 160+344"]);
    expect(h.malloc("G", 24)).toBe(120);
    expect(h.reason()).toBe("the smallest free block that holds 32 bytes, 1 looked at: [112, 144), whole");
    expect(h.malloc("H", 25)).toBe(8);
  });

  it("never merges neighbours", () => {
    const h = heap("freertos-heap2", 104);
    h.malloc("A", 24);
    h.malloc("B", 24);
    h.malloc("C", 24);
    h.free("A", "B", "C");
    expect(h.draw(8)).toBe("............#");
    expect(h.internals()).toEqual(["free list (by size): 64+32 32+32 0+32"]);
    expect(h.steps(() => expect(h.malloc("D", 25)).toBe(-1))).toBe(4);
    expect(h.reason()).toBe("none of 3 free blocks holds 40 bytes; they are never merged");
    const { metrics } = h.run.finish();
    expect([metrics.policyRefusals, metrics.fragmentationRefusals, metrics.exhausted]).toEqual([1, 1, 0]);
  });

  it("splits off what is longer than two headers, strictly", () => {
    const h = heap("freertos-heap2", 8 + 64);
    expect(h.malloc("A", 40)).toBe(8);
    expect(h.draw(8)).toBe("AAAAAAAA#");
    h.free("A");
    expect(h.malloc("B", 32)).toBe(8);
    expect(h.draw(8)).toBe("BBBBB...#");
    expect(h.internals()).toEqual(["free list (by size): 40+24"]);
  });

  it("does not search for more than is free", () => {
    const h = heap("freertos-heap2", 128);
    expect(h.steps(() => h.malloc("A", 200))).toBe(0);
    expect(h.reason()).toBe("208 bytes are more than the 120 that are free: no search");
  });
});

describe("heap_4", () => {
  it("has its first payload behind one header and its end marker at the end", () => {
    const h = heap("freertos-heap4", 256);
    expect(h.malloc("A", 1)).toBe(8);
    expect(h.list()).toEqual(["0 16 object 1, 1 bytes", "16 232 hole", "248 8 header"]);
    const wide = heap("freertos-heap4:bits=64", 256);
    expect(wide.malloc("A", 1)).toBe(16);
    expect(wide.list()).toEqual(["0 24 object 1, 1 bytes", "24 216 hole", "240 16 header"]);
  });

  it("takes the low end of the first block by address that is long enough", () => {
    const h = heap("freertos-heap4", 256);
    for (const [name, bytes] of Object.entries({ A: 16, B: 8, C: 56, D: 8 })) h.malloc(name, bytes);
    h.free("A", "C");
    expect(h.draw(8)).toBe("...BB........DD................#");
    expect(h.steps(() => expect(h.malloc("E", 24)).toBe(48))).toBe(2);
    expect(h.draw(8)).toBe("...BBEEEE....DD................#");
    expect(h.reason()).toBe(
      "the first of 2 list entries looked at that holds 32 bytes: its low end, [40, 72)",
    );
  });

  it("merges with the free block below, above and both", () => {
    const h = heap("freertos-heap4", 128);
    for (const name of "ABCDE") h.malloc(name, 8);
    h.free("A", "C");
    expect(h.draw(8)).toBe("..BB..DDEE.....#");
    h.free("B");
    expect(h.draw(8)).toBe("......DDEE.....#");
    expect(h.reason()).toBe("[16, 32) is free, in the free block [0, 48)");
    h.free("D", "E");
    expect(h.internals()).toEqual(["free list (by address): 0+120 120+8 (end of a region)"]);
  });

  it("keeps a rest of two headers in the block, and splits off a longer one", () => {
    for (const [bytes, drawn] of [
      [40, "AAAAAAAABBB#"],
      [32, "AAAAA...BBB#"],
    ] as const) {
      const h = heap("freertos-heap4", 96);
      h.malloc("A", 56);
      h.malloc("B", 8);
      h.free("A");
      h.malloc("A", bytes);
      expect(h.draw(8)).toBe(drawn);
    }
  });

  it("counts the end marker as looked at when nothing fits", () => {
    const h = heap("freertos-heap4", 128);
    for (const name of "ABCDEFG") h.malloc(name, 8);
    h.free("A", "C", "E");
    expect(h.steps(() => expect(h.malloc("H", 16)).toBe(-1))).toBe(4);
    expect(h.run.finish().metrics).toMatchObject({ fragmented: 1, fragmentationRefusals: 1 });
  });

  it("took eight bytes more for a multiple of 8 in 10.5.1", () => {
    for (const [call, lengths] of [
      ["freertos-heap4", [16, 16, 24]],
      ["freertos-heap4:version=10.5.1", [16, 24, 24]],
    ] as const) {
      const h = heap(call, 256);
      const at = [h.malloc("A", 7), h.malloc("B", 8), h.malloc("C", 9), h.malloc("D", 1)];
      expect(at.slice(1).map((offset, i) => offset - at[i])).toEqual(lengths);
    }
  });

  it("moves for every realloc, and leaves the old block where there is no room for both", () => {
    const h = heap("freertos-heap4", 128);
    h.malloc("A", 40);
    expect(h.realloc("A", 32)).toBe(56);
    expect(h.realloc("A", 64)).toBe(-1);
    expect(h.draw(8)).toBe("......AAAAA....#");
  });

  it("refuses 0 bytes", () => {
    const h = heap("freertos-heap4", 128);
    expect(h.malloc("A", 0)).toBe(-1);
    expect(h.reason()).toBe("0 bytes are refused");
  });

  it("finds an aligned address among more bytes, since it has no memalign", () => {
    const h = heap("freertos-heap4", 256);
    expect(h.memalign("A", 64, 8)).toBe(64);
    expect(h.draw(8)).toBe("AAAAAAAAA......................#");
    h.free("A");
    expect(h.draw(8)).toBe("...............................#");
  });
});

describe("heap_5", () => {
  it("is heap_4 on one region", () => {
    const h = heap("freertos-heap5", 128);
    expect(h.malloc("A", 24)).toBe(8);
    expect(h.draw(8)).toBe("AAAA...........#");
  });

  it("goes through three regions by address, each with its end marker, and never into the gaps", () => {
    const h = heap("freertos-heap5:regions=3", 256);
    expect(h.draw(8)).toBe(".......#####.......#####.......#");
    expect(h.steps(() => expect(h.malloc("A", 40)).toBe(8))).toBe(1);
    // Region 1's free block and its end marker come before the block of region 2.
    expect(h.malloc("B", 40)).toBe(104);
    expect(h.steps(() => expect(h.malloc("C", 48)).toBe(200))).toBe(3);
    expect(h.draw(8)).toBe("AAAAAAA#####BBBBBBB#####CCCCCCC#");
    h.free("A", "B", "C");
    expect(h.internals()).toEqual([
      "free list (by address): 0+56 56+8 (end of a region) 96+56 152+8 (end of a region) 192+56 248+8 (end of a region)",
    ]);
    expect(h.malloc("D", 56)).toBe(-1);
  });
});
