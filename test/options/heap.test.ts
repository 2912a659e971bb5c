import { describe, expect, it } from "vitest";
import { heapBytes } from "../../src/options/heap.ts";

describe("heap sizes", () => {
  it.each([
    ["grow", "grow"],
    ["4096", 4096],
    ["64KiB", 65536],
    ["1.5 MiB", 1572864],
    ["1x", 1008],
    ["1.5x", 1504],
    ["1.1x", 1104],
    ["20x", 20_000],
  ])("%s of a trace that peaks at 1000 bytes is %s", (text, bytes) => {
    expect(heapBytes(text, 1000)).toBe(bytes);
  });

  it("works multiples out exactly, and rounds them up to 16 bytes", () => {
    expect(heapBytes("1.1x", 16_000)).toBe(17_600);
    expect(heapBytes("1.1x", 16_001)).toBe(17_616);
    expect(heapBytes("1x", 0)).toBe(16);
  });

  it.each(["", "x", "-1", "1.5", "12q", "1.2345x", "0", "0x", "0.000x", "8", "1e3", "Grow"])(
    "refuses %j",
    (text) => {
      expect(() => heapBytes(text, 1000)).toThrow(/^heap "/);
    },
  );
});
