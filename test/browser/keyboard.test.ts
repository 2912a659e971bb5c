import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { cursor, drawn, words } from "./heap-page.ts";

/** The name of what has the focus. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    const label = (element as HTMLInputElement | null)?.labels?.[0]?.textContent ?? "";
    return (element?.getAttribute("aria-label") ?? (label || element?.textContent) ?? "").trim();
  });

/** Presses Tab until what `wanted` names has the focus. */
async function tabTo(page: Page, wanted: string | RegExp): Promise<void> {
  for (let i = 0; i < 140; i++) {
    await page.keyboard.press("Tab");
    const name = await focused(page);
    if (typeof wanted === "string" ? name === wanted : wanted.test(name)) return;
  }
  throw new Error(`Tab does not lead to ${wanted}`);
}

describeInBrowser("the keyboard alone", (browser) => {
  it("reaches everything: Tab goes round without a trap, Enter and Space do it", async () => {
    const { page, problems } = await browser.open(
      "#workload=lru-cache&policy=mark-compact&heap=2x&event=6833",
      { reducedMotion: "reduce" },
    );
    await drawn(page, 6833);
    await page.locator(".strips").waitFor();

    await tabTo(page, /^Colour by/);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.url()).toContain("colour=age");
    await tabTo(page, /^Heap of mark-compact/);
    await page.keyboard.press("w");
    await page.keyboard.press("l");
    await page.locator(".lists-none").waitFor();
    await tabTo(page, "1 Mark");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".moves-done").innerText()).toMatch(/^8 of 8$/);
    await tabTo(page, "One wave back");
    await page.keyboard.press("Space");
    await expect.poll(() => page.locator(".moves-done").innerText()).toBe("7 of 8");
    await tabTo(page, "Table of the moves");
    await page.keyboard.press("Enter");
    await page.locator("[aria-label='Moves, as a table'] tbody tr").first().waitFor();
    await tabTo(page, /^Table: Bytes of/);
    await page.keyboard.press("Enter");
    await page.locator("[aria-label^='Bytes of mark-compact, as a table'] tbody tr").first().waitFor();
    await tabTo(page, "only the map’s part");
    await page.keyboard.press("Space");
    await tabTo(page, "Show less time, policy 1");
    await page.keyboard.press("Enter");
    await tabTo(page, /^Table: Addresses of/);
    await page.keyboard.press("Enter");
    await page.locator("[aria-label='Addresses over events, as a table'] tbody tr").first().waitFor();
    await tabTo(page, /^Lengths of blocks/);
    await page.keyboard.press("Enter");
    await tabTo(page, /^\d+ live blocks? of/);
    await page.keyboard.press("Enter");
    expect(await words(page, ".lengths h2")).toMatch(/the maps show blocks of/);
    await tabTo(page, "One event forward");
    await page.keyboard.press("Enter");
    await drawn(page, 6834);
    await tabTo(page, /^Event/);
    await page.keyboard.press("Control+A");
    await page.keyboard.type("7,000");
    await page.keyboard.press("Enter");
    await drawn(page, 7000);
    await tabTo(page, "Cursor");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => cursor(page)).toBeLessThan(7000);
    // And round to the top again.
    await tabTo(page, "Heapscape, to the start");
    expect(problems).toEqual([]);
  });

  for (const colorScheme of ["light", "dark"] as const)
    it(`meets nothing that axe finds wrong, with all that opens open, ${colorScheme}`, async () => {
      const { page } = await browser.open("#scenario=string-append", {
        colorScheme,
        reducedMotion: "reduce",
      });
      await drawn(page);
      await page.getByRole("button", { name: "which?" }).click();
      await page.getByRole("button", { name: "1 Mark" }).click();
      await page.getByRole("button", { name: "Table of the moves" }).click();
      await page.locator(".lane-A").getByRole("button", { name: "Lists" }).click();
      await page.getByRole("button", { name: "Lengths of blocks and holes of policy A" }).click();
      await page.locator(".bars").waitFor();
      for (const name of [/^Table: Bytes of first-fit/, /^Table: Addresses of first-fit/])
        await page.getByRole("button", { name }).click();
      await page.getByLabel("Colour by").selectOption("size");
      await page.getByRole("button", { name: "Save…" }).click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 140))}`),
      ).toEqual([]);
    });
});
