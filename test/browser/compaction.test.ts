import { describe, expect, it } from "vitest";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { Compacting } from "../../web/worker/compacting.ts";
import { reachedAt } from "../../web/worker/passes.ts";
import { collectRuns, Runs } from "../../web/worker/runs.ts";
import { type Move, Watcher } from "../../web/worker/watcher.ts";
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

/** A trace with references, and a collection of it that moves some of what they lead to. */
const lists = generateTrace("lru-cache", 1);
const listHeap = 2 * lists.peakLiveBytes;
const recorded = () => replay(lists, { ...choosePolicy("mark-compact"), heap: listHeap }).recording;

describe("the passes of a collection", () => {
  it("reach what lives afterwards, and rewrite as many references as the collector counts", () => {
    const recording = recorded();
    const playback = new Playback(lists, recording);
    const settings = { ...choosePolicy("mark-compact"), heap: listHeap };
    const found = recording.collections.filter(({ moves }) => moves > 0).slice(0, 3);
    expect(found.length).toBe(3);
    for (const { event, moves, updatedReferences } of found) {
      playback.seek(event + 1);
      const reached = reachedAt(playback, settings)!;
      const before = new Runs();
      const { space } = playback;
      const list: Move[] = [];
      const watcher = new Watcher(space, () =>
        collectRuns(before, space, 0, space.segmentLength(space.heap)),
      );
      playback.seek(event + 1, watcher);
      list.push(...watcher.moves);
      const passes = new Compacting(before, list, (slot) => space.id(slot)).passes(event + 1, reached);
      expect(list.length).toBe(moves);
      expect(passes.references + passes.roots).toBe(updatedReferences);
      expect(passes.waves.reduce((sum, each) => sum + each)).toBe(reached.objects);
      expect(passes.waves.length).toBeGreaterThan(2);
    }
  });
});

describeInBrowser("a collection pass by pass", (browser) => {
  it("shows marking, addresses, references and moves, each step by step", async () => {
    const { event, moves } = recorded().collections.find((each) => each.moves > 20)!;
    const { page, problems } = await browser.open(
      `#workload=lru-cache&policy=mark-compact&heap=${listHeap}&seed=1&event=${event + 1}`,
      { reducedMotion: "reduce" },
    );
    await drawn(page, event + 1);
    const doneOf = () => page.locator(".moves-done").innerText();
    const strips = (pass: string, done: number) =>
      page.locator(`.strips[data-pass="${pass}"][data-done="${done}"]`).waitFor();
    const grey = async () => {
      const found = await colours(page);
      return (found["150,144,138"] ?? 0) + (found["200,197,192"] ?? 0);
    };

    await page.getByRole("button", { name: "1 Mark" }).click();
    await expect.poll(doneOf).toMatch(/^(\d+) of \1$/);
    const marked = await grey();
    await page.getByRole("button", { name: "Before" }).click();
    await strips("mark", 0);
    await expect.poll(grey).toBeGreaterThan(marked);
    const unmarked = await grey();
    await page.getByRole("button", { name: "One wave forward" }).click();
    await strips("mark", 1);
    expect(await words(page, ".pass-note")).toMatch(/^The roots hold \d+ objects?/);
    await page.getByRole("button", { name: "One wave forward" }).click();
    await page.getByRole("button", { name: "One wave forward" }).click();
    await strips("mark", 3);
    await expect.poll(grey).toBeLessThan(unmarked);

    await page.getByRole("button", { name: "2 Addresses" }).click();
    await expect.poll(doneOf).toBe(`${moves} of ${moves}`);
    await page.getByRole("button", { name: "One address back" }).click();
    await strips("addresses", moves - 1);
    expect(await words(page, ".pass-note")).toMatch(/^Object \d+ goes from 0x\w+ to 0x\w+\.$/);

    await page.getByRole("button", { name: "3 References" }).click();
    expect(await words(page, ".pass-note")).toMatch(/lead to what moves, and are rewritten/);
    await page.getByRole("button", { name: "One reference back" }).click();

    await page.getByRole("button", { name: "Play all passes" }).click();
    await strips("moves", moves);
    expect(problems).toEqual([]);
  });
});
