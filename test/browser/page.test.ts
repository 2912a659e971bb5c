import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";

describeInBrowser("the page", (browser) => {
  it("loads with its title and without an error", async () => {
    const { page, problems } = await browser.open();
    expect(await page.title()).toBe("Heapscape");
    expect(problems).toEqual([]);
  });
});
