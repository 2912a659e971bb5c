/** dlmalloc 2.8.6, each rule by itself. Words of 4 bytes, unless said: chunks of 16, 24, 32 ..., the first payload at 8. */
import { describe, expect, it } from "vitest";
import { dlmalloc } from "../../../src/allocators/dlmalloc.ts";
import { StepByStep } from "./step-by-step.ts";

const KIB = 1024;
const over = (options: string, heap: number | "grow" = "grow") =>
  new StepByStep(`dlmalloc:${options}`, heap, [dlmalloc]);
const heap = () => over("bits=32");
/** Lists of free chunks, without top. */
const bins = (h: StepByStep) => h.internals().filter((line) => !/^top|victim:$/.test(line));

describe("dlmalloc", () => {
  it("has its first payload behind a word and its size, in an mspace behind the state", () => {
    expect(over("bits=32").malloc("A", 1)).toBe(8);
    expect(over("bits=64").malloc("A", 1)).toBe(16);
    expect(over("over=mspace,bits=32", 4096).malloc("A", 1)).toBe(488);
    const h = over("over=mspace,bits=64", 4096);
    expect(h.malloc("A", 1)).toBe(960);
    expect(h.list()).toEqual(["0 952 table", "952 32 object 1, 1 bytes", "984 3040 hole", "4024 72 header"]);
  });

  it("rounds a request and a word up to the alignment, and to four words", () => {
    const starts = (options: string) => {
      const h = over(options);
      return [0, 12, 13, 20, 21, 24, 25].map((bytes, i) => h.malloc("ABCDEFG"[i], bytes));
    };
    expect(starts("bits=32")).toEqual([8, 24, 40, 64, 88, 120, 152]);
    expect(starts("bits=64")).toEqual([16, 48, 80, 112, 144, 176, 208]);
    expect(starts("over=mspace,bits=64").map((offset) => offset - 944)).toEqual([
      16, 48, 80, 112, 144, 176, 208,
    ]);
  });

  it("takes the small chunk freed last, or one of 8 bytes more with all that it has", () => {
    const h = heap();
    for (const [name, bytes] of Object.entries({ A: 20, B: 1, C: 20, D: 1, E: 28, F: 1 }))
      h.malloc(name, bytes);
    h.free("A", "C", "E");
    expect(bins(h)).toEqual(["small bin 3 (24 bytes): 44+24 4+24", "small bin 4 (32 bytes): 84+32"]);
    expect(h.malloc("G", 20)).toBe(48);
    expect(h.malloc("H", 20)).toBe(8);
    expect(h.malloc("I", 20)).toBe(88);
    expect(h.reason()).toBe("a small bin holds a chunk of 32 bytes: all of it is taken, at 84");
    expect(h.list()[5]).toBe("84 32 object 9, 20 bytes");
  });

  it("splits the next larger small chunk, whose rest becomes the designated victim, and serves from that", () => {
    const h = heap();
    h.malloc("A", 100);
    h.malloc("B", 1);
    h.malloc("C", 60);
    h.malloc("D", 1);
    h.free("A", "C");
    expect(h.malloc("E", 12)).toBe(128);
    expect(bins(h)).toEqual(["small bin 13 (104 bytes): 4+104", "designated victim: 140+48"]);
    expect(h.malloc("F", 12)).toBe(144);
    expect(h.reason()).toBe("no bin serves 16 bytes better than the designated victim of 48 at 140");
    // Of a small request that the victim does not hold, the rest takes the victim's place.
    expect(h.malloc("G", 60)).toBe(8);
    expect(bins(h)).toEqual(["small bin 4 (32 bytes): 156+32", "designated victim: 68+40"]);
  });

  it("takes the smallest chunk of the trees for a small request that no small bin and no victim holds", () => {
    const h = heap();
    for (const [name, bytes] of Object.entries({ A: 1000, B: 1, C: 400, D: 1 })) h.malloc(name, bytes);
    h.free("A", "C");
    expect(bins(h)).toEqual([
      "tree bin 1 (from 384 bytes): 1028+408 (depth 0)",
      "tree bin 3 (from 768 bytes): 4+1008 (depth 0)",
    ]);
    expect(h.malloc("E", 12)).toBe(1032);
    expect(bins(h).at(-1)).toBe("designated victim: 1044+392");
    expect(h.reason()).toContain("best fit of the trees: 16 bytes of the chunk of 408 at 1028");
  });

  it("takes the best fit of the trees for a large request, of equals the oldest, and lists the rest", () => {
    const h = heap();
    for (const [name, bytes] of Object.entries({ A: 700, B: 1, C: 604, D: 1, E: 604, F: 1, G: 508, H: 1 }))
      h.malloc(name, bytes);
    h.free("E", "C", "A", "G");
    expect(bins(h)).toEqual([
      "tree bin 2 (from 512 bytes): 1348+608 (depth 0) 724+608 (equal) 1972+512 (depth 1) 4+704 (depth 1)",
    ]);
    expect(h.malloc("I", 520)).toBe(1352);
    expect(bins(h)).toEqual([
      "small bin 10 (80 bytes): 1876+80",
      "tree bin 2 (from 512 bytes): 724+608 (depth 0) 1972+512 (depth 1) 4+704 (depth 1)",
    ]);
  });

  it("prefers the designated victim for a large request where it fits as well", () => {
    const h = heap();
    for (const [name, bytes] of Object.entries({ A: 604, B: 1, C: 612, D: 1 })) h.malloc(name, bytes);
    h.free("A");
    h.malloc("E", 12);
    h.free("C", "E");
    expect(bins(h)).toEqual(["tree bin 2 (from 512 bytes): 628+616 (depth 0)", "designated victim: 4+608"]);
    expect(h.malloc("F", 600)).toBe(8);
    expect(bins(h)).toEqual(["tree bin 2 (from 512 bytes): 628+616 (depth 0)"]);
  });

  it("merges what is freed with both neighbours, with the victim and with top", () => {
    const h = heap();
    for (const name of "ABCDEFG") h.malloc(name, 28);
    h.free("A", "C");
    h.free("B");
    expect(bins(h)).toEqual(["small bin 12 (96 bytes): 4+96"]);
    h.malloc("H", 12);
    expect(bins(h)).toEqual(["designated victim: 20+80"]);
    h.free("D");
    expect(bins(h)).toEqual(["designated victim: 20+112"]);
    h.free("H");
    expect(bins(h)).toEqual(["designated victim: 4+128"]);
    h.free("G", "F", "E");
    expect(h.internals()).toEqual(["designated victim:", "top: 4+65496"]);
  });

  it("reallocs in place: gives up the end, takes from the victim, from a free chunk or from top behind", () => {
    const h = heap();
    for (const name of "ABCD") h.malloc(name, 60);
    expect(h.realloc("A", 28)).toBe(8);
    expect(bins(h)).toEqual(["small bin 4 (32 bytes): 36+32"]);
    expect(h.realloc("A", 36)).toBe(8); // a rest of 24
    expect(bins(h)).toEqual(["small bin 3 (24 bytes): 44+24"]);
    expect(h.realloc("A", 52)).toBe(8); // a rest of 8 stays in the block
    expect(h.list()[1]).toBe("4 64 object 1, 52 bytes");
    expect(h.realloc("D", 1000)).toBe(200);
    h.free("B");
    h.malloc("E", 12);
    expect(h.realloc("E", 28)).toBe(72);
    expect(bins(h)).toEqual(["designated victim: 100+32"]);
    expect(h.realloc("E", 60)).toBe(72);
    expect(bins(h)).toEqual([]);
    expect(h.realloc("A", 80)).toBe(1208);
    expect(h.realloc("A", 4)).toBe(1208);
    expect(h.list().at(-2)).toBe("1220 64280 hole");
  });

  it("asks for memory by pages, and only for what top lacks", () => {
    const h = heap();
    h.malloc("A", 65000);
    expect(h.run.space.segmentEnd(h.run.space.heap)).toBe(64 * KIB);
    h.malloc("B", 65000);
    expect(h.run.space.segmentEnd(h.run.space.heap)).toBe(128 * KIB);
    expect(h.reason()).toBe(
      "top was too short for 65008 bytes: more memory was asked for, top is 66024 at 65012",
    );
  });

  it("asks for all of a request once it was told no", () => {
    const arena = 4 * 64 * KIB;
    const fresh = over("bits=32", arena);
    fresh.malloc("A", 1.5 * 64 * KIB);
    expect(fresh.malloc("B", 2.2 * 64 * KIB)).toBe(98320); // two pages and what top has
    const told = over("bits=32", arena);
    told.malloc("A", 1.5 * 64 * KIB);
    expect(told.malloc("B", 8 * 64 * KIB)).toBe(-1);
    expect(told.malloc("C", 2.2 * 64 * KIB)).toBe(-1); // three pages
    expect(told.malloc("D", 1.9 * 64 * KIB)).toBe(98320);
  });

  it("gives a top chunk of more than 2 MiB back, but for its last page", () => {
    const h = heap();
    h.malloc("A", 2 * KIB * KIB - 40);
    h.free("A");
    expect(h.internals().at(-1)).toBe("top: 4+65496");
    expect(h.run.space.segmentEnd(h.run.space.heap)).toBe(64 * KIB);
    h.malloc("B", 2 * KIB * KIB - 64 * KIB);
    h.free("B");
    expect(h.run.space.segmentEnd(h.run.space.heap)).toBe(2 * KIB * KIB);
  });

  it("frees what memalign has before and behind the aligned payload", () => {
    const h = heap();
    expect(h.memalign("A", 256, 100)).toBe(256);
    expect(bins(h)).toEqual(["small bin 31 (248 bytes): 4+248"]);
    expect(h.list().slice(1, 3)).toEqual(["4 248 hole", "252 104 object 1, 100 bytes"]);
    expect(h.memalign("B", 8, 100)).toBe(8);
  });

  it("looks at one chunk of a small bin, at the victim, at the nodes of a path, and at top", () => {
    const h = heap();
    expect(h.steps(() => h.malloc("A", 1))).toBe(0); // there is nothing yet
    for (const [name, bytes] of Object.entries({ B: 1, C: 700, D: 1, E: 604, F: 1, G: 508, H: 1 }))
      h.malloc(name, bytes);
    h.free("A");
    expect(h.steps(() => h.malloc("A", 1))).toBe(1);
    expect(h.steps(() => h.malloc("I", 1))).toBe(1);
    h.free("C", "E", "G");
    expect(bins(h)).toEqual([
      "tree bin 2 (from 512 bytes): 36+704 (depth 0) 756+608 (depth 1) 1380+512 (depth 2)",
    ]);
    expect(h.steps(() => h.malloc("J", 590))).toBe(2); // the third lies on the other side
    expect(h.steps(() => h.malloc("K", 2000))).toBe(1);
  });

  it("refuses everything in an arena without room for its state or its foot", () => {
    for (const size of [16, 64, 200, 500, 536])
      for (const how of ["sbrk", "mspace"]) {
        const h = over(`over=${how},bits=32`, size);
        const offset = h.malloc("A", 1);
        expect(offset).toBe(how === "sbrk" && size >= 64 ? 8 : -1);
      }
    expect(over("over=mspace,bits=32", 544).malloc("A", 1)).toBe(488);
  });
});
