import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, drop, seekTo, words } from "./heap-page.ts";

const command = join(import.meta.dirname, "../../dist/cli/main.js");

async function saved(page: Page, format: string): Promise<Buffer> {
  const save = page.getByRole("button", { name: "Save…" });
  if ((await save.getAttribute("aria-expanded")) !== "true") await save.click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: format, exact: true }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(new RegExp(`^heapscape-.*\\.${format.toLowerCase()}$`));
  return readFileSync(await file.path());
}

const small = Array.from(
  { length: 60 },
  (_, i) => `a ${i} ${10 + 7 * i}\n${i % 3 ? `f ${i - 1}\n` : ""}`,
).join("");

describeInBrowser("what can be carried away", (browser) => {
  it("is the figures as the command line's JSON, and every series as CSV", async () => {
    const { page, problems } = await browser.open(
      "#workload=sawtooth&policy=best-fit:header=16&policy=mark-compact&heap=2x&seed=3",
    );
    await drawn(page);
    const mine = JSON.parse((await saved(page, "JSON")).toString());
    const calls = ["-a", "best-fit:header=16", "-a", "mark-compact"];
    const said = execFileSync(process.execPath, [
      command,
      ...["run", "workload:sawtooth", ...calls, "--heap", "2x", "--seed", "3", "--reporter", "json"],
    ]);
    expect(mine).toEqual(JSON.parse(said.toString()));

    const lines = (await saved(page, "CSV")).toString().trim().split("\r\n");
    expect(lines[0]).toBe("policy,metric,events,min,max,last");
    const [policy, metric, , least, most, last] = lines
      .find((line) => line.startsWith("mark-compact,largestHole"))!
      .split(",");
    expect([policy, metric]).toEqual(["mark-compact", "largestHole"]);
    expect(Number(least)).toBeLessThanOrEqual(Number(last));
    expect(Number(last)).toBeLessThanOrEqual(Number(most));
    expect(problems).toEqual([]);
  });

  it("is the maps as PNG and SVG", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&policy=buddy&heap=2x&event=300");
    await drawn(page, 300);
    const png = await saved(page, "PNG");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBeGreaterThan(300);
    const svg = (await saved(page, "SVG")).toString();
    const found = await page.evaluate((text) => {
      const document = new DOMParser().parseFromString(text, "image/svg+xml");
      return {
        error: document.querySelector("parsererror")?.textContent,
        titles: [...document.querySelectorAll("text")].map((each) => each.textContent),
        blocks: document.querySelectorAll("rect title").length,
      };
    }, svg);
    expect(found.error).toBeUndefined();
    expect(found.titles).toContain("A  first-fit, after event 300");
    expect(found.blocks).toBeGreaterThan(100);
  });

  it("is a link with a small trace in it, which opens the same state elsewhere", async () => {
    const context = { permissions: ["clipboard-read", "clipboard-write"] };
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&policy=buddy&heap=2x", context);
    await drawn(page);
    await drop(page, "two words.trace", small);
    await expect.poll(() => words(page, "h1")).toBe("two words.trace");
    await seekTo(page, 44);
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link.length).toBeLessThan(4000);
    const figures = () =>
      page
        .locator("[data-kind=cursor] [data-value]")
        .evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).dataset.value));
    const before = await figures();

    await page.goto("about:blank");
    await page.goto(link);
    await drawn(page, 44);
    expect(await words(page, "h1")).toBe("two words.trace");
    expect(await figures()).toEqual(before);

    await page.goto("about:blank");
    await page.goto(link.replace(/(data=[^&]{40})[^&]*/, "$1"));
    await expect
      .poll(() => words(page, ".problem p"))
      .toBe("The trace two words.trace in this link is damaged: copy the whole link.");
  });

  it("is not a link where the trace is too large for one", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=2x");
    await drawn(page);
    let long = "";
    for (let i = 0; i < 60_000; i++) long += `a ${i} ${(i * 7919) % 4093}\nf ${i}\n`;
    await drop(page, "long.trace", long);
    await expect.poll(() => words(page, "h1")).toBe("long.trace");
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByRole("button", { name: "Too large for a link" }).waitFor();
  });

  it("is the page itself: it opens without a network after the first time", async () => {
    const { page, problems } = await browser.open("", { serviceWorkers: "allow" });
    await drawn(page);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.context().setOffline(true);
    await page.goto(`${browser.url}#workload=lru-cache&policy=immix&heap=2x&event=2000`);
    await page.reload();
    await drawn(page, 2000);
    await page.getByLabel("What is replayed").selectOption("scenario broker-memory-stays");
    await expect.poll(() => words(page, "h1"), { timeout: 30_000 }).toContain("memory not come back");
    expect(problems).toEqual([]);
  });
});
