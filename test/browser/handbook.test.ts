import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn } from "./heap-page.ts";

const PAGES = ["index.html", "freertos-heap4.html", "search-steps.html"];

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

describeInBrowser("the handbook", (browser) => {
  for (const colorScheme of ["light", "dark"] as const)
    it(`has no violations that axe can find, ${colorScheme}`, async () => {
      const { page, problems } = await browser.open("handbook/", { colorScheme });
      for (const file of PAGES) {
        await page.goto(new URL(`handbook/${file}`, browser.url).href);
        expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(colorScheme);
        expect(await violations(page)).toEqual([]);
      }
      expect(problems).toEqual([]);
    });

  it("is read at 360 px without scrolling sideways", async () => {
    const { page } = await browser.open("handbook/", { viewport: { width: 360, height: 740 } });
    for (const file of PAGES) {
      await page.goto(new URL(`handbook/${file}`, browser.url).href);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      expect(await violations(page)).toEqual([]);
    }
  });

  it("is reached from the page in the page's colours, and leads back to a policy beside first fit", async () => {
    const { page, problems } = await browser.open("", { colorScheme: "light" });
    await page.getByRole("button", { name: "Dark colours" }).click();
    await page.getByRole("link", { name: "Handbook" }).click();
    await page.waitForURL(/\/handbook\//);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    await page.getByRole("link", { name: "tlsf", exact: true }).click();
    await page.getByRole("link", { name: "Watch it beside first-fit" }).click();
    await drawn(page);
    expect(await page.getByRole("combobox", { name: "Policy A" }).inputValue()).toBe("tlsf");
    expect(await page.getByRole("combobox", { name: "Policy B" }).inputValue()).toBe("first-fit");
    expect(problems).toEqual([]);
  });
});
