import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { Space } from "../../src/space/space.ts";
import { Op } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { Births, NEVER } from "../../web/worker/births.ts";
import { boundsOf, classOf } from "../../web/worker/colouring.ts";
import { histogramOf } from "../../web/worker/histogram.ts";
import { MoveCounts } from "../../web/worker/move-counts.ts";
import { inksOf } from "../../web/worker/palette.ts";
import { collectRuns, type Runs } from "../../web/worker/runs.ts";
import { type Range, Scene } from "../../web/worker/scene.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { colours, drawn, seekTo } from "./heap-page.ts";

const trace = generateTrace("sawtooth", 1);

describe("what colours are made from", () => {
  it("births and deaths are those of the events, forward and back", () => {
    const births = new Births(trace);
    const { op, row } = trace.chunks[0];
    for (const event of [50, 200, 20]) {
      const found = births.at(event);
      for (const at of new Set(row.subarray(0, event))) {
        let last = -1;
        for (let i = 0; i < event; i++) if (row[i] === at && op[i] < Op.reallocate) last = i;
        expect(found[at]).toBe(last);
      }
    }
    const first = op.indexOf(Op.free);
    const born = row.lastIndexOf(row[first], first - 1);
    expect(births.deaths[born]).toBe(first);
    expect(births.deaths[first]).toBe(NEVER);
  });

  it("moves are counted from birth to the moment", () => {
    const lists = generateTrace("linked-list", 1);
    const { recording } = replay(lists, { ...choosePolicy("mark-compact"), heap: 3 * lists.peakLiveBytes });
    const last = recording.collections.findLast(({ moves }) => moves > 0)!.event + 1;
    const counts = new MoveCounts(lists, recording);
    const sum = (event: number) => counts.at(event).reduce((all, each) => all + each, 0);
    const all = recording.collections.reduce((total, { moves }) => total + moves, 0);
    expect(sum(last)).toBeGreaterThan(0);
    expect(sum(last)).toBeLessThanOrEqual(all);
    expect(sum(0)).toBe(0);
  });

  it("classes ascend, whatever the length of the trace", () => {
    for (const events of [1, 10, 1e7]) {
      const bounds = boundsOf("age", events);
      expect(bounds.toSorted((a, b) => a - b)).toEqual(bounds);
      expect(new Set(bounds).size).toBe(bounds.length);
    }
    expect([0, 1, 4, 1000].map((n) => classOf(n, boundsOf("moves", 1)))).toEqual([0, 1, 3, 7]);
  });
});

describe("a scene", () => {
  /** A comb of 80,000 teeth. */
  function comb(): Space {
    const space = new Space({ granule: 8, heap: 1 << 21 });
    for (let i = 0; i < 80_000; i++) {
      const slot = space.ask(8, i);
      space.claim(slot, 24 * i, i % 1000 === 0 ? 24 : 8);
    }
    return space;
  }

  it("paints the same from its pyramid as from its runs, at every level", () => {
    const space = comb();
    const segments = [{ start: 0, length: 1 << 21 }];
    const request = { lane: 0, width: 256, height: 128, theme: "light", colouring: "object" } as const;
    const look = (runs: Runs, ranges: readonly Range[]) => {
      for (const { from, to } of ranges) collectRuns(runs, space, from, to);
    };
    const inks = inksOf("light");
    for (const rowBytes of [1 << 16, 1 << 15]) {
      const view = { rowBytes, rowHeight: 2, top: 0 };
      const asked = {
        ...request,
        view,
        filter: undefined,
        moves: undefined,
        waves: undefined,
        against: undefined,
      };
      const fresh = new Scene(space).picture(asked, segments, look);
      const kept = new Scene(space);
      kept.picture({ ...asked, view: { ...view, rowBytes: 1 << 14 } }, segments, look);
      kept.picture({ ...asked, view: { ...view, rowBytes: 1 << 14 } }, segments, look);
      const again = kept.picture(asked, segments, look);
      const differ = [...fresh.pixels].filter((byte, i) => Math.abs(byte - again.pixels[i]) > 24).length;
      expect(differ / fresh.pixels.length).toBeLessThan(0.02);
      expect(again.pixels.some((byte, i) => i % 4 === 0 && byte !== (inks.hole & 255))).toBe(true);
    }
  });

  it("counts blocks and holes by length", () => {
    const { live, holes } = histogramOf(comb(), 0);
    expect(live.counts[3]).toBe(79_920);
    expect(live.counts[4]).toBe(80);
    expect(live.bytes[4]).toBe(80 * 24);
    expect(holes.counts[4]).toBe(79_919);
  });
});

const option = (page: Page, value: string) => page.getByLabel("Colour by").selectOption(value);

describeInBrowser("the looks of a map", (browser) => {
  it("colours by age, size, lifetime, moves and phase, with a legend, and the link keeps it", async () => {
    const { page, problems } = await browser.open(
      "#workload=mqtt&policy=mark-compact&heap=1.5x&seed=1&event=15000",
    );
    await drawn(page, 15_000);
    const seen = new Set([JSON.stringify(await colours(page))]);
    for (const value of ["age", "size", "lifetime", "moves", "phase"]) {
      await option(page, value);
      await expect.poll(async () => seen.has(JSON.stringify(await colours(page)))).toBe(false);
      seen.add(JSON.stringify(await colours(page)));
      expect(await page.locator(".scale-key").count()).toBeGreaterThan(1);
    }
    await option(page, "age");
    await expect.poll(() => page.url()).toContain("colour=age");
    await page.reload();
    await drawn(page, 15_000);
    expect(await page.getByLabel("Colour by").inputValue()).toBe("age");
    expect(problems).toEqual([]);
  });

  it("shows lengths as bars that filter the map, with the figures of the space", async () => {
    const event = 40;
    const { page } = await browser.open(`#workload=sawtooth&policy=first-fit&heap=2x&seed=1&event=${event}`);
    await drawn(page, event);
    const { recording } = replay(trace, { ...choosePolicy("first-fit"), heap: 2 * trace.peakLiveBytes });
    const playback = new Playback(trace, recording);
    const numbers = (kind: string) =>
      page
        .locator(`.bar-${kind}`)
        .evaluateAll((bars) => bars.map((bar) => Number((bar as HTMLElement).dataset.count)));
    await page.getByRole("button", { name: "Lengths of blocks and holes of policy A" }).click();
    for (const at of [event, 90]) {
      if (at !== event) await seekTo(page, at);
      playback.seek(at);
      const { live, holes } = histogramOf(playback.space, at);
      const some = (counts: readonly number[]) => counts.filter((each) => each > 0);
      await expect.poll(async () => some(await numbers("live"))).toEqual(some(live.counts));
      expect(some(await numbers("hole"))).toEqual(some(holes.counts));
    }
    const before = JSON.stringify(await colours(page));
    await page.locator(".bar-hole:enabled").first().click();
    await expect.poll(async () => Object.keys(await colours(page))).toContain("255,176,0");
    await page.getByRole("button", { name: "show all" }).click();
    await expect.poll(async () => JSON.stringify(await colours(page))).toBe(before);
  });
});
