import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { momentOf } from "../../src/metrics/meter.ts";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, scenarioNamed, words } from "./heap-page.ts";

const rowsOf = (page: Page): Promise<Record<string, Record<string, number>>> =>
  page
    .locator(".comparison-table tbody tr")
    .evaluateAll((rows) =>
      Object.fromEntries(
        rows.map((row) => [
          row.dataset.policy,
          Object.fromEntries(
            [...row.querySelectorAll<HTMLElement>("[data-metric]")].map(({ dataset }) => [
              dataset.metric,
              Number(dataset.value),
            ]),
          ),
        ]),
      ),
    );

const over = (page: Page) => page.locator(".comparison .strong").waitFor();

describeInBrowser("all policies of a scenario", (browser) => {
  it("are replayed in the worker, and the table has the library's figures", async () => {
    const { inputs, policies, heap, seed } = scenarioNamed("mqtt-offline-queue");
    expect(heap).toBe("grow");
    const trace = generateTrace(inputs[0], seed);
    const event = 3000;
    const { page, problems } = await browser.open(`#scenario=mqtt-offline-queue&event=${event}`);
    await drawn(page, event);
    await page.getByRole("button", { name: `Compare 3 at event 3,000` }).click();
    await over(page);
    await page.getByLabel("Policy to add").fill("tlsf");
    await page.keyboard.press("Enter");
    await page.locator("tr[data-policy=tlsf] [data-metric]").first().waitFor();
    await over(page);

    const peak = replay(trace, { ...choosePolicy(policies[0]), heap: "grow" }).metrics.peakHeapBytes;
    const found = await rowsOf(page);
    expect(Object.keys(found)).toEqual([...policies, "tlsf"]);
    for (const policy of [...policies, "tlsf"]) {
      const room = policy === "tlsf" ? peak : "grow";
      const { metrics, recording } = replay(trace, { ...choosePolicy(policy), heap: room });
      const playback = new Playback(trace, recording);
      playback.seek(event);
      const now = momentOf(playback.space);
      expect(found[policy]).toEqual({
        heapBytes: now.heapBytes,
        residentBytes: now.residentBytes,
        liveBytes: now.liveBytes,
        externalFragmentation: now.externalFragmentation,
        peakHeapBytes: metrics.peakHeapBytes,
        refusals: metrics.refusals,
        movedBytes: metrics.movedBytes,
      });
    }
    expect(await words(page, ".comparison")).toContain("manages an arena of fixed size: it was given");

    await page.locator("tr[data-policy=tlsf] button").click();
    await expect.poll(() => page.getByLabel("Policy B", { exact: true }).inputValue()).toBe("tlsf");
    await drawn(page, event);
    expect(await words(page, ".problem, h1")).toContain("?");
    expect(await page.getByLabel("Policy A", { exact: true }).inputValue()).toBe(policies[0]);
    expect(problems).toEqual([]);
  });

  it("can all be given an arena as large as the first one's heap", async () => {
    const { page } = await browser.open("#scenario=mqtt-offline-queue&event=3000");
    await drawn(page, 3000);
    await page.getByLabel("in an arena as large as the first one’s peak").check();
    await page.getByLabel("Policy to add").fill("mark-compact");
    await page.keyboard.press("Enter");
    await page.locator("tr[data-policy=mark-compact] [data-metric]").first().waitFor();
    await over(page);
    const found = Object.values(await rowsOf(page));
    expect(new Set(found.map(({ heapBytes }) => heapBytes)).size).toBe(1);
    await page.locator("tr[data-policy=mark-compact] button").click();
    await expect.poll(() => page.getByLabel("Heap", { exact: true }).inputValue()).toMatch(/^\d+$/);
  });

  it("says which policy there is none of", async () => {
    const { page } = await browser.open("#scenario=mqtt-offline-queue&event=3000");
    await drawn(page, 3000);
    await page.getByLabel("Policy to add").fill("tsfl");
    await page.keyboard.press("Enter");
    await expect.poll(() => words(page, "#comparison-problem")).toMatch(/^unknown policy "tsfl"/);
  });

  it("can be stopped half-way, and the page goes on", async () => {
    const { page } = await browser.open("#workload=random:live=4000,steps=150000&policy=kingsley&heap=grow");
    await drawn(page);
    await page.getByLabel("Policy to add").fill("first-fit:order=lifo");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Stop" }).click();
    await over(page);
    expect(await page.locator(".comparison-table").innerText()).toContain("not replayed");
    await page.getByRole("button", { name: "One event forward" }).click();
    await expect.poll(() => words(page, ".lane-A .caption")).toMatch(/^Event/);
  });
});
