import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { cursor, drawn, seekTo } from "./heap-page.ts";

describeInBrowser("the page's address", (browser) => {
  it("holds input, policies, heap, seed, cursor and zoom; reload, back and forward restore them", async () => {
    const address =
      "#workload=sawtooth&policy=best-fit:header=16&policy=buddy&heap=2x&seed=7&event=55&zoom=1";
    const { page } = await browser.open(address);
    await drawn(page, 55);
    expect(new URL(page.url()).hash).toBe(address);
    await seekTo(page, 77);
    await expect.poll(() => page.url()).toContain("event=77");
    await page.reload();
    await drawn(page, 77);
    expect(await page.getByLabel("Policy A", { exact: true }).inputValue()).toBe("best-fit");
    expect(await page.getByLabel("Seed").inputValue()).toBe("7");

    await page.getByLabel("Policy B", { exact: true }).selectOption("kingsley");
    await expect.poll(() => page.url()).toContain("policy=kingsley");
    await page.goBack();
    await expect.poll(() => page.getByLabel("Policy B", { exact: true }).inputValue()).toBe("buddy");
    await page.goForward();
    await expect.poll(() => page.getByLabel("Policy B", { exact: true }).inputValue()).toBe("kingsley");
    await drawn(page, 77);
    expect(await cursor(page)).toBe(77);
  });
});
