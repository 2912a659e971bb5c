import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { Cost } from "../../src/space/cost.ts";
import { Heap } from "./heap-in-letters.ts";

/** Blocks without header, of 8 bytes a letter; every rest is split off. */
const bare = (fit: string, more = "") => `${fit}:header=0,split=8${more && `,${more}`}`;

/** A heap of blocks as drawn, `a` to `z` freed: `AAbCC` is A, a hole of 1, C. */
function heapOf(choice: string, drawing: string, cells = drawing.length): Heap {
  const heap = new Heap(choice, cells * 8);
  const names = [...new Set(drawing.replaceAll(".", ""))];
  for (const name of names) heap.allocate(name.toUpperCase(), 8 * drawing.split(name).length - 8);
  heap.free(...names.filter((name) => name > "Z").map((name) => name.toUpperCase()));
  return heap;
}

describe("placement", () => {
  /** Holes of 2, 5, 3 and 6 between blocks of 1. */
  const holes = "aaXbbbbbYcccZdddddd";

  it("is the first range that is large enough: first fit", () => {
    const heap = heapOf(bare("first-fit"), holes);
    heap.allocate("E", 24);
    expect(heap.picture).toBe("..XEEE..Y...Z......");
    heap.allocate("F", 16);
    expect(heap.picture).toBe("FFXEEE..Y...Z......");
  });

  it("is the smallest range that is large enough: best fit", () => {
    const heap = heapOf(bare("best-fit"), holes);
    heap.allocate("E", 24);
    expect(heap.picture).toBe("..X.....YEEEZ......");
    heap.allocate("F", 8);
    expect(heap.picture).toBe("F.X.....YEEEZ......");
  });

  it("is the largest range of all: worst fit", () => {
    const heap = heapOf(bare("worst-fit"), holes);
    heap.allocate("E", 16);
    expect(heap.picture).toBe("..X.....Y...ZEE....");
    heap.allocate("F", 16);
    expect(heap.picture).toBe("..XFF...Y...ZEE....");
  });

  it("is the first range that is large enough from the one taken last: next fit", () => {
    const heap = heapOf(bare("next-fit"), holes);
    heap.allocate("E", 24);
    heap.allocate("F", 16);
    expect(heap.picture).toBe("..XEEEFFY...Z......");
    heap.allocate("G", 48);
    heap.allocate("H", 8);
    expect(heap.picture).toBe("H.XEEEFFY...ZGGGGGG");
  });

  it("of equal ranges is the list's first, for best and worst fit in every order", () => {
    for (const fit of ["best-fit", "worst-fit"])
      for (const [order, picture] of [
        ["address", "EE.Y...Z..."],
        ["lifo", "...Y...ZEE."],
        ["fifo", "...YEE.Z..."],
      ]) {
        const heap = new Heap(bare(fit, `order=${order}`), 88);
        for (const [name, cells] of [
          ["A", 3],
          ["Y", 1],
          ["B", 3],
          ["Z", 1],
          ["C", 3],
        ] as const)
          heap.allocate(name, cells * 8);
        heap.free("B", "A", "C");
        heap.allocate("E", 16);
        expect(heap.picture, `${fit}, ${order}`).toBe(picture);
      }
  });

  /**
   * Partitions of 100, 500, 200, 300 and 600 for requests of 212, 417, 112 and 426: an exercise of Silberschatz, Galvin
   * and Gagne, Operating System Concepts, on main memory. The start of each within its partition, which are 1 apart.
   */
  it.each([
    ["first-fit", [101, 1104, 313, REFUSED]],
    ["best-fit", [803, 101, 602, 1104]],
    ["worst-fit", [1104, 101, 1316, REFUSED]],
    ["next-fit", [101, 1104, 1521, REFUSED]],
  ])("answers the textbook's exercise: %s", (fit, answer) => {
    const unit = 4;
    const heap = new Heap(`${fit}:header=0,alignment=4,split=4`, 1704 * unit);
    [100, 500, 200, 300].forEach((cells, i) => {
      heap.allocate("ABCD"[i], cells * unit);
      heap.allocate("WXYZ"[i], unit);
    });
    heap.free("A", "B", "C", "D");
    if (fit === "next-fit") {
      // The pointer is brought to the low end: behind the last range the search goes on at the first.
      heap.allocate("A", 600 * unit);
      heap.free("A");
    }
    const places = [212, 417, 112, 426].map((cells, i) => heap.allocate("EFGH"[i], cells * unit));
    expect(places.map((place) => (place < 0 ? place : place / unit))).toEqual(answer);
  });
});

describe("the roving pointer", () => {
  it("stays at what is left of its range, and goes on when the range is taken whole", () => {
    const heap = heapOf(bare("next-fit"), "aaaXbbbYcccZ");
    heap.allocate("E", 8);
    heap.allocate("F", 8);
    expect(heap.picture).toBe("EF.X...Y...Z");
    heap.allocate("G", 8);
    heap.free("E");
    heap.allocate("H", 8);
    expect(heap.picture).toBe(".FGXH..Y...Z");
  });

  it("stays when its range grows, and goes on when the range is merged into the one below", () => {
    const heap = heapOf(bare("next-fit"), "aaXbbbbYcccZ");
    heap.allocate("E", 24);
    heap.free("E");
    expect(heap.picture).toBe("..X....Y...Z");
    heap.allocate("F", 8);
    expect(heap.picture).toBe("..XF...Y...Z");
    heap.free("F", "X");
    heap.allocate("G", 8);
    expect(heap.picture).toBe(".......YG..Z");
  });

  it("begins again at the first range behind the last", () => {
    const heap = heapOf(bare("next-fit"), "aaXbbY");
    heap.allocate("E", 16);
    heap.allocate("F", 16);
    heap.free("E");
    heap.allocate("G", 8);
    expect(heap.picture).toBe("G.XFFY");
  });
});

describe("the free list", () => {
  it.each([
    ["address", [0, 24, 48]],
    ["lifo", [0, 48, 24]],
    ["fifo", [24, 48, 0]],
  ])("is in order: %s", (order, starts) => {
    const heap = new Heap(bare("first-fit", `order=${order}`), 64);
    for (const name of "AXYBZWC") heap.allocate(name, 8);
    heap.allocate("V", 8);
    heap.free("B", "C", "A");
    expect(heap.freeList).toEqual(starts);
  });

  it("keeps the place of a range that shrinks; one that grows counts as freed last", () => {
    const heap = new Heap(bare("first-fit", "order=lifo"), 64);
    for (const name of "ABXCDYZW") heap.allocate(name, 8);
    heap.free("A", "C"); // C, A
    heap.free("B"); // merged with A: AB, C
    expect(heap.freeList).toEqual([0, 24]);
    heap.free("D"); // merged with C: CD, AB
    expect(heap.freeList).toEqual([24, 0]);
    heap.allocate("E", 8);
    expect(heap.freeList).toEqual([32, 0]);
  });

  it("is searched entry by entry, and the cost says so", () => {
    const steps = (fit: string, bytes: number) => {
      const heap = heapOf(bare(fit), "aXbbYcccZddddVeeeee");
      const before = heap.run.space.cost(Cost.searchSteps);
      heap.allocate("F", bytes);
      return heap.run.space.cost(Cost.searchSteps) - before;
    };
    expect(steps("first-fit", 24)).toBe(3);
    expect(steps("best-fit", 24)).toBe(3); // an exact fit ends the search
    expect(steps("worst-fit", 24)).toBe(5);
    expect(steps("first-fit", 56)).toBe(5);
    expect(steps("best-fit", 56)).toBe(5);
    expect(steps("worst-fit", 56)).toBe(5);
    expect(steps("next-fit", 56)).toBe(5);
  });

  it("says why a block lies where it lies", () => {
    const heap = heapOf(bare("first-fit"), "aXbbYcccZ");
    heap.allocate("D", 16);
    expect(heap.reason).toBe("the first of 2 free ranges looked at that holds 16 bytes: [16, 32)");
    heap.allocate("E", 32);
    expect(heap.reason).toBe("none of 2 free ranges holds 32 bytes; the longest hole has 24");
    heap.free("X");
    expect(heap.reason).toBe("[8, 16) is free, in the range [0, 16)");
  });
});

describe("blocks", () => {
  it("have their header before an aligned payload, and a length that is a multiple of the alignment", () => {
    const heap = new Heap("first-fit:header=8,alignment=16", 128);
    expect([heap.allocate("A", 1), heap.allocate("B", 9), heap.allocate("C", 24)]).toEqual([16, 32, 64]);
    expect(heap.picture).toBe("#AABBBBCCCC....."); // the first 8 bytes are set aside
    expect(heap.run.space.granule).toBe(8);
  });

  it("have granules of what divides both alignment and header", () => {
    const granule = (options: string) => new Heap(`first-fit:${options}`, 1024).run.space.granule;
    expect(granule("header=0,alignment=64")).toBe(16);
    expect(granule("header=12,alignment=16")).toBe(4);
    expect(granule("header=8,alignment=16")).toBe(8);
    expect(granule("header=5,alignment=8")).toBe(8);
    expect(granule("header=3,alignment=8")).toBe(4);
  });

  it("are smallest ones for requests of 0 bytes, each at its own address", () => {
    const bareHeap = new Heap(bare("first-fit"), 64);
    expect([bareHeap.allocate("A", 0), bareHeap.allocate("B", 0)]).toEqual([0, 8]);
    const heap = new Heap("first-fit", 64);
    expect([heap.allocate("A", 0), heap.allocate("B", 0)]).toEqual([8, 24]);
  });

  it("keep a rest below the split threshold, and never leave one below a smallest block", () => {
    const heap = heapOf("first-fit:header=0,split=24", "aaaaaXbbbbbY", 16);
    heap.allocate("D", 24);
    heap.allocate("E", 16);
    expect(heap.picture).toBe("DDDDDXEE...Y....");
    const headers = new Heap("first-fit:header=24,split=0", 88);
    headers.allocate("A", 32); // of 88 bytes 56 go, and 32 are a smallest block
    expect(headers.picture).toBe("AAAAAAA....");
    headers.free("A");
    headers.allocate("B", 40);
    expect(headers.picture).toBe("BBBBBBBBBBB");
  });

  it.each(["immediate", "deferred"])("of memalign leave the gap below them free (%s)", (coalesce) => {
    const heap = new Heap(bare("first-fit", `coalesce=${coalesce}`), 128);
    heap.allocate("A", 8);
    expect(heap.allocate("B", 16, 32)).toBe(32);
    expect(heap.picture).toBe("A...BB..........");
    expect(heap.allocate("C", 8, 16)).toBe(16);
    expect(heap.picture).toBe("A.C.BB..........");
    expect(heap.allocate("D", 24, 4)).toBe(48);
  });

  it.each(["immediate", "deferred"])(
    "of memalign go further up where the gap is too small (%s)",
    (coalesce) => {
      const heap = new Heap(`first-fit:header=8,alignment=8,coalesce=${coalesce}`, 128);
      // A payload at 16 would leave 8 bytes, and a smallest block has 16.
      expect(heap.allocate("A", 8, 16)).toBe(32);
      expect(heap.picture).toBe("...AA...........");
    },
  );

  it.each(["first-fit", "best-fit", "next-fit", "worst-fit"])(
    "of memalign take a range that holds them once they are aligned: %s",
    (fit) => {
      // Multiples of 64 are the cells 8, 16, 24: behind one there are 0, 8 and 2 in the holes.
      const heap = heapOf(bare(fit), "XaaaaaaYbbbbbbbbZccccccccc");
      expect(heap.allocate("E", 24, 64)).toBe(64);
      expect(heap.picture).toBe("X......YEEE.....Z.........");
      expect(heap.allocate("F", 24, 64)).toBe(REFUSED);
    },
  );
});

describe("realloc", () => {
  it.each(["immediate", "deferred"])("shrinks in place, and splits off what is worth it (%s)", (coalesce) => {
    const heap = heapOf(`first-fit:header=0,split=16,coalesce=${coalesce}`, "AAAAAAB..");
    heap.reallocate("A", 40);
    expect(heap.picture).toBe("AAAAAAB..");
    heap.reallocate("A", 24);
    expect(heap.picture).toBe("AAA...B..");
  });

  it.each(["immediate", "deferred"])(
    "grows into the range that follows, whole or in part (%s)",
    (coalesce) => {
      const heap = heapOf(bare("first-fit", `coalesce=${coalesce}`), "AAbbbbX.");
      expect(heap.reallocate("A", 32)).toBe(0);
      expect(heap.picture).toBe("AAAA..X.");
      expect(heap.reallocate("A", 48)).toBe(0);
      expect(heap.picture).toBe("AAAAAAX.");
      expect(heap.reason).toBe("the block at 0 stays: 32 bytes become 48, of which 48 are needed");
    },
  );

  it.each(["immediate", "deferred"])(
    "moves when that is too short, and keeps the old if refused (%s)",
    (coalesce) => {
      const heap = heapOf(bare("first-fit", `coalesce=${coalesce}`), "AAbXX.....");
      expect(heap.reallocate("A", 32)).toBe(40);
      expect(heap.picture).toBe("...XXAAAA.");
      expect(heap.reallocate("X", 64)).toBe(24);
      expect(heap.picture).toBe("...XXAAAA.");
      expect(heap.run.finish().metrics.refusals).toBe(1);
    },
  );
});

describe("a heap that grows", () => {
  it.each(["immediate", "deferred"])("is extended by exactly what is missing at its end (%s)", (coalesce) => {
    const heap = new Heap(bare("first-fit", `coalesce=${coalesce}`), "grow");
    heap.allocate("A", 16);
    heap.allocate("B", 24);
    expect(heap.picture).toBe("AABBB");
    heap.free("B");
    heap.allocate("C", 40);
    expect(heap.picture).toBe("AACCCCC");
    expect(heap.reason).toBe("none of 1 free ranges holds 40 bytes: the heap grows for [16, 56)");
    heap.free("A");
    heap.allocate("D", 24);
    expect(heap.picture).toBe("..CCCCCDDD");
    heap.allocate("E", 24, 64);
    expect(heap.picture).toBe("..CCCCCDDD......EEE");
  });
});

describe("deferred coalescing", () => {
  it("reuses what is freed as it is, and merges nothing while something fits", () => {
    const heap = new Heap(bare("first-fit", "coalesce=deferred"), 64);
    for (const name of "ABCD") heap.allocate(name, 16);
    heap.free("A", "B", "C");
    expect(heap.freeList).toEqual([0, 16, 32]);
    heap.allocate("E", 16);
    heap.allocate("F", 8);
    expect(heap.freeList).toEqual([24, 32]);
    expect(heap.picture).toBe("EEF...DD");
  });

  it("merges all free neighbours when nothing fits, before it grows or refuses", () => {
    const heap = new Heap(bare("first-fit", "coalesce=deferred"), 80);
    for (const name of "ABCDE") heap.allocate(name, 16);
    heap.free("E", "A", "B", "D");
    expect(heap.freeList).toEqual([0, 16, 48, 64]);
    heap.allocate("F", 24);
    expect(heap.picture).toBe("FFF.CC....");
    expect(heap.freeList).toEqual([24, 48]);
    expect(heap.reason).toBe(
      "nothing held 24 bytes until all free neighbours were merged; then the first of 5 free ranges looked at that holds 24 bytes: [0, 24)",
    );
    expect(heap.allocate("G", 40)).toBe(REFUSED);
    expect(heap.run.finish().metrics.policyRefusals).toBe(0);
  });

  it("leaves a merged range where its lowest piece was in the list", () => {
    const heap = new Heap(bare("first-fit", "coalesce=deferred,order=lifo"), 80);
    for (const name of "ABCDE") heap.allocate(name, 16);
    heap.free("A", "D", "B", "E"); // E B D A
    expect(heap.freeList).toEqual([64, 16, 48, 0]);
    heap.allocate("F", 32);
    expect(heap.picture).toBe("....CCFFFF"); // DE is before AB
    expect(heap.freeList).toEqual([0]);
  });
});
