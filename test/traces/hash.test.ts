import { describe, expect, it } from "vitest";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Hash } from "../../src/traces/hash.ts";

const digest = (...words: number[]): string => {
  const hash = new Hash();
  for (const word of words) hash.word(word);
  return hash.digest();
};

describe("the hash", () => {
  // From a second implementation, in Python's integers.
  it("gives the known answers", () => {
    expect(digest()).toBe("4df03dfe4a2f174e");
    expect(digest(0)).toBe("5586275a9c8bf944");
    expect(digest(1, 2, 3)).toBe("7685d192277bbc55");
    expect(digest(-1, 0x7fffffff, -0x80000000)).toBe("4d7d9ff68e936204");
    const text = new Hash();
    text.text("heap");
    expect(text.digest()).toBe("25f78f52ab6fbc3a");
  });

  it("of a trace is that of op, row, bytes and argument of its events", () => {
    const builder = new TraceBuilder("x");
    builder.allocateAs(1, 16);
    builder.callocateAs(2, 3, 8);
    builder.free(1);
    builder.memalignAs(3, 64, 100);
    builder.reallocate(2, 5);
    expect(builder.finish().hash).toBe("7d02c3abf16c90b6");
  });

  it("of a trace is over its references, roots, pins, collections and FIELDS", () => {
    const hashOf = (write: (builder: TraceBuilder) => void) => {
      const builder = new TraceBuilder("x");
      builder.allocate(16, 2);
      builder.allocate(16);
      write(builder);
      return builder.finish().hash;
    };
    const hashes = [
      hashOf(() => {}),
      hashOf((builder) => builder.store(1, 0, 2)),
      hashOf((builder) => builder.store(1, 1, 2)),
      hashOf((builder) => builder.store(1, 0, 1)),
      hashOf((builder) => builder.store(1, 0, null)),
      hashOf((builder) => builder.root(1)),
      hashOf((builder) => builder.root(2)),
      hashOf((builder) => builder.unroot(1)),
      hashOf((builder) => builder.pin(1)),
      hashOf((builder) => builder.unpin(1)),
      hashOf((builder) => builder.collectYoung()),
      hashOf((builder) => builder.collect()),
      hashOf((builder) => builder.print()),
      hashOf((builder) => builder.allocate(8)),
      hashOf((builder) => builder.allocate(8, 1)),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("may be asked at any time without changing what follows", () => {
    const hash = new Hash();
    hash.word(1);
    expect(hash.digest()).toBe(digest(1));
    hash.word(2);
    expect(hash.digest()).toBe(digest(1, 2));
  });

  it("tells zeros by their number, words by their order, and texts by where they end", () => {
    expect(digest(0)).not.toBe(digest(0, 0));
    expect(digest(1, 2)).not.toBe(digest(2, 1));
    const [ab, a] = [new Hash(), new Hash()];
    ab.text("ab");
    ab.text("c");
    a.text("a");
    a.text("bc");
    expect(ab.digest()).not.toBe(a.digest());
  });

  it("collides for none of 16384 sequences that differ in one or two bits, nor in half of its digits", () => {
    const [high, low] = [new Set<string>(), new Set<string>()];
    let count = 0;
    for (let first = 0; first < 32; first++)
      for (let second = 0; second < 32; second++)
        for (let k = 0; k < 16; k++) {
          const whole = digest(1 << first, 0, k, 1 << second, 7);
          high.add(whole.slice(0, 8));
          low.add(whole.slice(8));
          count++;
        }
    // 16,384 values of 32 bits: 0.03 collisions are expected by chance.
    expect([high.size, low.size]).toEqual([count, count]);
  });
});
