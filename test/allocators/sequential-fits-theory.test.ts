/** Published numbers that the four fits must give again. Sizes are in units of 4 bytes; blocks have no header. */
import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay } from "../../src/replay/replay.ts";
import { sequenceOf } from "../../src/testing/sequences.ts";
import { Op } from "../../src/traces/trace.ts";

const UNIT = 4;

/** Objects by row, driven one by one. */
class Units {
  readonly run: Replay;
  #rows = 0;
  live = 0;
  mostLive = 0;
  /** The highest end of any block. */
  high = 0;
  readonly #sizes: number[] = [];

  constructor(fit: string, heap: number | "grow") {
    this.run = new Replay({ ...choosePolicy(`${fit}:header=0,alignment=4,split=4`), heap, record: false });
  }

  /** Returns the object's number. `aligned`: at a multiple of its size, a power of two. */
  allocate(size: number, aligned = false): number {
    const row = this.#rows++;
    this.#feed(aligned ? Op.memalign : Op.allocate, row, size * UNIT, aligned ? size * UNIT : 0);
    this.#sizes[row] = size;
    this.live += size;
    this.mostLive = Math.max(this.mostLive, this.live);
    this.high = Math.max(this.high, this.start(row) + size);
    return row;
  }

  free(object: number): void {
    this.#feed(Op.free, object, 0, 0);
    this.live -= this.#sizes[object];
  }

  start(object: number): number {
    return this.run.space.start(this.run.objects.slot(object)) / UNIT;
  }

  size(object: number): number {
    return this.#sizes[object];
  }

  #feed(op: Op, row: number, bytes: number, argument: number): void {
    this.run.feed({
      events: 1,
      op: Uint8Array.of(op),
      row: Int32Array.of(row),
      id: Int32Array.of(row),
      bytes: Int32Array.of(bytes),
      argument: Int32Array.of(argument),
    });
  }
}

/** Knuth, TAOCP vol. 1, section 2.5: in equilibrium there are pN/2 holes, p = P(a request leaves a rest). */
describe("Knuth's fifty-percent rule", () => {
  for (const fit of ["first-fit", "best-fit"])
    for (const largest of [32, 256])
      it(`holds for ${fit} and sizes 1..${largest}`, () => {
        const heap = new Units(fit, 300 * largest * UNIT);
        const below = sequenceOf(7);
        const live = Array.from({ length: 300 }, () => heap.allocate(1 + below(largest)));
        let requests = 0;
        let rests = 0;
        let holes = 0;
        for (let step = 0; step < 30_000; step++) {
          const i = below(live.length);
          heap.free(live[i]);
          const before = heap.run.space.holes;
          live[i] = heap.allocate(1 + below(largest));
          if (step < 5000) continue;
          requests++;
          if (heap.run.space.holes === before) rests++;
          holes += heap.run.space.holes;
        }
        const expected = ((rests / requests) * live.length) / 2;
        expect(holes / requests / expected).toBeGreaterThan(0.95);
        expect(holes / requests / expected).toBeLessThan(1.05);
      });
});

/**
 * Robson's adversary (JACM 18(3), 1971, 416-423; 21(3), 1974, 491-499): at most M units live, sizes 1, 2, 4 .. n. Returns
 * the heap that it drives the fit to.
 */
function robson(fit: string, most: number, largest: number, aligned: boolean): number {
  const heap = new Units(fit, "grow");
  let live = Array.from({ length: most }, () => heap.allocate(1));
  let f = 0;
  const holds = (object: number, f: number, period: number) => {
    const past = (((f - heap.start(object)) % period) + period) % period;
    return past < heap.size(object);
  };
  for (let size = 2; size <= largest; size *= 2) {
    const worth = (f: number) =>
      live.reduce((sum, object) => sum + (holds(object, f, size) ? size - heap.size(object) : 0), 0);
    if (worth(f + size / 2) > worth(f)) f += size / 2;
    for (const object of live) if (!holds(object, f, size)) heap.free(object);
    live = live.filter((object) => holds(object, f, size));
    for (let n = Math.floor((most - heap.live) / size); n > 0; n--) live.push(heap.allocate(size, aligned));
  }
  expect(heap.mostLive).toBeLessThanOrEqual(most);
  return heap.run.space.segmentEnd(heap.run.space.heap) / UNIT;
}

describe("Robson's bound, M(1 + log2(n)/2) - n + 1", () => {
  const cases = [
    [16, 2, 23, 24],
    [16, 4, 29, 32],
    [64, 8, 153, 160],
    [256, 16, 753, 768],
    [1024, 64, 4033, 4096],
  ];
  it.each(["first-fit", "best-fit", "worst-fit"])("is reached by his adversary: %s", (fit) => {
    for (const [most, largest, bound] of cases) {
      expect(bound).toBe(most * (1 + Math.log2(largest) / 2) - largest + 1);
      expect(robson(fit, most, largest, false)).toBe(bound);
    }
  });

  it("is M(1 + log2(n)/2) for first fit that aligns blocks to their size", () => {
    for (const [most, largest, , bound] of cases)
      expect(robson("first-fit", most, largest, true)).toBe(bound);
  });
});

describe("sequences that a fit handles worst", () => {
  /** Knuth, TAOCP vol. 1, section 2.5, exercise 42: R_{m-2} (F_{m-3} R_1)^k from R_{m-2} (F_{m-3} R_1)^(k-1). */
  it.each([
    [64, 8, 234],
    [128, 8, 618],
    [256, 8, 1386],
    [256, 16, 2674],
    [512, 16, 6258],
  ])("drive best fit with at most %i live and sizes up to %i to a heap of %i", (most, m, bound) => {
    const heap = new Units("best-fit", "grow");
    let head = heap.allocate(m - 2);
    /** Blocks of 1, from low to high. */
    let ones: number[] = [];
    for (let k = 0; k < most - 5 * m + 13; k++) {
      const low = heap.allocate(m - 2);
      const end = heap.allocate(m - 2);
      const first = ones.pop() ?? head;
      const left = k === 0 ? [] : [...ones.reverse(), head];
      heap.free(first);
      heap.free(low);
      const large = heap.allocate(m);
      let middle = heap.allocate(m - 5);
      ones = [heap.allocate(1)];
      heap.free(large);
      for (const neighbour of left) {
        const filler = heap.allocate(m - 2);
        const two = heap.allocate(2);
        heap.free(neighbour);
        heap.free(filler);
        const again = heap.allocate(m);
        const next = heap.allocate(m - 5);
        ones.unshift(heap.allocate(1));
        heap.free(again);
        heap.free(two);
        heap.free(middle);
        middle = next;
      }
      heap.free(middle);
      head = heap.allocate(m - 2);
      heap.free(end);
    }
    expect(heap.mostLive).toBe(most);
    expect(heap.run.space.segmentEnd(heap.run.space.heap) / UNIT).toBe(bound);
  });

  /** In an arena that it does not fill next fit never turns round. */
  it.each([
    [64, 8, 456],
    [128, 8, 968],
    [256, 16, 3856],
  ])("drive next fit with at most %i live and sizes up to %i as high as %i", (most, m, bound) => {
    const heap = new Units("next-fit", 2 * bound * UNIT);
    while (heap.live + m <= most) {
      const large = heap.allocate(m - 1);
      heap.allocate(1);
      heap.free(large);
    }
    expect(heap.mostLive).toBe(most);
    expect(heap.high).toBe(bound);
    expect(bound).toBe(m * (most - m + 1));
  });
});
