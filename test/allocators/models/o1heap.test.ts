/** O1Heap, each rule by itself. Words of 4 bytes: fragments of 32, 64, 128 ... behind an instance of 160. */
import { describe, expect, it } from "vitest";
import { o1heap } from "../../../src/allocators/o1heap.ts";
import { StepByStep } from "./step-by-step.ts";

const INSTANCE = 160;
const heap = (bytes: number, call = "o1heap") => new StepByStep(call, INSTANCE + bytes, [o1heap]);
/** Without the instance. */
const drawn = (h: StepByStep) => h.draw(32).slice(INSTANCE / 32);

describe("o1heap", () => {
  it("has its first payload at 176, or 608 with words of 8 bytes", () => {
    expect(heap(1024).malloc("A", 1)).toBe(176);
    const wide = heap(4096, "o1heap:bits=64");
    expect(wide.malloc("A", 1)).toBe(608);
    expect(wide.list().slice(0, 2)).toEqual(["0 576 table", "576 64 object 1, 1 bytes"]);
  });

  it("rounds a request and its header up to a power of two", () => {
    const h = heap(1024);
    [1, 16, 17, 48, 49, 112, 113].forEach((bytes, i) => {
      h.malloc("ABCDEFG"[i], bytes);
    });
    expect(drawn(h)).toBe("ABCCDDEEEEFFFFGGGGGGGG..........");
  });

  it("leaves what is no multiple of the smallest fragment unused", () => {
    expect(heap(80).list()).toEqual(["0 160 table", "160 64 hole", "224 16 unused"]);
  });

  it("takes the fragment freed last from the lowest bin that surely fits", () => {
    const h = heap(1024);
    for (const [name, bytes] of Object.entries({ A: 64, B: 1, C: 64, D: 1, E: 200, F: 1 }))
      h.malloc(name, bytes);
    h.free("A", "C");
    expect(h.internals().slice(0, 1)).toEqual(["bin 2, from 128: 320+128 160+128"]);
    expect(h.malloc("G", 20)).toBe(336);
    expect(drawn(h)).toBe("....BGG..DEEEEEEEEF.............");
    expect(h.reason()).toBe(
      "the fragment freed last in bin 2, the lowest from 1 on that has any: its low end, [320, 384)",
    );
    expect(h.internals().slice(0, 2)).toEqual(["bin 1, from 64: 384+64", "bin 2, from 128: 160+128"]);
  });

  it("passes over a fragment that would do, in a bin where not all would", () => {
    const h = heap(320);
    for (const [name, bytes] of Object.entries({ A: 100, B: 1, C: 1, D: 1, E: 1, F: 1, G: 1 }))
      h.malloc(name, bytes);
    h.free("B", "C", "D");
    expect(drawn(h)).toBe("AAAA...EFG");
    expect(h.malloc("H", 48)).toBe(304); // 64 bytes: bin 1 has [288, 384), whose low end it takes
    h.free("H");
    h.free("E");
    expect(h.internals()).toEqual(["bin 2, from 128: 288+128"]);
    expect(h.malloc("I", 240)).toBe(-1);
  });

  it("merges on both sides; what it was merged into is first in its bin", () => {
    const h = heap(192);
    for (const name of "ABCDEF") h.malloc(name, 1);
    h.free("A", "C", "E");
    expect(h.internals()).toEqual(["bin 0, from 32: 288+32 224+32 160+32"]);
    h.free("B");
    expect(drawn(h)).toBe("...D.F");
    expect(h.internals()).toEqual(["bin 0, from 32: 288+32", "bin 1, from 64: 160+96"]);
  });

  it("looks at one fragment, however many there are", () => {
    const h = heap(1024);
    for (const name of "ABCDEFGHIJKL") h.malloc(name, 1);
    h.free("A", "C", "E", "G", "I", "K");
    expect(h.steps(() => h.malloc("M", 1))).toBe(1);
    expect(h.steps(() => expect(h.malloc("N", 496)).toBe(560))).toBe(1);
    expect(h.steps(() => expect(h.malloc("O", 496)).toBe(-1))).toBe(0);
  });

  it("refuses 0 bytes and what the arena could never hold", () => {
    const h = heap(1024);
    expect(h.malloc("A", 0)).toBe(-1);
    expect(h.malloc("A", 1009)).toBe(-1);
    expect(h.reason()).toBe("2048 bytes are more than the 1024 that the arena could ever hold");
    expect(h.malloc("A", 1008)).toBe(176);
  });

  it("moves for every realloc", () => {
    const h = heap(128);
    h.malloc("A", 10);
    expect(h.realloc("A", 11)).toBe(208);
    expect(h.realloc("A", 100)).toBe(-1);
    expect(drawn(h)).toBe(".A..");
  });
});
