/** emmalloc, each rule by itself. Words of 4 bytes, unless said: regions of 16, 20, 24 ..., the first payload at 24. */
import { describe, expect, it } from "vitest";
import { emmalloc } from "../../../src/allocators/emmalloc.ts";
import { StepByStep } from "./step-by-step.ts";

const heap = (options = "bits=32", size: number | "grow" = "grow") =>
  new StepByStep(`emmalloc:${options}`, size, [emmalloc]);
/** One free region, from 20 up to 4080, and `names` of `bytes` from its low end on. */
function row(names: string, bytes = 20): StepByStep {
  const h = heap();
  h.malloc("Z", 4000);
  h.free("Z");
  for (const name of names) h.malloc(name, bytes);
  return h;
}

describe("emmalloc", () => {
  it("begins with two sentinels and a smallest region between them", () => {
    expect(heap().list()).toEqual(["0 16 header", "16 16 hole", "32 16 header"]);
    expect(heap().internals()).toEqual(["bucket 0: 16+16"]);
    expect(heap("bits=64").list()).toEqual(["0 32 header", "32 32 hole", "64 32 header"]);
    expect(heap("bits=64").malloc("A", 1)).toBe(40);
  });

  it("has a size word at either end, rounds to words, and gives at least two", () => {
    const h = heap("bits=64");
    expect([0, 16, 17, 24, 25].map((bytes, i) => h.malloc("ABCDE"[i], bytes))).toEqual([
      40, 72, 104, 144, 184,
    ]);
    expect(h.run.allocator.need(0, 0)).toBe(32);
    expect(h.run.allocator.need(17, 0)).toBe(40);
  });

  it("aligns a payload to 8 by letting the region before grow, the sentinel as well", () => {
    const h = heap();
    expect(h.malloc("A", 12)).toBe(24);
    expect(h.list()[0]).toBe("0 20 header");
    expect(h.list()[1]).toBe("20 20 object 1, 12 bytes");
    expect(h.malloc("B", 12)).toBe(48);
    expect(h.list()[1]).toBe("20 24 object 1, 12 bytes");
    h.free("A");
    expect(h.list().slice(0, 3)).toEqual(["0 20 header", "20 24 hole", "44 20 object 2, 12 bytes"]);
  });

  it("extends a free region at the end by the request and three sentinels, rounded to 8", () => {
    const h = heap();
    h.malloc("A", 100);
    expect(h.list()).toEqual(["0 20 header", "20 108 object 1, 100 bytes", "128 56 hole", "184 16 header"]);
    h.malloc("B", 1000);
    expect(h.list().slice(2)).toEqual(["132 1008 object 2, 1000 bytes", "1140 92 hole", "1232 16 header"]);
    expect(h.reason()).toBe(
      "no region that was tried holds 1000 bytes: 1048 more were asked for; placed in bucket 26's first, at 132",
    );
    h.malloc("C", 60);
    h.malloc("D", 4);
    expect(h.list().slice(-2)).toEqual(["1212 20 object 4, 4 bytes", "1232 16 header"]);
    h.malloc("E", 4); // the last region is in use: the new one begins where the sentinel was
    expect(h.list().slice(-3)).toEqual(["1236 16 object 5, 4 bytes", "1252 36 hole", "1288 16 header"]);
  });

  it("takes the region freed last of the lowest bucket, and puts the rest in front of its own", () => {
    const h = row("ABCDEFGH", 28); // regions of 36, whose payloads are aligned by 4 bytes more
    expect(h.list().slice(1, 4)).toEqual([
      "20 40 object 1, 28 bytes",
      "60 40 object 2, 28 bytes",
      "100 40 object 3, 28 bytes",
    ]);
    h.free("B", "D");
    expect(h.internals()[0]).toBe("bucket 3: 140+40 60+40");
    h.free("F");
    expect(h.malloc("I", 28)).toBe(224);
    expect(h.malloc("J", 12)).toBe(144);
    expect(h.reason()).toBe("12 bytes fit the first region of bucket 3, at 140");
    expect(h.internals().slice(0, 2)).toEqual(["bucket 0: 160+20", "bucket 3: 60+40"]);
  });

  it("tries one region a bucket, and puts a miss at the end of its list", () => {
    const h = row("AXBYCW", 132); // regions of 140 and 4 more: bucket 14 holds payloads of 120 to 159
    h.free("A", "B", "C");
    expect(h.internals()[0]).toBe("bucket 14: 596+144 308+144 20+144");
    expect(h.steps(() => h.malloc("D", 144))).toBe(2);
    expect(h.internals()[0]).toBe("bucket 14: 308+144 20+144 596+144");
    expect(h.malloc("E", 132)).toBe(312);
  });

  it("merges what is freed with both neighbours", () => {
    const h = row("ABCDE");
    h.free("B", "D");
    h.free("C");
    expect(h.internals()[0]).toBe("bucket 10: 52+96");
    h.free("A", "E");
    expect(h.internals()).toEqual(["bucket 33: 20+4060"]);
  });

  it("reallocs in place by moving the boundary to a free region behind, or by splitting off what is too much", () => {
    const h = row("ABCD", 44); // regions of 52
    expect(h.realloc("B", 16)).toBe(80);
    expect(h.list().slice(2, 4)).toEqual(["76 24 object 2, 16 bytes", "100 32 hole"]);
    expect(h.realloc("B", 20)).toBe(80);
    expect(h.list().slice(2, 4)).toEqual(["76 28 object 2, 20 bytes", "104 28 hole"]);
    expect(h.realloc("B", 36)).toBe(80); // a rest of 12 stays in the region
    expect(h.list()[2]).toBe("76 56 object 2, 36 bytes");
    expect(h.realloc("B", 36)).toBe(80); // and is not split off either
    expect(h.list()[2]).toBe("76 56 object 2, 36 bytes");
    expect(h.realloc("B", 49)).toBe(248);
    expect(h.internals()[0]).toBe("bucket 5: 76+56");
  });

  it("refuses when sbrk has no more, and leaves the heap as it was", () => {
    const h = heap("bits=32", 512);
    expect(h.malloc("A", 400)).toBe(24);
    expect(h.malloc("B", 400)).toBe(-1);
    expect(h.reason()).toBe(
      "no region that was tried holds 400 bytes, and there are no 448 bytes more to be had",
    );
    expect(h.malloc("C", 16)).toBe(432);
    expect(heap("bits=32", 32).malloc("A", 1)).toBe(-1);
  });

  it("looks further into a largest bucket below 30 only when there is no more memory", () => {
    const h = heap("bits=32", 512);
    for (const [name, bytes] of Object.entries({ A: 150, B: 8, C: 130, D: 20, E: 64 })) h.malloc(name, bytes);
    h.free("A", "C");
    expect(h.internals()).toEqual(["bucket 4: 368+48", "bucket 14: 196+144 20+160"]);
    expect(h.steps(() => expect(h.malloc("F", 148)).toBe(24))).toBe(2);
    expect(h.reason()).toBe(
      "148 bytes fit no bucket's first region; the largest bucket, 14, has one further back, at 20",
    );
  });
});
