import { describe, expect, it } from "vitest";
import { Space } from "../../src/space/space.ts";
import { blockersOf } from "../../web/worker/blockers.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, drop, words } from "./heap-page.ts";

/** A heap of `drawing`, 16 bytes to a letter: letters are blocks, dots are free. */
function heapOf(drawing: string): Space {
  const space = new Space({ granule: 8, heap: 16 * drawing.length });
  let id = 0;
  for (const { 0: block, index } of drawing.matchAll(/([A-Z])\1*/g)) {
    const slot = space.ask(16 * block.length, ++id);
    space.claim(slot, 16 * index, 16 * block.length);
  }
  return space;
}

const best = (drawing: string, need: number) =>
  blockersOf(
    heapOf(drawing),
    (slots) => slots.map(() => ({ born: 0, site: "" })),
    { event: 1, need: 16 * need },
    10,
  );

describe("what stands in the way of a request", () => {
  it("is the least that is live in any range as long as it needs", () => {
    expect(best("AAA..B..CC.DDD..", 4)).toMatchObject({ start: 48, length: 64, bytes: 16, blocks: 1 });
    expect(best("A.BB..C..D.", 5)).toMatchObject({ start: 64, blocks: 1, inTheWay: [{ id: 3 }] });
    expect(best("A.B", 4)).toBeUndefined();
    expect(best("..AA", 4)).toMatchObject({ start: 0, length: 64, bytes: 32, blocks: 1 });
  });

  it("is never found better by trying every range", () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 16) % n;
    };
    for (let round = 0; round < 200; round++) {
      let drawing = "";
      for (let i = 0; drawing.length < 24; i++)
        drawing += (random(2) ? "." : String.fromCharCode(65 + (i % 26))).repeat(1 + random(3));
      const need = 2 + random(8);
      let least = Number.POSITIVE_INFINITY;
      for (let at = 0; at + need <= drawing.length; at++) {
        const letters = new Set(drawing.slice(at, at + need).replaceAll(".", ""));
        const bytes = [...letters].reduce((sum, letter) => sum + 16 * drawing.split(letter).length - 16, 0);
        least = Math.min(least, bytes);
      }
      const found = best(drawing, need);
      expect(found?.bytes, `${drawing} ${need}`).toBe(least);
    }
  });
});

describeInBrowser("a refusal", (browser) => {
  it("names the blocks that pin the best range, when they were born, and shows them on the map", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=2KiB");
    await drawn(page);
    let comb = "# phase build\n";
    for (let id = 1; id <= 12; id++) comb += `a ${id} 100\n`;
    comb += "# phase thin\nf 1\nf 3\nf 5\nf 6\nf 8\nf 10\na 13 40\nf 11\na 14 400\n";
    await drop(page, "comb.trace", comb);
    await expect.poll(() => words(page, "h1")).toBe("comb.trace");
    const heap = page.getByLabel("Heap", { exact: true });
    await heap.fill("1400");
    await heap.press("Enter");
    await page.getByRole("button", { name: "Next refusal" }).click();
    await expect.poll(() => words(page, ".blockers")).toMatch(/pins? the best \d+ B, at 0x/);
    await page.getByRole("button", { name: "which?" }).click();
    const rows = page.locator(".blockers tbody tr");
    expect(await rows.count()).toBeGreaterThan(0);
    const id = await rows.first().getAttribute("data-id");
    await page.getByRole("button", { name: `Show object ${id} on the map` }).click();
    await expect.poll(() => words(page, ".lane-A .detail")).toMatch(new RegExp(`^Pinned Object ${id} at`));
    expect(problems).toEqual([]);
  });
});
