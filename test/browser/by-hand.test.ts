import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileChooser, Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { cursor, drawn, words } from "./heap-page.ts";

const EVENTS = 1232;
const place = "#workload=sawtooth&policy=first-fit&policy=buddy&heap=2x&event=300";

/** From 60 px left of `share` of its width to there, with the button down; `half` runs with the button still down. */
async function drag(page: Page, what: Locator, share: number, half: () => Promise<void>): Promise<void> {
  await what.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await what.boundingBox())!;
  const to = x + share * width;
  await page.mouse.move(to - 60, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(to - 20, y + height / 2, { steps: 3 });
  await half();
  await page.mouse.move(to, y + height / 2, { steps: 3 });
  await page.mouse.up();
}

/** The event at the middle of the thumb, whose half is 8 px, when it is at that share of the slider. */
const eventAt = (share: number, width: number): number => ((share * width - 8) / (width - 16)) * EVENTS;

describeInBrowser("the mouse", (browser) => {
  it("drags the cursor along scrubber and charts, with maps that follow; with Ctrl its wheel zooms time", async () => {
    const { page, problems } = await browser.open(place, { viewport: { width: 1200, height: 1500 } });
    await drawn(page, 300);
    await page.getByRole("button", { name: "Play", exact: true }).click();
    const slider = page.getByRole("slider", { name: "Cursor" });
    const { width } = (await slider.boundingBox())!;
    let midway = 0;
    const seen = async () => {
      midway = await cursor(page);
      await drawn(page, midway);
    };
    await drag(page, slider, 0.7, seen);
    const at = await cursor(page);
    expect(Math.abs(at - eventAt(0.7, width))).toBeLessThan(6);
    expect(Math.abs(midway - eventAt(0.7 - 20 / width, width))).toBeLessThan(6);
    await drawn(page, at);
    // Dragging has stopped what played.
    expect(await page.getByRole("button", { name: "Play", exact: true }).count()).toBe(1);
    await expect.poll(() => page.url()).toContain(`event=${at}`);

    for (const name of [/^Bytes of buddy/, /^Addresses of first-fit/, "External fragmentation over events"]) {
      const chart = page.getByRole("img", { name });
      const { width: wide } = (await chart.boundingBox())!;
      await drag(page, chart, 0.4, seen);
      const here = await cursor(page);
      await drawn(page, here);
      expect(here - midway).toBeGreaterThan(0);
      // The plot begins 60 px from the left and ends 26 px from the right.
      expect(Math.abs(here / EVENTS - (0.4 * wide - 60) / (wide - 86))).toBeLessThan(0.01);
    }

    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -100);
    await page.keyboard.up("Control");
    const time = () => /&time=(\d+)-(\d+)/.exec(page.url())?.slice(1).map(Number) ?? [0, EVENTS];
    await expect.poll(() => time()[1] - time()[0]).toBe(EVENTS / 2);
    expect(problems).toEqual([]);
  });

  it("drops a file from outside, and opens one by the button or by Ctrl+O", async () => {
    const folder = mkdtempSync(join(tmpdir(), "heapscape-"));
    const named = (name: string) => {
      writeFileSync(join(folder, name), "a 1 100\na 2 50\nf 1\na 3 400\n");
      return join(folder, name);
    };
    try {
      const { page, problems } = await browser.open(place);
      await drawn(page, 300);
      const choosers: FileChooser[] = [];
      page.on("filechooser", (chooser) => choosers.push(chooser));
      const files = [named("dropped.trace")];
      const input = await page.context().newCDPSession(page);
      const carry = (type: "dragEnter" | "dragOver" | "drop") =>
        input.send("Input.dispatchDragEvent", {
          ...{ type, x: 400, y: 300 },
          data: { items: [], files, dragOperationsMask: 1 },
        });
      await carry("dragEnter");
      await carry("dragOver");
      await page.locator(".page.is-dropping").waitFor();
      await carry("dragOver");
      await carry("drop");
      await expect.poll(() => words(page, "h1")).toBe("dropped.trace");
      expect(await page.locator(".page.is-dropping").count()).toBe(0);

      for (const [name, ask] of [
        ["chosen.trace", () => page.getByRole("button", { name: "Open trace…" }).click()],
        ["again.trace", () => page.keyboard.press("Control+O")],
      ] as const) {
        await ask();
        await expect.poll(() => choosers.length).toBe(1);
        await choosers.pop()!.setFiles(named(name));
        await expect.poll(() => words(page, "h1")).toBe(name);
      }
      expect(problems).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describeInBrowser("a finger", (browser) => {
  it("drags the cursor along the scrubber and a chart, and spreads the map, on a phone", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=2x&event=300", {
      ...{ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
    });
    await drawn(page, 300);
    const input = await page.context().newCDPSession(page);
    /** Fingers at `from` go to `to`, in six steps. */
    const swipe = async (from: readonly [number, number][], to: readonly [number, number][]) => {
      for (let i = 0; i <= 6; i++)
        await input.send("Input.dispatchTouchEvent", {
          type: i === 0 ? "touchStart" : "touchMove",
          touchPoints: from.map(([x, y], id) => ({
            ...{ id, x: x + ((to[id][0] - x) * i) / 6, y: y + ((to[id][1] - y) * i) / 6 },
          })),
        });
      await input.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    };
    const slider = (await page.getByRole("slider", { name: "Cursor" }).boundingBox())!;
    const line = slider.y + slider.height / 2;
    const thumb = slider.x + 8 + (300 / EVENTS) * (slider.width - 16);
    await swipe([[thumb, line]], [[slider.x + 0.8 * slider.width, line]]);
    await expect.poll(() => cursor(page)).toBeGreaterThan(900);
    expect(Math.abs((await cursor(page)) - eventAt(0.8, slider.width))).toBeLessThan(25);

    const map = page.locator(".map-stage");
    await map.scrollIntoViewIfNeeded();
    const box = (await map.boundingBox())!;
    const [x, y] = [box.x + 180, box.y + 60];
    const values = () => new URLSearchParams(new URL(page.url()).hash.slice(1));
    await swipe(
      [
        [x - 15, y],
        [x + 15, y],
      ],
      [
        [x - 90, y],
        [x + 90, y],
      ],
    );
    await expect.poll(() => Number(values().get("zoom"))).toBeGreaterThan(0);
    await swipe(
      [
        [x - 90, y],
        [x + 90, y],
      ],
      [
        [x - 10, y],
        [x + 10, y],
      ],
    );
    await expect.poll(() => values().get("zoom")).toBe(null);

    const chart = page.getByRole("img", { name: /^Bytes of first-fit/ });
    await chart.evaluate((each) => each.scrollIntoView({ block: "center" }));
    const plot = (await chart.boundingBox())!;
    const middle = plot.y + plot.height / 2;
    await swipe([[plot.x + 100, middle]], [[plot.x + 200, middle]]);
    const wanted = (140 / (plot.width - 86)) * EVENTS;
    await expect.poll(async () => Math.abs((await cursor(page)) - wanted)).toBeLessThan(20);
    expect(problems).toEqual([]);
  });
});

describeInBrowser("the page", (browser) => {
  it("says where the cursor came to rest, and shows each figure with its formula", async () => {
    const { page } = await browser.open(place);
    await drawn(page, 300);
    await page.getByRole("button", { name: "One event forward" }).click();
    await expect
      .poll(() => page.locator("[aria-live=polite]").textContent())
      .toMatch(/^Event 301\. A, first-fit: \d+ holes, the largest of [\d,]+ bytes\. B, buddy: /);
    const row = page.locator("[data-kind=cursor] tr", { hasText: "externalFragmentation" });
    expect(await row.innerText()).toMatch(
      /^externalFragmentation 1 - largestHole \/ holeBytes\t0\.\d+\t0\.\d+$/,
    );
    // Any key of the map but one that moves: `?` shows them all, and Esc puts them away.
    await page.locator(".map-stage").first().focus();
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: /^Keys/ }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("dialog").count()).toBe(0);
  });
});
