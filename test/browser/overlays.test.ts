import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay } from "../../src/replay/replay.ts";
import { slice } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { Differs, difference } from "../../web/worker/difference.ts";
import { Kind, Runs } from "../../web/worker/runs.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { colours, drawn, seekTo } from "./heap-page.ts";

/** A letter is a byte of a block. */
function runsOf(drawing: string): Runs {
  const runs = new Runs();
  for (const { 0: text, index } of drawing.matchAll(/(.)\1*/g)) {
    const i = runs.add();
    runs.start[i] = index;
    runs.length[i] = text.length;
    runs.kind[i] = text[0] === "." ? Kind.hole : text[0] === "g" ? Kind.garbage : Kind.live;
  }
  return runs;
}

describe("the difference of two heaps", () => {
  const cases = [
    ["AABB..", "AABB..", "====.."],
    ["AAAA..", "..BBBB", "++==--"],
    [".A.A.A", "A.A.A.", "-+-+-+"],
    ["AAAAAA", "......", "++++++"],
    ["AggA..", "A..AgB", "=..=.-"],
    ["AABBCC", "A.BB.C", "=+==+="],
    ["", "AB", "--"],
  ] as const;
  for (const [here, there, expected] of cases)
    it(`of ${here || "nothing"} and ${there} is ${expected}`, () => {
      const runs = new Runs();
      difference(runs, runsOf(here), runsOf(there));
      const drawing = [...expected].fill(".");
      const signs = ["=", "+", "-"];
      expect([Differs.both, Differs.here, Differs.there]).toEqual([0, 1, 2]);
      for (let i = 0; i < runs.count; i++)
        drawing.fill(signs[runs.tone[i]], runs.start[i], runs.start[i] + runs.length[i]);
      expect(drawing.join("")).toBe(expected);
    });
});

describeInBrowser("what lies over the maps", (browser) => {
  it("are a policy's own lists, as the policy shows them, with their table", async () => {
    const event = 15_000;
    const trace = generateTrace("mqtt", 1);
    const { page, problems } = await browser.open(
      `#workload=mqtt&policy=tlsf&policy=first-fit&heap=1.5x&seed=1&event=${event}`,
    );
    await drawn(page, event);
    const run = new Replay({ ...choosePolicy("tlsf"), heap: Math.floor(1.5 * trace.peakLiveBytes) });
    run.feed(slice(trace.chunks[0], 0, event));
    const counts: Record<string, number> = {};
    let name = "";
    run.allocator.internals?.({
      list: (list) => (name = list),
      entry: () => (counts[name] = (counts[name] ?? 0) + 1),
    });
    expect(Object.keys(counts).length).toBeGreaterThan(0);
    await page.locator(".lane-A .map-stage").focus();
    await page.keyboard.press("l");
    const rows = page.locator(".lane-A [data-list]");
    await rows.first().waitFor();
    const shown = await rows.evaluateAll((all) =>
      Object.fromEntries(
        all.map((row) => [(row as HTMLElement).dataset.list, Number((row as HTMLElement).dataset.count)]),
      ),
    );
    expect(shown).toEqual(counts);
    await page.locator(".lane-B .lists, .lane-B .lists-none").waitFor();
    await page.locator(".lane-B").getByRole("button", { name: "Lists" }).click();
    await expect.poll(() => page.locator(".lists").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("are where two policies differ, or two moments", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&policy=buddy&heap=2x&event=300");
    await drawn(page, 300);
    const both = "169,180,190";
    const [here, there] = ["47,111,183", "224,69,123"];
    await page.getByLabel("Maps show").selectOption("lane 0");
    await expect.poll(async () => Object.keys(await colours(page, 1))).toContain(there);
    const found = await colours(page, 1);
    for (const colour of [both, here]) expect(found[colour]).toBeGreaterThan(0);
    // A itself is shown as it is.
    expect(await colours(page, 0)).not.toHaveProperty(there);

    await page.getByLabel("Maps show").selectOption("event");
    await expect
      .poll(async () => Object.keys(await colours(page, 0)))
      .toEqual(expect.arrayContaining([both]));
    expect(await colours(page, 0)).not.toHaveProperty(there);
    await seekTo(page, 340);
    await expect
      .poll(async () => Object.keys(await colours(page, 0)))
      .toEqual(expect.arrayContaining([here]));
    await page.getByLabel("Maps show").selectOption("heap");
    await expect.poll(async () => Object.keys(await colours(page, 0))).not.toContain(both);
  });
});
