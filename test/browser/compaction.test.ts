import { describe, expect, it } from "vitest";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { takeApart } from "../../web/worker/compacting.ts";
import { reachedAt } from "../../web/worker/passes.ts";
import { violationsInBothThemes } from "./axe.ts";
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

  it("slides by itself, pauses, and ends on the last frame", async () => {
    const { event, moves } = firstOfThree();
    const { page } = await browser.open(`${place}&event=${event + 1}`);
    await drawn(page, event + 1);
    await page.getByRole("button", { name: "Play the moves" }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    const done = await page.locator(".moves-done").innerText();
    expect(done).not.toBe(`${moves} of ${moves}`);
    await page.waitForTimeout(200);
    expect(await page.locator(".moves-done").innerText()).toBe(done);
    await page.getByRole("button", { name: "Play the moves" }).click();
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
      const { watcher, compacting } = takeApart(playback.space, "first", (eyes) =>
        playback.seek(event + 1, eyes),
      );
      const passes = compacting!.passes(event + 1, reached);
      expect(watcher.moves.length).toBe(moves);
      expect(passes.references + passes.roots).toBe(updatedReferences);
      expect(passes.waves.reduce((sum, each) => sum + each)).toBe(reached.objects);
      expect(passes.waves.length).toBeGreaterThan(2);
    }
  });
});

describeInBrowser("an event with several collections", (browser) => {
  it("shows each of them pass by pass", async () => {
    const trace = generateTrace("sawtooth", 1);
    const room = Math.ceil((1.5 * trace.peakLiveBytes) / 64) * 64;
    const { recording } = replay(trace, { ...choosePolicy("hotspot-serial"), heap: room });
    const { collections } = recording;
    const first = collections.findIndex(({ event }, i) => collections[i + 1]?.event === event);
    const [young, full] = collections.slice(first, first + 2);
    expect(young.moves).not.toBe(full.moves);
    const { page, problems } = await browser.open(
      `#workload=sawtooth&policy=hotspot-serial&heap=${room}&seed=1&event=${young.event + 1}`,
      { reducedMotion: "reduce" },
    );
    await drawn(page, young.event + 1);
    const doneOf = () => page.locator(".moves-done").innerText();
    await expect.poll(doneOf).toBe(`${young.moves} of ${young.moves}`);
    expect(await words(page, ".caption")).toContain("2 collections:");
    const whole = JSON.stringify(await colours(page));
    const picker = page.getByLabel("Which collection of the event, policy A");
    await picker.selectOption("1");
    await expect.poll(doneOf).toBe(`${full.moves} of ${full.moves}`);
    await page.getByRole("button", { name: "One object back" }).click();
    await expect.poll(async () => JSON.stringify(await colours(page))).not.toBe(whole);
    await page.getByRole("button", { name: "1 Mark" }).click();
    await expect.poll(() => words(page, ".pass-note")).toMatch(/are reached/);
    expect(await violationsInBothThemes(page)).toEqual([]);
    // After the first one the heap is as the second one finds it.
    await picker.selectOption("0");
    await expect.poll(doneOf).toBe(`${young.moves} of ${young.moves}`);
    await expect.poll(async () => JSON.stringify(await colours(page))).not.toBe(whole);
    expect(problems).toEqual([]);
  });

  it("shows the marking also where nothing moves", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=mark-sweep&heap=1.25x&seed=1&event=0");
    await drawn(page, 0);
    await page.getByRole("button", { name: "Next collection" }).click();
    await page.getByRole("button", { name: "Show its marking" }).click();
    await expect.poll(() => words(page, ".pass-note")).toMatch(/The roots hold \d+ objects; (\S+) of \1 are/);
    expect(await page.getByRole("button", { name: "4 Moves" }).isDisabled()).toBe(true);
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
