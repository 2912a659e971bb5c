import { AxeBuilder } from "@axe-core/playwright";
import { expect, it } from "vitest";
import { Space } from "../../src/space/space.ts";
import { pinsOf } from "../../web/worker/pins.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, drop, words } from "./heap-page.ts";

// 40 objects of 1,000 bytes; all but the 11th and the last are freed: a comb with two teeth.
let comb = "# phase build t=0s\n";
for (let id = 1; id <= 40; id++) comb += `a ${id} 1000\n`;
comb += "# phase drain early t=1s\n";
for (let id = 1; id <= 39; id++) if (id !== 11) comb += `f ${id}\n`;

const at = "#workload=sawtooth&policy=first-fit&heap=grow";

it("what pins a heap is counted from its end", () => {
  const space = new Space({ granule: 8, heap: 800 });
  [
    [0, 80],
    [160, 80],
    [640, 80],
  ].forEach(([start, length], row) => {
    const slot = space.ask(length, row + 1);
    space.claim(slot, start, length);
  });
  const pins = pinsOf(space, () => [], 3, 2);
  expect(pins).toMatchObject({ heapBytes: 800, blocks: 3, trailing: 80, below: 480, whole: true });
  expect(pins.top.map(({ id, back }) => [id, back])).toEqual([
    [3, 560],
    [2, 720],
  ]);
  expect(pins.shares).toEqual([
    { share: 0.1, blocks: 0 },
    { share: 0.25, blocks: 1 },
    { share: 0.5, blocks: 1 },
    { share: 0.9, blocks: 2 },
  ]);
});

describeInBrowser("what pins the heap", (browser) => {
  it("names the topmost blocks with birth, age and what they hold back, and shows them on the map", async () => {
    const { page, problems } = await browser.open(at);
    await drawn(page);
    await drop(page, "comb.trace", comb);
    await expect.poll(() => words(page, "h1")).toBe("comb.trace");
    await page.getByRole("button", { name: "Last event" }).click();
    await drawn(page, 78);

    const rows = page.locator(".topmost tbody tr");
    await expect.poll(() => rows.count()).toBe(2);
    expect(await words(page, ".topmost tbody tr:first-child")).toMatch(
      /^40 1,000 event 40, 38 ago build 2[89],\d\d\d B 7\d\.\d %$/,
    );
    expect(await words(page, ".pins h2")).toMatch(/9\d\.\d % of it is holes below live blocks/);
    // The upper one alone holds three quarters, both of them all.
    const needed = await page
      .locator("[data-share]")
      .evaluateAll((cells) => cells.map((cell) => [Number(cell.dataset.share), Number(cell.dataset.blocks)]));
    expect(needed).toEqual([
      [0.1, 1],
      [0.25, 1],
      [0.5, 1],
      [0.9, 2],
    ]);

    await page.getByRole("button", { name: "Show object 11 on the map" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => words(page, ".lane-A .detail")).toMatch(/^Pinned Object 11 at 0x/);
    expect(problems).toEqual([]);
  });

  it("is folded where little is held back, opens by keyboard, and is no matter of a fixed arena", async () => {
    const { page } = await browser.open(`${at}&event=20`);
    await drawn(page, 20);
    const button = page.getByRole("button", { name: "What pins the heap of policy A" });
    await button.waitFor();
    expect(await button.getAttribute("aria-expanded")).toBe("false");
    await button.focus();
    await page.keyboard.press("Enter");
    await page.locator(".topmost tbody tr").first().waitFor();
    const heap = page.getByLabel("Heap", { exact: true });
    await heap.fill("2x");
    await heap.press("Enter");
    await expect.poll(() => page.locator(".pins h2").count()).toBe(0);
  });

  for (const colorScheme of ["light", "dark"] as const)
    it(`has no violations that axe can find at 360 px, with a comparison below it, ${colorScheme}`, async () => {
      const { page } = await browser.open(at, { colorScheme, viewport: { width: 360, height: 740 } });
      await drawn(page);
      await drop(page, "comb.trace", comb);
      await page.getByRole("button", { name: "Last event" }).click();
      await page.locator(".topmost tbody tr").first().waitFor();
      await page.getByLabel("Policy to add").fill("tlsf");
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await page.locator("tr[data-policy=tlsf] [data-metric]").first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120))}`),
      ).toEqual([]);
    });
});
