import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { colours, cursor, drawn, scenarioNamed, seekTo, words } from "./heap-page.ts";

describeInBrowser("the page", (browser) => {
  it("opens with the string that is appended to, on the first refusal, in two policies", async () => {
    const { page, problems } = await browser.open();
    await drawn(page);
    expect(await page.title()).toBe("Heapscape");
    expect(await words(page, "h1")).toBe(scenarioNamed("string-append").question);
    expect(await page.getByLabel("Policy A", { exact: true }).inputValue()).toBe("first-fit");
    expect(await page.getByLabel("Policy B", { exact: true }).inputValue()).toBe("mark-compact");
    for (const lane of [0, 1]) expect(Object.keys(await colours(page, lane)).length).toBeGreaterThan(8);
    const note = await words(page, ".lane-A .caption");
    expect(note).toContain("Enough is free, but in pieces.");
    expect(note).toMatch(
      /malloc [\d,]+ B needs a block of [\d,]+ B\. Free: [\d,]+ B in \d+ holes, the largest of/,
    );
    expect(problems).toEqual([]);
  });

  it("moves one cursor for both policies: by field, steps, keys, chart and jumps", async () => {
    const { page, problems } = await browser.open("#scenario=string-append&event=400");
    await drawn(page, 400);
    await seekTo(page, 1234);
    await page.getByRole("button", { name: "One event forward" }).click();
    await drawn(page, 1235);

    await page.locator(".map-stage").first().focus();
    await page.keyboard.press(",");
    await drawn(page, 1234);
    await page.keyboard.press("Home");
    await drawn(page, 0);
    await page.keyboard.press("End");
    const last = await page.getByRole("slider", { name: "Cursor" }).getAttribute("max");
    await drawn(page, Number(last));

    const chart = page.getByRole("img", { name: /^Bytes of first-fit/ });
    const box = (await chart.boundingBox())!;
    await chart.click({ position: { x: box.width / 2, y: 60 } });
    const middle = await cursor(page);
    await drawn(page, middle);
    expect(Math.abs(middle / Number(last) - 0.5)).toBeLessThan(0.06);

    await page.getByRole("button", { name: "Next refusal" }).click();
    await page.locator(".refusal").waitFor();
    expect(problems).toEqual([]);
  });

  it("plays and pauses", async () => {
    const { page } = await browser.open("#scenario=string-append&event=10");
    await drawn(page, 10);
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await page.waitForFunction(() => Number(new URLSearchParams(location.hash.slice(1)).get("event")) === 10);
    await page.waitForFunction(() => document.querySelector('.map-picture:not([data-event="10"])'));
    await page.getByRole("button", { name: "Pause" }).click();
    const at = await cursor(page);
    expect(at).toBeGreaterThan(10);
    await page.waitForTimeout(300);
    expect(await cursor(page)).toBe(at);
  });

  it("zooms, pans and fits by keys, and tells what lies under the pointer", async () => {
    const { page } = await browser.open();
    await drawn(page);
    const stage = page.locator(".lane-A .map-stage");
    await stage.hover({ position: { x: 80, y: 8 } });
    await expect.poll(() => words(page, ".lane-A .detail")).toMatch(/^(Object \d+|Hole) at 0x/);
    await stage.click({ position: { x: 80, y: 8 } });
    await page.mouse.move(5, 5);
    await expect.poll(() => words(page, ".lane-A .detail")).toMatch(/^Pinned /);
    await stage.focus();
    await page.keyboard.press("w");
    await page.keyboard.press("w");
    await expect.poll(() => page.url()).toContain("zoom=2");
    await page.keyboard.press("d");
    await page.keyboard.press("f");
    await expect.poll(() => page.url()).not.toContain("zoom");
    await page.locator(".lane-A").getByRole("button", { name: "Table", exact: true }).click();
    await page.locator(".lane-A .table-twin tbody tr").first().waitFor();
    expect(await page.locator(".lane-A .table-twin .is-hole").count()).toBeGreaterThan(0);
  });

  it("zooms with the wheel to a single byte, and is dragged like a sheet of paper", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=64KiB&event=400");
    await drawn(page, 400);
    const stage = page.locator(".map-stage");
    const box = (await stage.boundingBox())!;
    const [x, y] = [box.x + box.width * 0.6, box.y + 100];
    await page.mouse.click(x, y);
    for (let i = 0; i < 14; i++) await page.mouse.wheel(0, -100);
    const zoomIn = page.getByRole("button", { name: "Zoom in" });
    await expect.poll(() => zoomIn.isDisabled()).toBe(true);
    // A row is 16 bytes: a byte is wider than a finger.
    const values = () => new URLSearchParams(new URL(page.url()).hash.slice(1));
    await expect.poll(() => Number(values().get("zoom"))).toBeGreaterThan(5);
    const top = Number(values().get("top"));
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, y - 80, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => Number(values().get("top"))).toBeGreaterThan(top);
    await page.mouse.wheel(0, 100);
    await expect.poll(() => zoomIn.isDisabled()).toBe(false);
    expect(problems).toEqual([]);
  });

  it("changes a policy and its options by the form that the policy declares", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.25x");
    await drawn(page);
    await page.getByLabel("Policy A", { exact: true }).selectOption("best-fit");
    await expect.poll(() => page.url()).toContain("policy=best-fit");
    await page
      .locator(".lane-A")
      .getByRole("button", { name: /^Options/ })
      .click();
    await page.getByLabel("header", { exact: true }).fill("16");
    await page.getByLabel("header", { exact: true }).press("Enter");
    await expect.poll(() => page.url()).toContain("policy=best-fit:header=16");
    await page.getByRole("button", { name: "Compare with a second policy" }).click();
    await page.locator(".lane-B .map-picture[data-event]").waitFor();
  });
});
