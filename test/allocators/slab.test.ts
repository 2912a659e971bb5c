import { describe, expect, it } from "vitest";
import { type InternalsSink, REFUSED } from "../../src/allocators/contract.ts";
import { slabClasses } from "../../src/allocators/parts/slab-classes.ts";
import { slab } from "../../src/allocators/slab.ts";
import { readOptions } from "../../src/options/options.ts";
import { Control } from "../../src/space/space.ts";
import { Heap } from "./heap-in-letters.ts";
import { compare, type Naive } from "./random-heap.ts";

/** Pages of 512 bytes; of objects of 56, eight go into one, with a header of 64: `draw` shows 8 bytes a letter. */
const TINY = "slab:page=512,classes=56,header=64,colouring=0";

const names = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(65 + from + i));

/** The slabs that are listed, as `PAGE STATE`. */
function slabs(heap: Heap): string[] {
  const lines: string[] = [];
  let cache = false;
  const show: InternalsSink = {
    list: (name) => {
      cache = name.startsWith("cache");
    },
    entry: (start, _, state) => {
      if (cache) lines.push(`${start / 512} ${state}`);
    },
  };
  heap.run.allocator.internals!(show);
  return lines;
}

describe("slab", () => {
  it("colours slabs of 200-byte objects 0, 8, 16 ... 64, 0, as in Bonwick's example", () => {
    const heap = new Heap("slab:classes=200,header=32", "grow");
    const lowest: number[] = [];
    for (let i = 0; i < 11; i++) {
      const addresses = names(20, 20 * i).map((name) => heap.allocate(name, 200));
      expect(new Set(addresses.map((address) => Math.floor(address / 4096)))).toEqual(new Set([i]));
      lowest.push(Math.min(...addresses) - 4096 * i);
    }
    expect(lowest).toEqual([0, 8, 16, 24, 32, 40, 48, 56, 64, 0, 8]);
  });

  it("keeps the slab's header at its end and hands objects out from there down", () => {
    const heap = new Heap(TINY, 1024);
    heap.allocate("A", 50);
    heap.allocate("B", 56);
    const [last, before, rest] = ["A".repeat(7), "B".repeat(7), ".".repeat(6 * 7)];
    expect(heap.picture).toBe(`${rest}${before}${last}########${".".repeat(64)}`);
    expect(heap.run.space.payload(heap.run.space.at(511))).toBe(Control.header);
  });

  it("takes the object freed last, from the slab that was full last", () => {
    const heap = new Heap(TINY, "grow");
    for (const name of names(24)) heap.allocate(name, 56);
    expect(slabs(heap)).toEqual([]);
    heap.free("A", "I", "J", "Q");
    expect(slabs(heap)).toEqual(["2 partial slab", "1 partial slab", "0 partial slab"]);
    expect(heap.allocate("a", 56)).toBe(1024 + 7 * 56);
    expect(heap.allocate("b", 56)).toBe(512 + 6 * 56);
  });

  it("uses an empty slab only when no partial one is left", () => {
    const heap = new Heap(TINY, "grow");
    for (const name of names(16)) heap.allocate(name, 56);
    heap.free(...names(8, 8), "A");
    expect(slabs(heap)).toEqual(["0 partial slab", "1 empty slab"]);
    heap.allocate("a", 1);
    expect(slabs(heap)).toEqual(["1 empty slab"]);
    heap.allocate("b", 1);
    expect(slabs(heap)).toEqual(["1 partial slab"]);
  });

  it("gives empty slabs above the reserve back, pages and header", () => {
    const heap = new Heap(TINY, 1536);
    for (const name of names(24)) heap.allocate(name, 56);
    heap.free(...names(8));
    expect(slabs(heap)).toEqual(["0 empty slab"]);
    heap.free(...names(8, 8));
    expect(heap.reason).toMatch(/^the last object of a slab is gone/);
    expect(slabs(heap)).toEqual(["0 empty slab"]);
    const pages = [0, 64, 128].map((from) => heap.picture.slice(from, from + 64));
    expect(pages[0]).toBe(`${".".repeat(56)}########`);
    expect(pages[1]).toBe(".".repeat(64));
    expect(pages[2]).toMatch(/^X{7}W{7}.*########$/);
    heap.allocate("a", 500);
    expect(heap.address("a")).toBe(512);
  });

  it("gives every empty slab back when pages run out", () => {
    const heap = new Heap("slab:page=512,classes=56/120,header=64,reserve=9", 1024);
    for (const name of names(16)) heap.allocate(name, 56);
    heap.free(...names(16));
    expect(slabs(heap).length).toBe(2);
    heap.allocate("a", 120);
    expect(heap.reason).toBe(
      "no pages were left until every empty slab was given back; then a slab for 120 bytes",
    );
    expect(slabs(heap)).toEqual(["0 partial slab"]);
  });

  it("gives runs of pages to what is larger than the largest class, the lowest that fit", () => {
    const heap = new Heap(TINY, 512 * 8);
    expect(heap.allocate("A", 57)).toBe(0);
    expect(heap.allocate("B", 1025)).toBe(512);
    expect(heap.allocate("C", 512)).toBe(2048);
    heap.free("B");
    expect(heap.allocate("D", 1024)).toBe(512);
    expect(heap.allocate("E", 1024, 1024)).toBe(3072);
    expect(heap.allocate("F", 513)).toBe(REFUSED);
    expect(heap.allocate("G", 512)).toBe(1536);
    expect(heap.run.space.largestHole).toBe(512);
  });

  it("extends a heap that grows by the pages that are missing at its end", () => {
    const heap = new Heap(TINY, "grow");
    const end = () => heap.run.space.segmentEnd(heap.run.space.heap) / 512;
    heap.allocate("A", 512);
    heap.allocate("B", 512);
    expect(end()).toBe(2);
    heap.free("B");
    heap.allocate("C", 1500);
    expect(heap.address("C")).toBe(512);
    expect(end()).toBe(4);
  });

  it("leaves no more than an eighth of a slab over, by taking more pages", () => {
    for (const { size, pages, capacity, slack, header } of slabClasses("sunos", 4096, 32)) {
      expect(capacity * size + slack + header).toBe(pages * 4096);
      if (size < 512) expect([pages, header]).toEqual([1, 32]);
      else expect(slack).toBeLessThanOrEqual((pages * 4096) / 8);
    }
    const pagesOf = (size: number) =>
      slabClasses("sunos", 4096, 32).find((each) => each.size === size)?.pages;
    expect([640, 1600, 2688].map(pagesOf)).toEqual([1, 2, 2]);
  });

  it("takes the least class that holds the request; powers of two, or sizes of one's own", () => {
    const length = (choice: string, bytes: number) => {
      const heap = new Heap(choice, "grow");
      heap.allocate("A", bytes);
      return heap.run.space.length(heap.run.objects.slot(0));
    };
    expect([0, 8, 9, 65, 129, 897, 4096, 4097].map((bytes) => length("slab", bytes))).toEqual([
      8, 8, 16, 80, 160, 1152, 4096, 8192,
    ]);
    expect([9, 65, 897].map((bytes) => length("slab:classes=powers", bytes))).toEqual([16, 128, 1024]);
    expect([9, 33].map((bytes) => length("slab:classes=32/200", bytes))).toEqual([32, 200]);
  });

  it("refuses a table that does not ascend or is not aligned, by name and value", () => {
    const create = (classes: string) => () => new Heap(`slab:classes=${classes}`, "grow");
    expect(create("64/32")).toThrow('classes is "64/32"; sizes must ascend and be multiples of 8');
    expect(create("12")).toThrow('classes is "12"');
    expect(() => readOptions("policy slab", slab.options, { classes: "8,16" })).toThrow(
      'policy slab: classes is "8,16"; it must be sunos, powers, or SIZE/SIZE/...',
    );
  });

  it("aligns within a larger object, by pages where that is too little", () => {
    const heap = new Heap("slab", "grow");
    expect(heap.allocate("A", 20, 64) % 64).toBe(0);
    expect(heap.allocate("B", 20, 64) % 64).toBe(0);
    expect(heap.allocate("C", 20, 4096) % 4096).toBe(0);
    expect(heap.allocate("D", 20, 16384) % 16384).toBe(0);
    heap.free("A", "B", "C", "D");
  });

  it("reallocates in place within a class", () => {
    const heap = new Heap("slab", "grow");
    const at = heap.allocate("A", 50);
    expect(heap.reallocate("A", 56)).toBe(at);
    expect(heap.reallocate("A", 57)).not.toBe(at);
    expect(heap.reallocate("A", 10_000)).toBe(4096 * 2);
    expect(heap.reallocate("A", 12_000)).toBe(4096 * 2);
  });

  it("places as slabs of arrays do", () => {
    for (const seed of [1, 2, 3])
      compare(`${TINY},reserve=${seed - 1}`, 4096, new Slabs(8, seed - 1), requests(seed));
  });
});

const requests = (seed: number) => ({
  seed,
  events: 3000,
  bytes: (below: (n: number) => number) => 1 + below(56),
  live: 70,
});

/** One cache of TINY on arrays, in an arena of so many pages. */
class Slabs implements Naive {
  readonly #pages: ({ free: number[] } | undefined)[];
  readonly #reserve: number;
  /** Pages of slabs with a free object. */
  #listed: number[] = [];

  constructor(pages: number, reserve: number) {
    this.#pages = new Array(pages).fill(undefined);
    this.#reserve = reserve;
  }

  allocate(): number {
    if (this.#listed.length === 0) {
      const page = this.#pages.indexOf(undefined);
      if (page < 0) return REFUSED;
      this.#pages[page] = { free: [0, 1, 2, 3, 4, 5, 6, 7] };
      this.#listed.push(page);
    }
    const [page] = this.#listed;
    const { free } = this.#pages[page]!;
    const index = free.pop()!;
    if (free.length === 0) this.#listed.shift();
    return 512 * page + 56 * index;
  }

  free(address: number): void {
    const page = Math.floor(address / 512);
    const { free } = this.#pages[page]!;
    free.push((address - 512 * page) / 56);
    if (free.length === 1) this.#listed.unshift(page);
    if (free.length < 8) return;
    this.#listed = this.#listed.filter((each) => each !== page);
    if (this.#listed.filter((each) => this.#pages[each]!.free.length === 8).length >= this.#reserve)
      this.#pages[page] = undefined;
    else this.#listed.push(page);
  }
}
