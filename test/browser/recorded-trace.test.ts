import type { BrowserContext, Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, scenarioNamed, seekTo, words } from "./heap-page.ts";

const tiny = {
  title: "Tiny",
  question: "Does a file come with its scenario?",
  look: [{ text: "The second object is there.", event: 1, policy: "first-fit" }],
  inputs: ["traces/tiny.trace"],
  heap: "grow",
  policies: ["first-fit"],
};

/** Puts `files` beside the page. */
async function serveBeside(page: Page, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, body] of Object.entries(files))
    await page.route(`**/${path}`, (to) => to.fulfill({ body }));
}

/** Serves the page under a path, as a static host does. */
async function underPath(context: BrowserContext, origin: string, path: string): Promise<string> {
  const base = new URL(path, origin).href;
  await context.route(`${base}**`, async (route) => {
    const url = route.request().url().replace(base, origin);
    await route.fulfill({ response: await route.fetch({ url }) });
  });
  return base;
}

describeInBrowser("a scenario's trace file", (browser) => {
  it("is found where the scenario lies", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    await serveBeside(page, {
      "given/tiny.json": JSON.stringify(tiny),
      "given/traces/tiny.trace": "a 1 100\na 2 50\nf 1\na 3 400\n",
    });
    await page.goto(`${page.url().split("#")[0]}#open=given/tiny.json`);
    await expect.poll(() => words(page, "h1")).toBe(tiny.question);
    await drawn(page, 2);
    expect(await page.getByLabel("Seed").isDisabled()).toBe(true);
    expect(problems).toEqual([]);
  });

  it("that is missing is named, and the page goes on", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x&event=20");
    await drawn(page, 20);
    await serveBeside(page, { "given/tiny.json": JSON.stringify(tiny) });
    await page.goto(`${page.url().split("#")[0]}#open=given/tiny.json`);
    await expect.poll(() => words(page, ".problem p")).toBe("traces/tiny.trace: the server answers 404.");
    await seekTo(page, 25);
  });

  it("of the page's own is fetched when it is asked for, under any path, and can be cancelled", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    const base = await underPath(page.context(), browser.url, "some/path/");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`${base}#workload=sawtooth&policy=first-fit&heap=1.5x&event=20`);
    await drawn(page, 20);
    expect(asked.filter((url) => url.includes(".heaptrace"))).toEqual([]);

    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.context().route("**/*.heaptrace*", async (route) => {
      await held;
      await route.fallback();
    });
    const choose = () => page.getByLabel("What is replayed").selectOption("scenario broker-memory-stays");
    await choose();
    await expect
      .poll(() => words(page, ".progress"))
      .toContain("Fetching traces/broker-offline.heaptrace.gz");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => words(page, ".problem p")).toMatch(/^Cancelled/);
    expect(await words(page, "h1")).toContain("sawtooth");
    answer();

    await choose();
    const { question, look } = scenarioNamed("broker-memory-stays");
    await expect.poll(() => words(page, "h1"), { timeout: 30_000 }).toBe(question);
    await drawn(page, look[0].event! + 1);
    expect(asked.filter((url) => url.includes(".heaptrace")).every((url) => url.startsWith(base))).toBe(true);
    expect(
      await page.locator(".lane-A [data-metric], [data-kind=cursor] [data-lane='0']").first().isVisible(),
    ).toBe(true);

    // Why its memory does not come back: the map, and what holds it.
    await page.getByRole("button", { name: /^Look 4:/ }).click();
    await drawn(page, look[3].event! + 1);
    await expect
      .poll(() => words(page, ".lane-A .pins h2"))
      .toContain("82.3 % of it is holes below live blocks");
    expect(await words(page, ".lane-A .shares")).toContain("of 14,333 blocks 1,371 2,850 5,090 10,749");

    // The worker has passed the whole recording once: any moment is near a keyframe.
    await page.waitForTimeout(4000);
    for (const event of [700_000, 123_456, 846_000, 590_534, 310_000]) {
      await seekTo(page, event);
      const took = await page.evaluate(() =>
        (window as unknown as { heapscape: { latency(): number } }).heapscape.latency(),
      );
      expect(took).toBeLessThan(1000);
    }
    expect(problems.filter((problem) => !/heaptrace/.test(problem))).toEqual([]);
  });
});
