/** ptmalloc, each rule by itself. 64 bits, where a chunk is the request and 8 bytes, rounded up to 16, at least 32. */
import { describe, expect, it } from "vitest";
import { type Glibc, glibc } from "../../../src/allocators/glibc.ts";
import { Op } from "../../../src/traces/trace.ts";
import { StepByStep } from "./step-by-step.ts";

const PAGE = 4096;
/** Payload of the first chunk behind the thread cache's table. */
const FIRST = 672;
/** A heap after the first request: 656 bytes of table, 128 KiB of pad and a smallest chunk, in pages. */
const FRESH = 135168;

const heap = (options = "", bytes: number | "grow" = "grow") =>
  new StepByStep(options ? `glibc:${options}` : "glibc", bytes, [glibc]);
const info = (h: StepByStep) => (h.run.allocator as Glibc).mallinfo();
const mapped = (h: StepByStep, address: number) => h.run.allocator.place?.(address) === "m";
const bin = (h: StepByStep, name: string) => h.internals().filter((list) => list.startsWith(name));

function calloc(h: StepByStep, name: string, bytes: number): number {
  const id = name.charCodeAt(0) - 64;
  const one = (value: number) => Int32Array.of(value);
  const chunk = { row: one(id), id: one(id), bytes: one(bytes), argument: one(1) };
  h.run.feed({ events: 1, op: Uint8Array.of(Op.callocate), ...chunk });
  const slot = h.run.objects.slot(id);
  return h.run.space.start(slot) + h.run.space.offset(slot);
}

describe("glibc's chunks", () => {
  it("lie behind the thread cache's table, a word before their payload", () => {
    const h = heap();
    expect(h.malloc("A", 24)).toBe(FIRST);
    expect(h.list().slice(0, 3)).toEqual(["0 8 unused", "8 656 table", "664 32 object 1, 24 bytes"]);
    expect(heap("bits=32").malloc("A", 12)).toBe(416);
    expect(heap("tcache=0").malloc("A", 24)).toBe(FIRST);
  });

  it("are of 32 bytes at least and lend the first word of the next one", () => {
    const h = heap();
    const at = [0, 1, 24, 25, 40, 41, 0].map((bytes, i) => h.malloc("ABCDEFG"[i], bytes) - FIRST);
    expect(at).toEqual([0, 32, 64, 96, 144, 192, 256]);
    const small = heap("bits=32");
    const offsets = [0, 12, 13, 28, 0].map((bytes, i) => small.malloc("ABCDE"[i], bytes) - 416);
    expect(offsets).toEqual([0, 16, 32, 64, 96]);
  });

  it("are placed before the table where memalign is called first", () => {
    const h = heap();
    expect(h.memalign("A", 32, 100)).toBe(64);
    expect(h.list().filter((line) => line.includes("table"))).toEqual([]);
    h.malloc("B", 24);
    expect(h.list().filter((line) => line.includes("table"))).toEqual(["200 656 table"]);
  });
});

describe("glibc's thread cache", () => {
  it("keeps seven chunks of a size, last in first out, and the next one goes on to its fastbin", () => {
    const h = heap();
    for (const name of "ABCDEFGHI") h.malloc(name, 24);
    h.free(..."ABCDEFG");
    expect(h.reason()).toBe("[856, 888) goes to the thread cache, where nothing merges with it");
    h.free("H");
    expect(h.reason()).toBe("[888, 920) goes to a fastbin, unmerged until fast chunks are merged at once");
    expect(h.internals().slice(0, 2)).toEqual([
      "thread cache 32: 856+32 824+32 792+32 760+32 728+32 696+32 664+32",
      "fastbin 32: 888+32",
    ]);
    expect([h.malloc("J", 20), h.malloc("K", 0)]).toEqual([FIRST + 6 * 32, FIRST + 5 * 32]);
    expect(h.reason()).toBe("the thread cache has a chunk of 32 bytes, freed last: [824, 856)");
  });

  it("is passed by by calloc and by realloc", () => {
    const h = heap();
    for (const name of "ABC") h.malloc(name, 24);
    h.malloc("X", 56);
    h.free("X");
    h.malloc("Y", 100);
    h.free("A");
    expect(calloc(h, "D", 24)).toBe(FIRST + 3 * 32 + 64 + 112);
    expect(h.realloc("B", 56)).toBe(FIRST + 4 * 32 + 64 + 112);
    expect([h.malloc("E", 24), h.malloc("F", 24)]).toEqual([FIRST + 32, FIRST]);
    expect(h.malloc("G", 56)).toBe(FIRST + 3 * 32);
  });

  it("holds chunks of up to 1040 bytes", () => {
    const h = heap();
    for (const name of "ABC") h.malloc(name, name === "B" ? 1033 : 1032);
    h.free("A", "B");
    expect(bin(h, "thread cache")).toEqual(["thread cache 1040: 664+1040"]);
    expect(bin(h, "unsorted")).toEqual(["unsorted bin: 1704+1056"]);
  });

  it("takes the rest of a fastbin from which a chunk is taken", () => {
    const h = heap();
    for (const name of "ABCDEFGHIJK") h.malloc(name, 24);
    h.free(..."ABCDEFGHIJ");
    for (const name of "abcdefg") h.malloc(name, 24);
    const unit = (payload: number) => "ABCDEFGHIJ"[(payload - FIRST) / 32];
    expect(unit(h.malloc("h", 24))).toBe("J");
    expect(bin(h, "thread cache")).toHaveLength(1);
    expect(bin(h, "fastbin")).toEqual([]);
    expect([unit(h.malloc("i", 24)), unit(h.malloc("j", 24))]).toEqual(["H", "I"]);
  });

  it("takes all unsorted chunks of the size that is asked for", () => {
    const h = heap();
    for (const name of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") h.malloc(name, 200);
    h.free(..."ACEGIKM");
    h.free("O", "Q", "S");
    for (const name of "acegikm") h.malloc(name, 200);
    expect(bin(h, "unsorted")).toHaveLength(1);
    const at = (payload: number) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(payload - FIRST) / 208];
    expect([at(h.malloc("o", 200)), at(h.malloc("q", 200)), at(h.malloc("s", 200))]).toEqual(["S", "Q", "O"]);
  });
});

describe("glibc's bins", () => {
  it("keep fast chunks apart, last in first out, until a large request merges them", () => {
    const h = heap("tcache=0");
    for (const name of "ABCD") h.malloc(name, 24);
    h.free("A", "B", "C");
    expect(bin(h, "fastbin")).toEqual(["fastbin 32: 728+32 696+32 664+32"]);
    expect(h.malloc("E", 24)).toBe(FIRST + 64);
    h.free("E");
    h.malloc("L", 2000);
    expect(bin(h, "fastbin")).toEqual([]);
    expect(bin(h, "small")).toEqual(["small bin 96: 664+96"]);
  });

  it("merge fast chunks when a merged chunk has 64 KiB, top included", () => {
    const h = heap("tcache=0");
    for (const name of "ABC") h.malloc(name, 24);
    h.malloc("D", 200);
    h.free("A");
    expect(bin(h, "fastbin")).toHaveLength(1);
    h.free("D");
    expect(bin(h, "fastbin")).toEqual([]);
    expect(bin(h, "unsorted")).toEqual(["unsorted bin: 664+32"]);
  });

  it("file the unsorted chunks, oldest first, and serve a size oldest first", () => {
    const h = heap("tcache=0");
    for (const name of "ABCDEF") h.malloc(name, 200);
    h.free("A", "C", "E");
    expect(bin(h, "unsorted")).toEqual(["unsorted bin: 1496+208 1080+208 664+208"]);
    h.malloc("X", 300);
    expect(bin(h, "unsorted")).toEqual([]);
    expect(bin(h, "small")).toEqual(["small bin 208: 1496+208 1080+208 664+208"]);
    expect(h.malloc("G", 200)).toBe(FIRST);
    expect(h.reason()).toBe("the small bin of 208 bytes has a chunk, the oldest: [664, 872)");
  });

  it("cut small requests in a row from the rest of one chunk", () => {
    const h = heap("tcache=0");
    h.malloc("A", 1000);
    h.malloc("B", 24);
    h.free("A");
    expect(h.malloc("C", 100)).toBe(FIRST);
    expect(h.reason()).toBe(
      "the lowest bin above that of 112 bytes has a chunk of 1008: its low end, [664, 776)",
    );
    expect(h.malloc("D", 40)).toBe(FIRST + 112);
    expect(h.reason()).toBe(
      "small requests in a row are cut from one chunk: the low end of 896 bytes, [776, 824)",
    );
  });

  it("order large chunks by size, a newcomer second among its equals, and take the second first", () => {
    const h = heap("tcache=0");
    const sizes = { A: 2000, C: 2024, E: 2000, G: 2000, I: 1980 };
    for (const [name, bytes] of Object.entries(sizes)) {
      h.malloc(name, bytes);
      h.malloc(name.toLowerCase(), 24);
    }
    h.free(..."ACEGI");
    h.malloc("X", 5000);
    const at = (name: string) => 664 + offsetOf(sizes, name);
    expect(bin(h, "large")).toEqual([
      `large bin 79: ${at("C")}+2032 ${at("A")}+2016 ${at("G")}+2016 ${at("E")}+2016 ${at("I")}+2000`,
    ]);
    expect(h.malloc("Y", 2001)).toBe(at("G") + 8);
    expect(h.reason()).toMatch(/^best fit of its large bin for 2016 bytes: of a chunk of 2016/);
  });
});

/** Where the chunk of `name` begins behind the first one, each being followed by a chunk of 32 bytes. */
function offsetOf(sizes: Readonly<Record<string, number>>, name: string): number {
  let offset = 0;
  for (const [other, bytes] of Object.entries(sizes)) {
    if (other === name) break;
    offset += Math.ceil((bytes + 8) / 16) * 16 + 32;
  }
  return offset;
}

describe("glibc's top", () => {
  it("is got in pages with a pad of 128 KiB, and grows by what is missing and the pad", () => {
    const h = heap();
    h.malloc("A", 24);
    expect(info(h)).toMatchObject({ arena: FRESH, keepcost: FRESH - 656 - 32, ordblks: 1 });
    h.malloc("B", 100_000);
    h.malloc("C", 100_000);
    expect(h.reason()).toMatch(/^neither a bin nor top holds 100016 bytes: sbrk makes top/);
    const missing = 100_016 + 131_072 + 32 - (FRESH - 656 - 32 - 100_016);
    expect(info(h).arena).toBe(FRESH + Math.ceil(missing / PAGE) * PAGE);
  });

  it("is given back but for the pad when a free makes it longer than 128 KiB", () => {
    const h = heap();
    for (const name of "ABC") h.malloc(name, 100_000);
    h.free("C", "B", "A");
    expect(h.reason()).toMatch(/joins top, which gives 98304 bytes back and keeps 134512$/);
    expect(info(h)).toMatchObject({ arena: FRESH, fordblks: FRESH - 656 });
  });

  it("is held up by one chunk at its end", () => {
    const h = heap();
    for (const name of "ABC") h.malloc(name, 100_000);
    h.malloc("P", 24);
    const { arena } = info(h);
    h.free("A", "B", "C");
    expect(info(h).arena).toBe(arena);
    h.free("P");
    expect(info(h).arena).toBe(arena);
  });

  it("can be given back by hand, after every so many events", () => {
    const h = heap("malloc-trim=4");
    for (const name of "AB") h.malloc(name, 10_000);
    h.free("A", "B");
    expect(info(h).arena).toBe(FRESH);
    h.malloc("C", 24);
    expect(info(h).arena).toBe(PAGE);
  });

  it("gives the whole pages of free chunks back as well, and keeps their addresses", () => {
    const h = heap("malloc-trim=5");
    const { space } = h.run;
    h.malloc("A", 50_000);
    h.malloc("P", 24);
    space.touch(0, space.segmentEnd(space.heap));
    const before = space.residentBytes;
    h.free("A");
    h.malloc("Q", 24);
    h.malloc("R", 24);
    h.malloc("S", 24);
    const arena = info(h).arena;
    // 50,016 bytes at 656: its first page has the links, its last one P. Top keeps its first page.
    expect(before - space.residentBytes).toBe(FRESH - arena + 11 * PAGE);
  });

  it("takes the pad and the threshold that it is told", () => {
    const h = heap("top-pad=0,trim-threshold=8192");
    h.malloc("A", 10_000);
    expect(info(h).arena).toBe(3 * PAGE);
    h.free("A");
    expect(info(h).arena).toBe(3 * PAGE);
    h.malloc("B", 100_000);
    h.free("B");
    expect(info(h).arena).toBe(PAGE);
  });
});

describe("glibc's mapped chunks", () => {
  it("are those from 128 KiB on, of pages of their own", () => {
    const h = heap();
    expect(mapped(h, h.malloc("A", 131_048))).toBe(false);
    const address = h.malloc("B", 131_064);
    expect([mapped(h, address), address % PAGE]).toEqual([true, 16]);
    expect(info(h)).toMatchObject({ hblks: 1, hblkhd: 33 * PAGE });
  });

  it("come from the heap once one of their size was freed, and top may be twice as long", () => {
    const h = heap();
    h.malloc("A", 200_000);
    h.free("A");
    expect(h.reason()).toMatch(/goes back; 200704 bytes and more are mapped from now on$/);
    expect(info(h)).toMatchObject({ hblks: 0, hblkhd: 0 });
    expect(mapped(h, h.malloc("B", 200_000))).toBe(false);
    expect(mapped(h, h.malloc("C", 200_696))).toBe(true);
    const { arena } = info(h);
    h.free("B");
    expect(info(h)).toMatchObject({ arena, keepcost: arena - 656 });
  });

  it("are mapped again and again where a threshold was set", () => {
    for (const options of ["mmap-threshold=100000", "dynamic=0", "top-pad=4096"]) {
      const h = heap(options);
      h.malloc("A", 200_000);
      h.free("A");
      expect(mapped(h, h.malloc("B", 200_000)), options).toBe(true);
    }
  });

  it("are moved by mremap where another one is in the way, and shrink to a page", () => {
    const h = heap();
    const a = h.malloc("A", 200_000);
    const b = h.malloc("B", 200_000);
    expect(h.realloc("B", 300_000)).toBe(b);
    const moved = h.realloc("A", 300_000);
    expect([mapped(h, moved), moved === a]).toEqual([true, false]);
    expect(h.realloc("A", 100)).toBe(moved);
    expect(h.reason()).toBe("the mapped chunk of 303104 bytes becomes one of 4096, for a chunk of 112");
    expect(info(h)).toMatchObject({ hblks: 2, hblkhd: 75 * PAGE });
  });
});

describe("glibc's realloc", () => {
  it("grows into top, and into a free chunk behind, whose rest is freed", () => {
    const h = heap();
    h.malloc("A", 2000);
    expect(h.realloc("A", 3000)).toBe(FIRST);
    h.malloc("B", 2000);
    h.malloc("C", 24);
    h.free("B");
    expect(h.realloc("A", 4000)).toBe(FIRST);
    expect(h.reason()).toBe("the block at 664 stays: 3008 bytes become 4016, of which 4016 are needed");
    expect(bin(h, "thread cache")).toEqual(["thread cache 1008: 4680+1008"]);
  });

  it("does not grow into a chunk that the thread cache holds", () => {
    const h = heap();
    for (const name of "ABC") h.malloc(name, 100);
    h.free("B");
    expect(h.realloc("A", 150)).toBe(FIRST + 3 * 112);
  });

  it("stays where the chunk that is found is the one behind", () => {
    const h = heap("tcache=0");
    for (const name of "ABC") h.malloc(name, 24);
    h.free("B");
    // The fast chunk behind counts as in use, and is the one that a request of its size finds.
    expect(h.realloc("A", 40)).toBe(FIRST + 96);
    const again = heap();
    again.malloc("A", 100_000);
    expect(again.realloc("A", 120_000)).toBe(FIRST);
    again.malloc("B", 24);
    expect(again.realloc("B", 130_000)).toBe(FIRST + 120_016);
    expect(again.list().filter((line) => line.includes("object 2"))).toEqual([
      `${FIRST + 120_008} 130016 object 2, 130000 bytes`,
    ]);
  });

  it("frees the end that it does not need, if that is a chunk", () => {
    const h = heap();
    h.malloc("A", 100);
    h.malloc("B", 24);
    h.realloc("A", 80);
    expect(h.list()[2]).toBe("664 112 object 1, 80 bytes");
    h.realloc("A", 72);
    expect(h.list()[2]).toBe("664 80 object 1, 72 bytes");
    expect(bin(h, "thread cache")).toEqual(["thread cache 32: 744+32"]);
  });
});

describe("glibc's memalign", () => {
  it("asks for more and frees what is before and behind", () => {
    const h = heap();
    h.malloc("A", 24);
    expect(h.memalign("B", 1024, 100)).toBe(1024);
    expect(h.list().slice(2, 5)).toEqual([
      "664 32 object 1, 24 bytes",
      "696 320 hole",
      "1016 112 object 2, 100 bytes",
    ]);
    expect(bin(h, "thread cache")).toEqual(["thread cache 320: 696+320", "thread cache 752: 1128+752"]);
    expect(h.memalign("C", 16, 100)).toBe(1904 - 16);
  });
});

describe("glibc in a fixed heap", () => {
  it("gives what is left to the last byte, refuses the rest and goes on", () => {
    const h = heap("", 4096);
    expect(h.malloc("A", 2000)).toBe(FIRST);
    expect(h.malloc("B", 2000)).toBe(-1);
    expect(h.reason()).toBe("no free chunk holds 2016 bytes, top has 1424, and the system has no more");
    expect(h.realloc("A", 5000)).toBe(-1);
    expect(h.malloc("C", 1000)).toBe(FIRST + 2016);
    expect(h.malloc("D", 1_000_000)).toBe(-1);
    h.free("A", "C");
    expect(h.malloc("E", 3000)).toBe(-1);
    expect(info(h).arena).toBe(4096);
  });

  it("does without the thread cache where its table has no room, or without anything", () => {
    const h = heap("", 512);
    expect(h.malloc("A", 24)).toBe(16);
    h.free("A");
    expect(bin(h, "thread cache")).toEqual([]);
    expect(heap("", 16).malloc("A", 24)).toBe(-1);
    expect(heap("bits=32", 8).malloc("A", 24)).toBe(-1);
  });
});
