import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, words } from "./heap-page.ts";

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

describeInBrowser("accessibility", (browser) => {
  for (const colorScheme of ["light", "dark"] as const)
    it(`has no violations that axe can find, ${colorScheme}`, async () => {
      const { page } = await browser.open("", { colorScheme, reducedMotion: "reduce" });
      await drawn(page);
      await page.locator(".lane-A").getByRole("button", { name: "Table", exact: true }).click();
      await page.locator(".lane-A .table-twin tbody tr").first().waitFor();
      await page
        .locator(".lane-B")
        .getByRole("button", { name: /^Options/ })
        .click();
      if (colorScheme === "light") await page.locator("summary").click();
      expect(await violations(page)).toEqual([]);
    });

  it("has no violations on a compaction at 360 px, and nothing is wider than the screen", async () => {
    const { page } = await browser.open("", { viewport: { width: 360, height: 740 }, hasTouch: true });
    await drawn(page);
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(360);
    await page
      .getByRole("button", { name: /collection/i })
      .first()
      .tap();
    await page.locator(".strips").waitFor();
    expect(await width()).toBe(360);
    expect(await violations(page)).toEqual([]);
  });

  it("gives a finger 44 px, and takes what it taps, with six policies on a phone", async () => {
    const policies = ["first-fit", "tlsf", "glibc", "buddy", "mark-compact", "semispace"];
    const { page } = await browser.open(
      `#workload=sawtooth&${policies.map((policy) => `policy=${policy}`).join("&")}&heap=3x&event=600`,
      { viewport: { width: 360, height: 740 }, hasTouch: true },
    );
    await drawn(page, 600);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    // Links within a sentence may be lower; of a box to tick its label counts.
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("button:not(.link), select, input:not([type=file])")]
        .map((each) => (each as HTMLInputElement).labels?.[0] ?? each)
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 43.5)
        .map((each) => each.outerHTML.slice(0, 100)),
    );
    expect(small).toEqual([]);
    await page.locator(".lane-A .map-stage").tap({ position: { x: 120, y: 20 } });
    await expect.poll(() => words(page, ".lane-A .detail")).toMatch(/^Pinned/);
    await page.getByRole("img", { name: /^Bytes of first-fit/ }).tap({ position: { x: 150, y: 40 } });
    await expect.poll(() => page.getByRole("textbox", { name: "Event" }).inputValue()).not.toBe("600");
  });
});
