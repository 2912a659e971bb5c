import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { colours, drawn, seekTo } from "./heap-page.ts";

describeInBrowser("up to six policies", (browser) => {
  it("are added one by one, stand under one cursor, and go again", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x&event=40");
    await drawn(page, 40);
    await page.getByRole("button", { name: "Compare with a second policy" }).click();
    for (const letter of ["B", "C", "D", "E", "F"]) {
      if (letter !== "B") await page.getByRole("button", { name: "Add a policy" }).click();
      await page.locator(`.lane-${letter} .map-picture[data-event="40"]`).waitFor();
    }
    expect(await page.getByRole("button", { name: "Add a policy" }).count()).toBe(0);
    await seekTo(page, 55);
    for (const lane of [0, 5]) expect(Object.keys(await colours(page, lane)).length).toBeGreaterThan(3);
    expect(await page.locator("[data-kind=cursor] [data-metric=liveBytes]").count()).toBe(6);
    // What opens at the right edge stays in the window.
    await page
      .locator(".lane-C")
      .getByRole("button", { name: /^Options/ })
      .click();
    const sheet = (await page.locator(".sheet").boundingBox())!;
    expect(sheet.x + sheet.width).toBeLessThanOrEqual(page.viewportSize()!.width);
    await page.keyboard.press("Escape");

    const policies = () => new URLSearchParams(new URL(page.url()).hash.slice(1)).getAll("policy");
    const before = policies();
    expect(new Set(before).size).toBe(6);
    await page.getByRole("button", { name: "Remove policy B" }).click();
    await expect.poll(() => page.locator(".map-stage").count()).toBe(5);
    expect(policies()).toEqual(before.toSpliced(1, 1));
    expect(problems).toEqual([]);
  });
});
