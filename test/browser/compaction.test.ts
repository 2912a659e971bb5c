import { expect, it } from "vitest";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { colours, drawn, words } from "./heap-page.ts";

/** A trace in which mark-compact moves some objects. */
const call = "string-append:length=400";
const heap = 4096;
const place = `#workload=${call}&policy=mark-compact&heap=${heap}&seed=1`;

/** The first collection that moves at least three objects. */
function firstOfThree() {
  const trace = generateTrace(call, 1);
  const { recording } = replay(trace, { ...choosePolicy("mark-compact"), heap });
  new Playback(trace, recording);
  return recording.collections.find(({ moves }) => moves >= 3)!;
}

describeInBrowser("a compaction", (browser) => {
  it("plays object by object, backward, and at once", async () => {
    const { event, moves } = firstOfThree();
    const { page, problems } = await browser.open(`${place}&event=${event + 1}`, { reducedMotion: "reduce" });
    await drawn(page, event + 1);
    expect(await words(page, ".caption")).toContain(`Compaction: ${moves} objects moved`);
    const done = page.locator(".moves-done");
    expect(await done.innerText()).toBe(`${moves} of ${moves}`);

    const after = JSON.stringify(await colours(page));
    await page.getByRole("button", { name: "Before" }).click();
    await expect.poll(async () => JSON.stringify(await colours(page))).not.toBe(after);
    expect(await done.innerText()).toBe(`0 of ${moves}`);
    await page.getByRole("button", { name: "One object forward" }).click();
    await page.getByRole("button", { name: "One object forward" }).click();
    expect(await done.innerText()).toBe(`2 of ${moves}`);
    await page.getByRole("button", { name: "One object back" }).click();
    expect(await done.innerText()).toBe(`1 of ${moves}`);
    await page.getByRole("button", { name: "At once" }).click();
    await expect.poll(async () => JSON.stringify(await colours(page))).toBe(after);
    expect(problems).toEqual([]);
  });

  it("slides by itself, and ends on the last frame", async () => {
    const { event, moves } = firstOfThree();
    const { page } = await browser.open(`${place}&event=${event + 1}`);
    await drawn(page, event + 1);
    await page.getByRole("button", { name: "Play the moves" }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await page.getByRole("button", { name: "Play the moves" }).waitFor({ timeout: 15_000 });
    expect(await page.locator(".moves-done").innerText()).toBe(`${moves} of ${moves}`);
  });
});
