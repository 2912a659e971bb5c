/** What ESP-IDF's TLSF does otherwise than tlsf.test.ts has it. */
import { describe, expect, it } from "vitest";
import { espTlsf } from "../../../src/allocators/esp-tlsf.ts";
import { StepByStep } from "./step-by-step.ts";

const heap = (bytes: number) => new StepByStep("esp-tlsf", bytes, [espTlsf]);

describe("esp-tlsf", () => {
  it("has lists to the pool's measure: 8, 16 or 32 a level, up to the pool's power of two", () => {
    for (const [bytes, control] of [
      [8 << 10, 36 + 10 * 4 * 9],
      [16 << 10, 36 + 11 * 4 * 9],
      [(16 << 10) + 4, 36 + 10 * 4 * 17],
      [64 << 10, 852],
      [256 << 10, 36 + 14 * 4 * 17],
      [(256 << 10) + 4, 36 + 13 * 4 * 33],
      [1 << 20, 2016],
      [16 << 20, 2544],
    ])
      expect(heap(bytes).malloc("A", 1)).toBe(control + 4);
  });

  it("gives a block the length of its class", () => {
    const h = heap(64 << 10);
    // Classes of one word below 32 words, of two from 32 on, of four from 64 on.
    (
      [
        [60, 60],
        [124, 124],
        [128, 128],
        [132, 136],
        [256, 256],
        [260, 272],
        [1000, 1024],
      ] as const
    ).forEach(([bytes, payload], i) => {
      h.malloc("ABCDEFG"[i], bytes);
      expect(h.list()[i + 1]).toMatch(new RegExp(`^\\d+ ${4 + payload} object ${i + 1}, ${bytes} bytes$`));
    });
  });

  it("takes back, for any request of the class, what was freed of it", () => {
    const h = heap(64 << 10);
    const at = h.malloc("A", 260);
    h.malloc("B", 1);
    h.free("A");
    expect(h.malloc("C", 272)).toBe(at);
  });

  it("does not round to classes what realloc keeps in place, nor what is aligned", () => {
    const h = heap(64 << 10);
    h.malloc("A", 12);
    h.realloc("A", 1000);
    expect(h.list()[1]).toBe("852 1004 object 1, 1000 bytes");
    h.memalign("B", 4, 1000);
    expect(h.list()[2]).toBe("1856 1004 object 2, 1000 bytes");
    h.malloc("C", 1);
    h.realloc("A", 1001);
    expect(h.list().at(-3)).toBe("2876 1028 object 1, 1001 bytes");
  });

  it("refuses 0 bytes, and what is as long as the pool's power of two", () => {
    const h = heap(48 << 10);
    expect(h.malloc("A", 0)).toBe(-1);
    expect(h.malloc("A", 65532)).toBe(-1);
    expect(h.reason()).toMatch(/^no list/);
    expect(h.malloc("A", 65533)).toBe(-1);
    expect(h.reason()).toMatch(/more than the lists are made for$/);
  });
});
