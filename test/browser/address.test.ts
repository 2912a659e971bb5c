import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { cursor, drawn, seekTo, words } from "./heap-page.ts";

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

  it("holds colours, filter, the part of time and what the maps are compared with", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&policy=buddy&heap=2x&event=400");
    await drawn(page, 400);
    await page.getByRole("button", { name: "Lengths of blocks and holes of policy A" }).click();
    await page.locator(".lane-A .bar-hole:enabled").first().click();
    await page.getByRole("button", { name: "Show less time, policy 1" }).click();
    await page.getByLabel("Maps show").selectOption("lane 1");
    const wanted = /&filter=hole:(\d+)-\d+&time=(\d+-\d+)&against=B$/;
    await expect.poll(() => page.url()).toMatch(wanted);
    const [, , time] = wanted.exec(page.url())!;
    await page.goto("about:blank");
    await page.goBack();
    await drawn(page, 400);
    expect(page.url()).toMatch(wanted);
    expect(await page.getByLabel("Maps show").inputValue()).toBe("lane 1");
    await page.locator(`.plot-picture[data-span="${time}"]`).first().waitFor();
    await page.getByLabel("Maps show").selectOption("event");
    await expect.poll(() => page.url()).toContain("&against=400");
    await page.getByLabel("Maps show").selectOption("heap");
    expect(await words(page, ".legend")).toContain("hole of that length");
  });
});
