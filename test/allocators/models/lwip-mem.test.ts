/** lwIP's heap, each rule by itself. */
import { describe, expect, it } from "vitest";
import { lwipMem } from "../../../src/allocators/lwip-mem.ts";
import { StepByStep } from "./step-by-step.ts";

const heap = (bytes: number) => new StepByStep("lwip-mem", bytes, [lwipMem]);

describe("lwip-mem", () => {
  it("has headers of 8 bytes and holds at least 12", () => {
    const h = heap(256);
    expect([1, 12, 13, 4].map((bytes, i) => h.malloc("ABCD"[i], bytes))).toEqual([8, 28, 48, 72]);
    expect(h.malloc("E", 0)).toBe(-1);
  });

  it("has headers of 12 bytes where indices need more than 16 bits", () => {
    expect(heap(64000).malloc("A", 1)).toBe(8);
    expect(heap(64004).malloc("A", 1)).toBe(12);
  });

  it("uses the arena to its end: the end marker lies behind it", () => {
    const h = heap(40);
    expect([h.malloc("A", 12), h.malloc("B", 12)]).toEqual([8, 28]);
    expect(h.draw(4)).toBe("AAAAABBBBB");
  });

  it("visits used blocks too, from the lowest free one on", () => {
    const h = heap(160);
    for (const name of "ABCD") h.malloc(name, 12);
    h.free("B");
    expect(h.draw(4)).toBe("AAAAA.....CCCCCDDDDD....................");
    expect(h.steps(() => expect(h.malloc("E", 16)).toBe(88))).toBe(4);
    expect(h.reason()).toBe(
      "the first of 4 blocks from the lowest free one on that is free and holds 24 bytes: its low end, [80, 104)",
    );
    expect(h.steps(() => expect(h.malloc("F", 12)).toBe(28))).toBe(1);
    expect(h.internals()).toEqual(["free blocks (by address): 104+56 (lowest)"]);
  });

  it("ends its search where no block could be as long", () => {
    const h = heap(100);
    for (const name of "ABCDE") h.malloc(name, 12);
    h.free("A");
    expect(h.steps(() => expect(h.malloc("F", 60)).toBe(-1))).toBe(2);
  });

  it("splits where the rest holds a header and 12 bytes", () => {
    for (const [bytes, drawn] of [
      [12, "AAAAA.....BBBBB"],
      [16, "AAAAAAAAAABBBBB"],
    ] as const) {
      const h = heap(60);
      h.malloc("A", 32);
      h.malloc("B", 12);
      h.free("A");
      h.malloc("A", bytes);
      expect(h.draw(4)).toBe(drawn);
    }
  });

  it("merges on both sides at once", () => {
    const h = heap(100);
    for (const name of "ABCDE") h.malloc(name, 12);
    h.free("B", "D", "C");
    expect(h.draw(4)).toBe("AAAAA...............EEEEE");
    expect(h.reason()).toBe("[40, 60) is free, in the free block [20, 80)");
  });
});
