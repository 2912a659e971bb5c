/** newlib-nano, each rule by itself. Words of 4 bytes, so chunks of at least 12, unless said otherwise. */
import { describe, expect, it } from "vitest";
import { newlibNano } from "../../../src/allocators/newlib-nano.ts";
import { StepByStep } from "./step-by-step.ts";

const heap = (bytes: number | "grow", call = "newlib-nano") => new StepByStep(call, bytes, [newlibNano]);

describe("newlib-nano", () => {
  it("has chunks of max(roundup4(n) + 8, 12), payloads at the next multiple of 8 past the header", () => {
    const h = heap("grow");
    const sizes = [0, 1, 4, 5, 8, 13];
    expect(sizes.map((bytes, i) => h.malloc("ABCDEF"[i], bytes))).toEqual([8, 16, 32, 40, 56, 72]);
    expect(h.list().map((line) => line.split(" ")[1])).toEqual(["12", "12", "12", "16", "16", "24"]);
    const wide = heap("grow", "newlib-nano:bits=64");
    expect([0, 8, 9, 1].map((bytes, i) => wide.malloc("ABCD"[i], bytes))).toEqual([8, 24, 40, 64]);
  });

  it("asks sbrk for exactly as much as the chunk takes", () => {
    const h = heap("grow");
    h.malloc("A", 100);
    expect(h.run.finish().metrics.heapBytes).toBe(108);
    h.malloc("B", 20);
    expect(h.run.finish().metrics.heapBytes).toBe(136);
  });

  it("takes the low end of the first chunk by address that is long enough", () => {
    const h = heap("grow");
    for (const [name, bytes] of Object.entries({ A: 4, B: 4, C: 28, D: 4 })) h.malloc(name, bytes);
    h.free("A", "C");
    expect(h.steps(() => h.malloc("E", 16))).toBe(2);
    expect(h.draw(4)).toBe("...BBBEEEEEE...DDD");
    expect(h.reason()).toBe(
      "the first of 2 free chunks looked at that holds 24 bytes: its low end, [24, 48)",
    );
  });

  it("splits off 12 bytes and keeps 8 in the chunk", () => {
    for (const [bytes, drawn] of [
      [16, "AAAAAA...BBB"],
      [20, "AAAAAAAAABBB"],
    ] as const) {
      const h = heap("grow");
      h.malloc("A", 28);
      h.malloc("B", 4);
      h.free("A");
      h.malloc("A", bytes);
      expect(h.draw(4)).toBe(drawn);
    }
  });

  it("leaves a free last chunk behind as it grows", () => {
    const h = heap("grow");
    h.malloc("A", 20);
    h.free("A");
    expect(h.malloc("B", 24)).toBe(32);
    expect(h.draw(4)).toBe(".......BBBBBBBB");
    expect(h.reason()).toBe("none of 1 free chunks holds 32 bytes: sbrk gives [28, 60)");
  });

  it("extends the last free chunk only after sbrk has failed", () => {
    const h = heap(64);
    h.malloc("A", 20);
    h.free("A");
    expect(h.steps(() => expect(h.malloc("B", 40)).toBe(8))).toBe(2);
    expect(h.draw(4)).toBe("BBBBBBBBBBBB....");
    expect(h.reason()).toBe("sbrk cannot give 48 bytes: the last of 1 free chunks is extended to [0, 48)");
    expect(h.malloc("C", 12)).toBe(-1);
    expect(h.reason()).toBe("none of 0 free chunks holds 20 bytes, and sbrk has only 16 more");
    expect(h.malloc("C", 8)).toBe(56);
  });

  it("counts what sbrk has not given of a fixed arena as free, and lists it nowhere", () => {
    const h = heap(64);
    h.malloc("A", 4);
    h.malloc("B", 4);
    h.free("B");
    expect(h.draw(4)).toBe("AAA.............");
    expect(h.internals()).toEqual(["free list (by address): 12+12"]);
  });

  it("merges on both sides", () => {
    const h = heap("grow");
    for (const name of "ABCD") h.malloc(name, 4);
    h.free("A", "C", "B");
    expect(h.draw(4)).toBe(".........DDD");
    expect(h.reason()).toBe("[12, 24) is free, in the free chunk [0, 36)");
  });

  it("reallocs in place only what fits and is more than half of what fits", () => {
    const h = heap("grow");
    h.malloc("A", 40);
    h.malloc("B", 4);
    expect(h.realloc("A", 44)).toBe(64);
    h.free("B");
    expect(h.list()).toEqual(["0 60 hole", "60 52 object 1, 44 bytes"]); // 48 bytes fit
    expect(h.realloc("A", 25)).toBe(64);
    expect(h.reason()).toBe(
      "the chunk of 52 bytes stays: 25 bytes fit, and are more than half of what it holds",
    );
    expect(h.realloc("A", 24)).toBe(8);
  });

  it("gives a smallest chunk for 0 bytes, also to realloc", () => {
    const h = heap("grow");
    expect(h.malloc("A", 0)).toBe(8);
    h.malloc("B", 40);
    expect(h.realloc("B", 0)).toBe(64);
    expect(h.list().at(-1)).toBe("60 12 object 2, 0 bytes");
  });

  it("gives back what memalign took too much of, before and behind, if it is more than a smallest chunk", () => {
    const h = heap("grow");
    h.malloc("A", 20);
    expect(h.memalign("B", 64, 8)).toBe(64);
    expect(h.draw(4)).toBe("AAAAAAA........BBB.......");
    h.free("A", "B");
    expect(h.internals()).toEqual(["free list (by address): 0+100"]);
    const tight = heap("grow");
    tight.malloc("A", 4);
    tight.memalign("B", 64, 8);
    expect(tight.draw(4)).toBe("AAA............BBBBBB");
  });
});
