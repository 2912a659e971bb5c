/**
 * Zephyr's sys_heap, each rule by itself. A heap of N chunks under 256 KiB has a control structure of 16 bytes and
 * 4 a bucket in front, and the end marker behind; blocks have a header of 4 bytes.
 */
import { describe, expect, it } from "vitest";
import { zephyr } from "../../../src/allocators/zephyr.ts";
import { StepByStep } from "./step-by-step.ts";

const open = (bytes: number, options = "") =>
  new StepByStep(`zephyr${options && `:${options}`}`, bytes, [zephyr]);
/** 32 to 63 chunks make 6 buckets: 40 bytes of control. So many chunks behind it. */
const small = (chunks: number) => open(40 + 8 * chunks + 8);
/** The chunks of such a heap. */
const drawn = (h: StepByStep) => h.draw(8).slice(5, -1);

describe("zephyr", () => {
  it("has its first payload at 76, on 64 bits at 128 in 2.5 and at 80 in later ones", () => {
    expect(open(65536).malloc("A", 1)).toBe(76);
    expect(open(65536, "header=modern").malloc("A", 1)).toBe(76);
    expect(open(65536, "bits=64").malloc("A", 1)).toBe(128);
    expect(open(65536, "header=modern,bits=64").malloc("A", 1)).toBe(80);
  });

  it("has headers of 8 bytes from 256 KiB on", () => {
    expect(open(262144 - 8).malloc("A", 1)).toBe(84);
    expect(open(262144).malloc("A", 1)).toBe(88);
    expect(open(1048576).malloc("A", 1)).toBe(96);
  });

  it("rounds header and request to chunks of 8 bytes, and keeps no rest", () => {
    const h = small(30);
    h.malloc("A", 4);
    h.malloc("B", 5);
    h.malloc("C", 12);
    h.malloc("D", 13);
    expect(drawn(h)).toBe(`ABBCCDDD${".".repeat(22)}`);
    h.free("C");
    expect(h.malloc("E", 1)).toBe(40 + 3 * 8 + 4);
    expect(drawn(h)).toBe(`ABBE.DDD${".".repeat(22)}`);
  });

  it("has a ring for each power of two of chunks, first in first out", () => {
    const h = small(40);
    for (const name of "ABCDEFGH") h.malloc(name, 12);
    h.free("A", "E", "C", "G");
    expect(h.internals()).toEqual([
      "bucket 1, 16 bytes and more: 40+16 104+16 72+16 136+16",
      "bucket 4, 128 bytes and more: 168+192",
    ]);
    [40, 104, 72, 136].forEach((at, i) => {
      expect(h.malloc("IJKL"[i], 12)).toBe(at + 4);
    });
  });

  it("tries three chunks of the request's own ring, which stays turned behind them", () => {
    const h = small(40);
    for (const name of "ABCDEFGH") h.malloc(name, 12);
    h.malloc("X", 20);
    h.malloc("Y", 1);
    h.free("A", "C", "E", "G", "X");
    expect(h.internals()[0]).toBe("bucket 1, 16 bytes and more: 40+16 72+16 104+16 136+16 168+24");
    // Three chunks of 16 bytes are too short for 24, and so are the next two; the last one would do.
    expect(h.steps(() => expect(h.malloc("Z", 20)).toBe(200 + 4))).toBe(4);
    expect(h.reason()).toBe(
      "3 chunks tried in the bucket of 24 bytes, then the next one of a higher bucket: 160 bytes at 200",
    );
    expect(h.internals()[0]).toBe("bucket 1, 16 bytes and more: 136+16 168+24 40+16 72+16 104+16");
    expect(h.steps(() => expect(h.malloc("W", 20)).toBe(168 + 4))).toBe(2);
    expect(h.reason()).toBe("chunk 2 of those tried in the bucket of 24 bytes: 24 bytes at 168");
    expect(h.internals()[0]).toBe("bucket 1, 16 bytes and more: 40+16 72+16 104+16 136+16");
  });

  it("tries no chunk twice", () => {
    const h = small(40);
    for (const name of "ABC") h.malloc(name, 12);
    h.free("A");
    expect(h.steps(() => h.malloc("D", 20))).toBe(2);
    expect(h.steps(() => h.malloc("E", 2000))).toBe(0);
  });

  it("turns a ring to behind a chunk that merges, wherever in the ring that was", () => {
    const h = small(40);
    for (const name of "ABCDEFGH") h.malloc(name, 12);
    h.free("A", "C", "E", "G");
    h.free("D");
    expect(drawn(h)).toBe(`..BB......FF..HH${".".repeat(24)}`);
    expect(h.internals()).toEqual([
      "bucket 1, 16 bytes and more: 136+16 40+16",
      "bucket 2, 32 bytes and more: 72+48",
      "bucket 4, 128 bytes and more: 168+192",
    ]);
  });

  it("refuses, although a chunk is long enough, what three tries do not find, and finds it when asked again", () => {
    const h = small(30);
    for (const name of "ABCDEFGHIJKL") h.malloc(name, 12);
    h.malloc("X", 20);
    h.malloc("Y", 20);
    h.free("A", "C", "E", "X");
    expect(drawn(h)).toBe("..BB..DD..FFGGHHIIJJKKLL...YYY");
    expect(h.steps(() => expect(h.malloc("Z", 20)).toBe(-1))).toBe(3);
    expect(h.reason()).toBe(
      "none of 3 chunks tried holds 24 bytes and no higher bucket has any; the longest hole has 24",
    );
    expect(h.steps(() => expect(h.malloc("Z", 20)).toBe(40 + 8 * 24 + 4))).toBe(1);
    expect(h.run.finish().metrics).toMatchObject({ fragmented: 0, policyRefusals: 1 });
  });

  it("merges with the chunk behind, then with the one before", () => {
    const h = small(40);
    for (const name of "ABCDE") h.malloc(name, 4);
    h.free("A", "C");
    expect(drawn(h).slice(0, 6)).toBe(".B.DE.");
    h.free("B");
    expect(drawn(h).slice(0, 6)).toBe("...DE.");
    h.free("E");
    expect(h.internals()).toEqual([
      "bucket 1, 16 bytes and more: 40+24",
      "bucket 5, 256 bytes and more: 72+288",
    ]);
  });

  it("grows into the chunk behind, shrinks in place, moves otherwise", () => {
    const h = small(30);
    for (const name of "ABC") h.malloc(name, 12);
    h.free("B");
    expect(h.realloc("A", 20)).toBe(44);
    expect(drawn(h).slice(0, 7)).toBe("AAA.CC.");
    expect(h.realloc("A", 28)).toBe(44);
    expect(drawn(h).slice(0, 7)).toBe("AAAACC.");
    expect(h.realloc("A", 29)).toBe(92);
    expect(drawn(h).slice(0, 12)).toBe("....CCAAAAA.");
    expect(h.realloc("A", 1)).toBe(92);
    expect(drawn(h).slice(0, 12)).toBe("....CCA.....");
    expect(h.realloc("C", 1000)).toBe(-1);
  });

  it("keeps no chunk of 8 bytes in a ring where the header takes all of it", () => {
    const h = open(512, "header=modern,bits=64");
    for (const name of "AB") h.malloc(name, 16);
    const before = h.internals();
    h.realloc("A", 8);
    expect(h.list().slice(1, 4)).toEqual([
      "40 16 object 1, 8 bytes",
      "56 8 hole",
      "64 24 object 2, 16 bytes",
    ]);
    expect(h.internals()).toEqual(before);
    expect(h.realloc("A", 16)).toBe(48);
    h.realloc("A", 8);
    h.free("B");
    expect(h.internals()).toEqual(["bucket 5, 264 bytes and more: 56+448"]);
  });

  it("aligns by taking more, and frees what lies before and behind", () => {
    const h = small(40);
    h.malloc("A", 1);
    expect(h.memalign("B", 64, 8)).toBe(64);
    expect(h.list().slice(1, 5)).toEqual([
      "40 8 object 1, 1 bytes",
      "48 8 hole",
      "56 16 object 2, 8 bytes",
      "72 288 hole",
    ]);
    // In a small heap an aligned payload begins 4 bytes further into its chunk.
    expect(h.realloc("B", 12)).toBe(64);
    expect(h.list()[3]).toBe("56 24 object 2, 12 bytes");
    expect(h.memalign("C", 4, 1)).toBe(52);
  });

  it("refuses 0 bytes, what no heap of its length holds, and everything where there is no room", () => {
    const h = small(30);
    expect(h.malloc("A", 0)).toBe(-1);
    expect(h.malloc("A", 280)).toBe(-1);
    expect(h.reason()).toBe("280 bytes are more than the heap of 280");
    expect(h.malloc("A", 279)).toBe(-1);
    expect(h.malloc("A", 236)).toBe(44);
    expect(h.realloc("A", 0)).toBe(-1);
    expect(open(32).malloc("A", 1)).toBe(-1);
    expect(open(32).list()).toEqual(["0 32 unused"]);
  });
});
