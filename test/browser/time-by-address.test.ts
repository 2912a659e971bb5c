import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { State } from "../../src/space/space.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { type BandCells, ROWS } from "../../web/worker/address-band.ts";
import { timeByAddress } from "../../web/worker/time-by-address.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { cursor, drawn } from "./heap-page.ts";

const { signal } = new AbortController();

/** Live and other bytes of each row, by a walk of the space. */
function walked(playback: Playback, { origin, rowBytes }: BandCells): [number[], number[]] {
  const { space } = playback;
  const rows: [number[], number[]] = [new Array(ROWS).fill(0), new Array(ROWS).fill(0)];
  for (let node = space.next(space.heap); node !== space.heap; node = space.next(node))
    if (node > 0)
      for (let at = space.start(node); at < space.end(node); at += 4) {
        const row = Math.floor((at - origin) / rowBytes);
        if (at >= origin && row < ROWS) rows[space.state(node) === State.live ? 0 : 1][row] += 4;
      }
  return rows;
}

const shares = (bytes: number[], rowBytes: number) =>
  bytes.map((each) => (each === 0 ? 0 : Math.max(1, Math.round((each / rowBytes) * 255))));

describe("time x address", () => {
  const cases = [
    ["sawtooth", "first-fit", "grow", undefined],
    ["linked-list", "mark-compact", "2.5x", undefined],
    ["lru-cache", "semispace", "4x", undefined],
    ["sawtooth", "glibc", "grow", { low: 256, high: 256 + 64 * ROWS }],
  ] as const;
  for (const [call, policy, heap, range] of cases)
    it(`has what a walk finds: ${call} on ${policy}${range ? ", a part of the heap" : ""}`, async () => {
      const trace = generateTrace(call, 3);
      const room = heap === "grow" ? heap : Number.parseFloat(heap) * trace.peakLiveBytes;
      const { recording } = replay(trace, { ...choosePolicy(policy), heap: room });
      const from = range ? Math.floor(trace.events / 3) : 0;
      const request = { from, to: trace.events, columns: 20, range };
      const found = await timeByAddress(trace, recording, request, signal);
      const playback = new Playback(trace, recording);
      for (const column of [0, 7, 13, 18]) {
        playback.seek(Math.round(from + ((trace.events - from) * (column + 1)) / 20));
        const [live, other] = walked(playback, found.heap);
        const here = (cells: Uint8Array) => [...cells.subarray(column * ROWS, (column + 1) * ROWS)];
        // Rows that were halved on the way are rounded more than once.
        const near = (a: number[], b: number[]) =>
          a.every((each, i) => Math.abs(each - b[i]) <= 8 && (each === 0) === (b[i] === 0));
        expect(near(here(found.heap.live), shares(live, found.heap.rowBytes))).toBe(true);
        expect(near(here(found.heap.other), shares(other, found.heap.rowBytes))).toBe(true);
        expect(found.ends[column]).toBe(playback.space.segmentLength(playback.space.heap));
      }
      const moved = found.heap.moved.some((flag) => flag === 1);
      expect(moved).toBe(recording.collections.some(({ moves }) => moves > 0));
    });
});

const picture = ".lane-A .plot-picture[data-span]";

/** The picture's box, and a press on it at these shares of its width and height. */
async function pressAt(page: Page, x: number, y: number): Promise<void> {
  await page.locator(picture).scrollIntoViewIfNeeded();
  const box = (await page.locator(picture).boundingBox())!;
  await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
}

describeInBrowser("time x address in the page", (browser) => {
  it("is linked with the map: presses seek and scroll, the strip marks out what the map shows", async () => {
    const { page, problems } = await browser.open(
      "#workload=lru-cache&policy=mark-compact&heap=2x&event=20000",
      { viewport: { width: 1200, height: 1500 } },
    );
    await drawn(page, 20_000);
    await page.locator(picture).waitFor();
    await pressAt(page, 0.5, 0.5);
    const at = await cursor(page);
    expect(Math.abs(at / 75_088 - 0.5)).toBeLessThan(0.02);

    // Marked out on the strip from a quarter to a half of the heap.
    const box = (await page.locator(picture).boundingBox())!;
    const strip = box.x + box.width + 13;
    await page.mouse.move(strip, box.y + 0.5 * box.height);
    await page.mouse.down();
    await page.mouse.move(strip, box.y + 0.7 * box.height, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => page.url()).toMatch(/zoom=[1-9]/);
    await page.locator(".brush-part").waitFor();
    const top = () => Number(new URLSearchParams(page.url().split("#")[1]).get("top"));
    await expect.poll(top).toBeGreaterThan(0);

    // A press near the top of the picture scrolls the map up to high addresses.
    const before = top();
    await pressAt(page, 0.6, 0.05);
    await expect.poll(top).toBeGreaterThan(before);

    // And what the map shows can be all of the picture.
    await page.getByLabel("only the map’s part").first().check();
    await expect
      .poll(() => page.locator(".lane-A .plot").nth(1).locator(".tick text").first().textContent())
      .not.toBe("0x00000");
    expect(problems).toEqual([]);
  });

  it("zooms in time with all other charts, and back", async () => {
    const { page } = await browser.open("#workload=lru-cache&policy=mark-compact&heap=2x&event=20000");
    await drawn(page, 20_000);
    await page.locator(picture).waitFor();
    const span = () => page.locator(picture).getAttribute("data-span");
    await expect.poll(span).toBe("0-75088");
    await page.getByRole("button", { name: "Show less time, policy 1" }).click();
    await page.getByRole("button", { name: "Show less time, policy 1" }).click();
    await expect.poll(span).toBe("15000-33772");
    await pressAt(page, 0.5, 0.5);
    expect(Math.abs((await cursor(page)) - 24_386)).toBeLessThan(100);
    await page.getByRole("button", { name: "All", exact: true }).first().click();
    await expect.poll(span).toBe("0-75088");
  });
});
