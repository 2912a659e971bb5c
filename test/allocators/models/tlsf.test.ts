/** TLSF 3.1, each rule by itself. Words of 4 bytes: the lists' table is 3188 bytes, the last word a sentinel's. */
import { describe, expect, it } from "vitest";
import { tlsf } from "../../../src/allocators/tlsf.ts";
import { OptionError } from "../../../src/options/options.ts";
import { StepByStep } from "./step-by-step.ts";

const TABLE = 3188;
/** A pool of `bytes`. */
const heap = (bytes: number) => new StepByStep("tlsf", TABLE + bytes + 4, [tlsf]);
/** The pool, 16 bytes a character: a smallest block. */
const drawn = (h: StepByStep) =>
  h
    .draw(4)
    .slice(TABLE / 4, -1)
    .replace(/(.)\1{3}/g, "$1");

describe("tlsf", () => {
  it("has its first payload at 3192, or 6544 with words of 8 bytes", () => {
    const h = heap(64);
    expect(h.malloc("A", 1)).toBe(3192);
    expect(h.list()).toEqual(["0 3188 table", "3188 16 object 1, 1 bytes", "3204 48 hole", "3252 4 header"]);
    const wide = new StepByStep("tlsf:bits=64", 6536 + 64 + 8, [tlsf]);
    expect(wide.malloc("A", 1)).toBe(6544);
    expect(wide.list().slice(1)).toEqual(["6536 32 object 1, 1 bytes", "6568 32 hole", "6600 8 header"]);
  });

  it("rounds to words behind a header of one, at least three", () => {
    const h = heap(256);
    expect(h.malloc("A", 1)).toBe(TABLE + 4);
    expect(h.malloc("B", 12)).toBe(TABLE + 16 + 4);
    expect(h.malloc("C", 13)).toBe(TABLE + 32 + 4);
    expect(h.malloc("D", 16)).toBe(TABLE + 52 + 4);
    expect(h.malloc("E", 1)).toBe(TABLE + 72 + 4);
  });

  it("keeps a rest of less than four words in the block", () => {
    const h = heap(256);
    h.malloc("A", 32);
    h.malloc("B", 1);
    for (const [bytes, length] of [
      [16, 20],
      [17, 36],
      [20, 36],
    ]) {
      h.free("A");
      expect(h.malloc("A", bytes)).toBe(TABLE + 4);
      expect(h.list()[1]).toBe(`${TABLE} ${length} object 1, ${bytes} bytes`);
    }
    expect(h.reason()).toBe(
      "a block of 24 bytes: the first of the nearest list that surely holds it, 36 bytes at 3188, gives 36",
    );
  });

  it("takes the block freed last of a list", () => {
    const h = heap(256);
    for (const name of "ABCDEF") h.malloc(name, 12);
    h.free("A", "E", "C");
    expect(h.internals()[0]).toBe("level 0 step 3, 12 bytes and more: 3220+16 3252+16 3188+16");
    [32, 64, 0].forEach((at, i) => {
      expect(h.malloc("GHI"[i], 12)).toBe(TABLE + at + 4);
    });
  });

  it("has a list a word up to 32 words, then 32 lists each power of two", () => {
    const h = heap(2048);
    [124, 128, 252, 256, 260, 264].forEach((bytes, i) => {
      h.malloc("ABCDEF"[i], bytes);
      h.malloc("UVWXYZ"[i], 1);
    });
    h.free("A", "B", "C", "D", "E", "F");
    expect(h.internals().map((list) => list.replace(/:.*/, ""))).toEqual([
      "level 0 step 31, 124 bytes and more",
      "level 1 step 0, 128 bytes and more",
      "level 1 step 31, 252 bytes and more",
      "level 2 step 0, 256 bytes and more",
      "level 2 step 1, 264 bytes and more",
      "level 3 step 8, 640 bytes and more",
    ]);
    expect(h.internals()[3]).toMatch(/^level 2 .*: \d+\+264 \d+\+260$/);
  });

  it("refuses, although a free range is long enough, what another of its list might not hold", () => {
    const h = heap(264 + 16);
    h.malloc("A", 260);
    h.malloc("B", 1);
    h.free("A");
    expect(drawn(h)).toBe(`${".".repeat(16)}..B`);
    expect(h.malloc("C", 260)).toBe(-1);
    expect(h.reason()).toBe("no list whose blocks all hold 268 bytes has one; the longest hole has 264");
    expect(h.run.finish().metrics).toMatchObject({ exhausted: 0, fragmented: 0, policyRefusals: 1 });
    expect(h.malloc("D", 256)).toBe(TABLE + 4);
  });

  it("merges with the block before, then with the one behind, and puts what comes of it first", () => {
    const h = heap(16 * 8);
    for (const name of "ABCDEFGH") h.malloc(name, 12);
    h.free("A", "C", "E", "G");
    expect(drawn(h)).toBe(".B.D.F.H");
    h.free("B");
    h.free("F");
    expect(h.internals()).toEqual(["level 0 step 11, 44 bytes and more: 3252+48 3188+48"]);
    h.free("D");
    expect(drawn(h)).toBe(".......H");
    expect(h.internals()).toEqual(["level 0 step 27, 108 bytes and more: 3188+112"]);
  });

  it("grows a block into the free one behind it, and gives back what is too much", () => {
    const h = heap(16 * 8);
    for (const name of "ABC") h.malloc(name, 12);
    h.free("B");
    expect(h.realloc("A", 28)).toBe(TABLE + 4);
    expect(drawn(h)).toBe("AAC.....");
    expect(h.realloc("C", 44)).toBe(TABLE + 32 + 4);
    expect(drawn(h)).toBe("AACCC...");
    expect(h.reason()).toBe(
      "the block at 3220 grows into the free block behind it: 16 bytes become 48, of which 48 are needed",
    );
  });

  it("moves a block that cannot grow, and leaves it where it is if that is refused", () => {
    const h = heap(16 * 6);
    for (const name of "AB") h.malloc(name, 12);
    expect(h.realloc("A", 28)).toBe(TABLE + 32 + 4);
    expect(drawn(h)).toBe(".BAA..");
    expect(h.realloc("B", 60)).toBe(-1);
    expect(drawn(h)).toBe(".BAA..");
  });

  it("shrinks a block in place, its end merged with the free block behind it", () => {
    const h = heap(16 * 8);
    h.malloc("A", 60);
    h.malloc("B", 12);
    expect(h.realloc("A", 49)).toBe(TABLE + 4);
    expect(drawn(h)).toBe("AAAAB...");
    expect(h.realloc("A", 12)).toBe(TABLE + 4);
    expect(drawn(h)).toBe("A...B...");
    h.realloc("A", 28);
    expect(drawn(h)).toBe("AA..B...");
    h.realloc("A", 12);
    expect(drawn(h)).toBe("A...B...");
  });

  it("leaves a block before an aligned payload, of four words at least", () => {
    const h = heap(16 * 16);
    expect(h.memalign("A", 64, 12)).toBe(3264);
    expect(h.list().slice(1, 3)).toEqual(["3188 72 hole", "3260 16 object 1, 12 bytes"]);
    const narrow = heap(16 * 16);
    // The payload at 3200 would leave 8 bytes: on to the next but one.
    expect(narrow.memalign("A", 16, 12)).toBe(3216);
    expect(narrow.list().slice(1, 3)).toEqual(["3188 24 hole", "3212 16 object 1, 12 bytes"]);
    expect(narrow.memalign("B", 4, 12)).toBe(3192);
  });

  it("looks at the block that it takes, and at the neighbour when a block is to grow", () => {
    const h = heap(16 * 32);
    for (const name of "ABCDEFGH") h.malloc(name, 12);
    h.free("A", "C", "E");
    expect(h.steps(() => h.malloc("I", 12))).toBe(1);
    expect(h.steps(() => expect(h.malloc("J", 4000)).toBe(-1))).toBe(0);
    expect(h.steps(() => h.realloc("H", 100))).toBe(1);
    expect(h.steps(() => h.realloc("H", 50))).toBe(0);
    expect(h.steps(() => h.realloc("B", 50))).toBe(2);
  });

  it("refuses 0 bytes, and what its lists are not made for", () => {
    const h = heap(64);
    expect(h.malloc("A", 0)).toBe(-1);
    expect(h.reason()).toBe("a request of 0 bytes is refused");
    expect(h.malloc("A", 2 ** 30 - 3)).toBe(-1);
    expect(h.reason()).toBe("1073741821 bytes are more than the lists are made for");
    h.malloc("A", 1);
    expect(h.realloc("A", 0)).toBe(-1);
    expect(drawn(h)).toBe("A...");
  });

  it("says how long a pool may be, and refuses everything in a heap without one", () => {
    expect(() => new StepByStep("tlsf", 2 ** 30 + 4096, [tlsf])).toThrow(OptionError);
    const h = new StepByStep("tlsf", TABLE + 16, [tlsf]);
    expect(h.malloc("A", 1)).toBe(-1);
    expect(h.list()).toEqual(["0 3204 unused"]);
  });
});
