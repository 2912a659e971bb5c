/** umm_malloc, each rule by itself: units of 8 bytes, the first and the last of the heap's are its own. */
import { describe, expect, it } from "vitest";
import { umm } from "../../../src/allocators/umm.ts";
import { StepByStep } from "./step-by-step.ts";

const open = (units: number, fit = "best") => new StepByStep(`umm:fit=${fit}`, 8 * (units + 2), [umm]);
/** A character a unit. */
const drawn = (h: StepByStep) => h.draw(8).slice(1, -1);
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Payload of a block of so many units. */
const bytesOf = (units: number) => 8 * units - 4;
/** Objects A, B, C ... of so many units, then whatever is left is taken, so that nothing lies behind them. */
function filled(layout: readonly number[], fit = "best"): StepByStep {
  const h = open(
    layout.reduce((sum, units) => sum + units, 0),
    fit,
  );
  layout.forEach((units, i) => {
    h.malloc(ALPHABET[i], bytesOf(units));
  });
  return h;
}
const starts = (h: StepByStep) => h.internals()[0].replace("free list: ", "");

describe("umm", () => {
  it("has its first payload at 12, and units of 8 bytes behind a header of 4", () => {
    const h = open(16);
    expect(h.malloc("A", 1)).toBe(12);
    for (const [name, bytes] of Object.entries({ B: 4, C: 5, D: 12, E: 13 })) h.malloc(name, bytes);
    expect(drawn(h)).toBe("ABCCDDEEE.......");
    expect(h.list().at(-1)).toBe("136 8 header");
  });

  it("counts at most 32767 units", () => {
    const h = new StepByStep("umm", 1 << 20, [umm]);
    expect(h.malloc("A", 8 * 32766)).toBe(-1);
    expect(h.malloc("A", 8 * 32765 - 4)).toBe(12);
    expect(h.list().slice(2)).toEqual(["262128 8 header", "262136 786440 unused"]);
  });

  it("keeps a list of free blocks, the last freed first; a rest keeps the place of the whole", () => {
    const h = filled([2, 1, 3, 1, 2, 1]);
    h.free("A", "C", "E");
    expect(starts(h)).toBe("64+16 32+24 8+16");
    expect(h.malloc("G", 4)).toBe(68);
    expect(starts(h)).toBe("72+8 32+24 8+16");
    expect(h.malloc("H", 20)).toBe(36);
    expect(starts(h)).toBe("72+8 8+16");
  });

  it("looks at all of it for the shortest, of equal ones the first", () => {
    const h = filled([4, 1, 2, 1, 3, 1, 2, 1]);
    h.free("A", "C", "E", "G");
    expect(drawn(h)).toBe("....B..D...F..H");
    expect(h.steps(() => expect(h.malloc("I", 12)).toBe(8 + 8 * 12 + 4))).toBe(4);
    expect(h.steps(() => expect(h.malloc("J", 12)).toBe(8 + 8 * 5 + 4))).toBe(3);
    expect(h.steps(() => expect(h.malloc("K", 12)).toBe(8 + 8 * 8 + 4))).toBe(2);
    expect(h.reason()).toBe("of 2 free blocks looked at, [72, 96) is taken for 16 bytes");
  });

  it("takes the first that will do when built for first fit", () => {
    const h = filled([4, 1, 2, 1, 3, 1, 1, 1], "first");
    h.free("A", "C", "E", "G");
    expect(drawn(h)).toBe("....B..D...F.H");
    expect(h.steps(() => expect(h.malloc("I", 12)).toBe(8 + 8 * 8 + 4))).toBe(2);
    expect(h.steps(() => expect(h.malloc("J", 28)).toBe(12))).toBe(4);
    expect(h.steps(() => expect(h.malloc("K", 28)).toBe(-1))).toBe(3);
    expect(h.reason()).toBe("none of 3 free blocks holds 32 bytes; the longest hole has 16");
  });

  it("merges a freed block upwards, which takes the upper one off the list", () => {
    const h = filled([1, 1, 1, 1, 1]);
    h.free("C", "E", "B");
    expect(starts(h)).toBe("16+16 40+8");
    expect(drawn(h)).toBe("A..D.");
  });

  it("merges a freed block downwards, which keeps the lower one's place", () => {
    const h = filled([1, 1, 1, 1, 1, 1, 1]);
    h.free("A", "G", "C");
    expect(starts(h)).toBe("24+8 56+8 8+8");
    h.free("B");
    expect(starts(h)).toBe("56+8 8+24");
    h.free("E");
    h.free("D");
    expect(starts(h)).toBe("56+8 8+40");
  });

  it("keeps a block that is long enough, and frees its end", () => {
    const h = filled([4, 1, 1, 1]);
    h.free("D");
    expect(h.realloc("A", 25)).toBe(12);
    expect(drawn(h)).toBe("AAAABC.");
    expect(h.steps(() => expect(h.realloc("A", 12)).toBe(12))).toBe(0);
    expect(drawn(h)).toBe("AA..BC.");
    expect(starts(h)).toBe("24+16 56+8");
    h.realloc("A", 4);
    expect(starts(h)).toBe("16+24 56+8");
  });

  it("grows into the block behind if that makes it exactly long enough, whatever lies before", () => {
    const h = filled([2, 1, 2, 1]);
    h.free("A", "C");
    expect(h.steps(() => expect(h.realloc("B", bytesOf(3))).toBe(28))).toBe(2);
    expect(drawn(h)).toBe("..BBBD");
    expect(starts(h)).toBe("8+16");
  });

  it("grows into the block behind if the one before is in use, and frees the rest", () => {
    const h = filled([1, 1, 3, 1, 1, 1]);
    h.free("C", "E");
    expect(starts(h)).toBe("56+8 24+24");
    expect(h.realloc("B", bytesOf(2))).toBe(20);
    expect(drawn(h)).toBe("ABB..D.F");
    expect(starts(h)).toBe("32+16 56+8");
  });

  it("moves down into the block before rather than growing by a part of the one behind", () => {
    const h = filled([2, 2, 3, 1]);
    h.free("A", "C");
    expect(h.realloc("B", bytesOf(3))).toBe(12);
    expect(drawn(h)).toBe("BBB....D");
    expect(starts(h)).toBe("32+32");
    expect(h.reason()).toBe(
      "the block at 24 moves down to 8, into the free block before it: 16 bytes become 24",
    );
  });

  it("moves down clear of its own place", () => {
    const h = filled([6, 1, 1]);
    h.free("A");
    expect(h.realloc("B", bytesOf(2))).toBe(12);
    expect(drawn(h)).toBe("BB.....C");
    expect(starts(h)).toBe("24+40");
  });

  it("moves down into a block that is then used up, and frees what it leaves", () => {
    const h = filled([2, 1, 1, 1, 1]);
    h.free("E", "A");
    expect(h.realloc("B", bytesOf(2))).toBe(12);
    expect(drawn(h)).toBe("BB.CD.");
    expect(starts(h)).toBe("24+8 48+8");
  });

  it("moves down and takes the blocks on both sides", () => {
    const h = filled([2, 2, 3, 1, 1]);
    h.free("E", "A", "C");
    expect(h.realloc("B", bytesOf(6))).toBe(12);
    expect(drawn(h)).toBe("BBBBBB.D.");
    expect(starts(h)).toBe("56+8 72+8");
  });

  it("moves elsewhere when nothing around it will do, and stays if that is refused", () => {
    const h = filled([1, 1, 1, 1, 4, 1]);
    h.free("A", "E");
    expect(h.realloc("B", bytesOf(3))).toBe(44);
    expect(drawn(h)).toBe("..CDBBB.F");
    expect(h.realloc("C", bytesOf(4))).toBe(-1);
    expect(drawn(h)).toBe("..CDBBB.F");
  });

  it("refuses 0 bytes, and everything in a heap of two units", () => {
    const h = open(4);
    expect(h.malloc("A", 0)).toBe(-1);
    expect(h.malloc("A", 1)).toBe(12);
    expect(h.realloc("A", 0)).toBe(-1);
    expect(drawn(h)).toBe("A...");
    expect(open(0).malloc("A", 1)).toBe(-1);
  });

  it("takes so much that an aligned payload lies in the block", () => {
    const h = open(16);
    expect(h.memalign("A", 32, 8)).toBe(32);
    expect(drawn(h)).toBe("AAAAA...........");
    expect(h.realloc("A", 9)).toBe(32);
    h.free("A");
    expect(drawn(h)).toBe("................");
  });
});
