/**
 * `npm run bench:web`: the page in headless Chromium, as whoever uses it waits for it.
 *
 *   --json       for programs
 *   --quick      a tenth of the events and blocks
 *
 * Times are milliseconds: of a first picture from the begin of navigation; of a seek, a zoom or a pan from the input
 * event to the pixels, page and worker together.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { serve } from "../../src/cli/serve.ts";
import { writeWhole } from "../../src/node.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { writeHeaptrace } from "../../src/traces/heaptrace-writer.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { Random } from "../../src/workloads/random.ts";
import { findChromium, launchChromium } from "../browser/chromium.ts";
import { mqttLike } from "./traces.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
});
const scale = values.quick ? 10 : 1;
const executable = findChromium();
if (!executable)
  throw new Error("no Chromium or Chrome found; install one or set CHROMIUM_PATH to its program");

const LOADS = 5;
const SEEKS = 100;
const INPUTS = 200;
const built = `${import.meta.dirname}/../../dist/web`;
const folder = mkdtempSync(join(tmpdir(), "heapscape-web-"));
const served = await serve({ port: 0, directory: built });
const browser = await launchChromium(executable);

const spread = (times: readonly number[]) => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { median: at(0.5), p95: at(0.95), max: sorted[sorted.length - 1] };
};

/** Told to every page: when maps are drawn, what tasks were long, how far frames lie apart. */
function watch(): void {
  const bench = { first: 0, long: [] as number[], frames: [] as number[], drawn: () => {} };
  Object.assign(window, { bench });
  new MutationObserver((records) => {
    if (!records.some(({ target }) => (target as Element).classList?.contains("map-picture"))) return;
    bench.first ||= performance.now();
    bench.drawn();
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-event"] });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) bench.long.push(entry.duration);
  }).observe({ entryTypes: ["longtask"] });
  let before = performance.now();
  const frame = (now: number) => {
    bench.frames.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

interface Bench {
  readonly bench: { first: number; long: number[]; frames: number[]; drawn: () => void };
}

async function visit(browser: Browser): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  await page.addInitScript(watch);
  return { context, page };
}

const first = (page: Page) =>
  page
    .waitForFunction(() => (window as unknown as Bench).bench.first > 0, null, { timeout: 600_000 })
    .then(() => page.evaluate(() => (window as unknown as Bench).bench.first));

/** The default scenario in fresh profiles. */
async function loads() {
  const times: number[] = [];
  let scripts: string[] = [];
  for (let i = 0; i < LOADS; i++) {
    const { context, page } = await visit(browser);
    const asked: string[] = [];
    context.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(served.url);
    times.push(await first(page));
    scripts = [...new Set(asked.filter((path) => path.endsWith(".js")))];
    await context.close();
  }
  const bytes = scripts.map((path) => gzipSync(readFileSync(join(built, path)), { level: 9 }).length);
  return { firstPictureMs: spread(times), compressedScriptBytes: bytes.reduce((a, b) => a + b, 0) };
}

/** Opens a trace as a file that a person chooses, and waits until it is on the page. */
async function opened(page: Page, trace: Trace, address: string) {
  const file = join(folder, `${trace.name}.heaptrace`);
  writeWhole(file, writeHeaptrace(trace));
  await page.goto(`${served.url}${address}`);
  await first(page);
  // Nobody has chosen a file by then; what the first view still draws is no part of the import.
  await page.waitForTimeout(1500);
  await page.evaluate(() => {
    const { bench } = window as unknown as Bench;
    bench.long.length = 0;
    bench.frames.length = 0;
  });
  const began = performance.now();
  await page.getByLabel("Trace file").setInputFiles(file);
  await page.waitForFunction(
    (name) => document.querySelector("h1")?.textContent === name,
    `${trace.name}.heaptrace`,
    { timeout: 600_000 },
  );
  const ms = performance.now() - began;
  const { bench } = await page.evaluate(() => ({ bench: (window as unknown as Bench).bench.long }));
  return {
    ms,
    longestTaskMs: Math.max(0, ...bench),
    tasksOver50ms: bench.filter((each) => each > 50).length,
  };
}

/** Resident bytes of the largest renderer: the tab, page and worker. Linux only. */
async function tabBytes(): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const resident = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => {
      try {
        const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8")) ?? [];
        return 1024 * Number(kib ?? 0);
      } catch {
        return 0;
      }
    });
  return Math.max(0, ...resident);
}

/** The slider is dragged to random events. */
async function seeks(page: Page, events: number) {
  const random = new Random(11);
  const wanted = Array.from({ length: SEEKS }, () => random.below(events + 1));
  const times = await page.evaluate(async (moments) => {
    const { bench } = window as unknown as Bench;
    const slider = document.querySelector<HTMLInputElement>(".scrubber input")!;
    const times: number[] = [];
    for (const moment of moments) {
      const began = performance.now();
      const drawn = new Promise<void>((resolve) => {
        bench.drawn = () => {
          if (document.querySelector(`.map-picture[data-event="${moment}"]`)) resolve();
        };
      });
      slider.value = String(moment);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await drawn;
      times.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    return times;
  }, wanted);
  return spread(times);
}

/** Keys and wheel on the map, one at each frame that the one before has reached. */
async function zoomAndPan(page: Page) {
  await page.locator(".map-stage").first().focus();
  return page.evaluate(async (inputs) => {
    const { bench } = window as unknown as Bench;
    const stage = document.querySelector<HTMLElement>(".map-stage")!;
    const box = stage.getBoundingClientRect();
    const press = (key: string) =>
      stage.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    const wheel = (deltaY: number, shiftKey = false) =>
      stage.dispatchEvent(
        new WheelEvent("wheel", {
          deltaY,
          shiftKey,
          clientX: box.x + box.width * 0.6,
          clientY: box.y + box.height * 0.4,
          bubbles: true,
          cancelable: true,
        }),
      );
    const round = [
      () => wheel(-1),
      () => wheel(100, true),
      () => press("w"),
      () => press("d"),
      () => wheel(-1),
      () => wheel(-100, true),
      () => press("w"),
      () => press("a"),
      () => wheel(1),
      () => wheel(1),
      () => wheel(100, true),
      () => press("s"),
      () => press("s"),
    ];
    const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const times: number[] = [];
    const warm = round.length;
    for (let i = 0; i < inputs + warm; i++) {
      if (i === warm) bench.frames.length = 0;
      let done = false;
      const began = performance.now();
      const drawn = new Promise<void>((resolve) => {
        bench.drawn = () => {
          done = true;
          resolve();
        };
      });
      round[i % round.length]();
      await Promise.race([drawn, new Promise((resolve) => setTimeout(resolve, 1000))]);
      if (i >= warm && done) times.push(performance.now() - began);
      await next();
    }
    return { times, frames: bench.frames.slice() };
  }, INPUTS);
}

/** A heap of `blocks` live blocks with holes between them. */
function crowded(blocks: number): Trace {
  const builder = new TraceBuilder("crowded");
  const random = new Random(5);
  const total = Math.round(blocks * 1.25);
  for (let id = 0; id < total; id++) builder.allocateAs(id, 16 + random.below(120));
  for (let id = 0; id < total; id += 5) builder.free(id);
  return builder.finish();
}

async function measured<T>(body: (page: Page) => Promise<T>): Promise<T> {
  const { context, page } = await visit(browser);
  try {
    return await body(page);
  } finally {
    await context.close();
  }
}

try {
  const load = await loads();
  const five = mqttLike("five-million", 100_000 / scale, 5_000_000 / scale).trace;
  const imported = await measured(async (page) => {
    const open = await opened(page, five, "#workload=sawtooth&policy=tlsf&heap=1.5x");
    await page.waitForTimeout(3000);
    return { events: five.events, ...open, tabBytes: await tabBytes() };
  });
  const ten = mqttLike("ten-million", 100_000 / scale, 10_000_000 / scale).trace;
  const seek = await measured(async (page) => {
    await opened(page, ten, "#workload=sawtooth&policy=tlsf&heap=1.5x");
    await page.waitForTimeout(8000);
    return { events: ten.events, ms: await seeks(page, ten.events), tabBytes: await tabBytes() };
  });
  const million = crowded(1_000_000 / scale);
  const zoom = await measured(async (page) => {
    await opened(page, million, `#workload=sawtooth&policy=tlsf&heap=1.5x`);
    const field = page.getByRole("textbox", { name: "Event" });
    await field.fill(String(million.events));
    await field.press("Enter");
    await page.waitForTimeout(3000);
    const { times, frames } = await zoomAndPan(page);
    return {
      blocks: 1_000_000 / scale,
      ms: spread(times),
      frames: frames.length,
      framesOver34ms: frames.filter((each) => each > 34).length / frames.length,
    };
  });
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, browser: browser.version() };
  const result = { machine, load, imported, seek, zoom };
  if (values.json) console.log(JSON.stringify(result));
  else {
    const ms = ({ median, p95, max }: ReturnType<typeof spread>) =>
      `${median.toFixed(1)} / ${p95.toFixed(1)} / ${max.toFixed(1)} ms (median / p95 / max)`;
    const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
    console.log(`${machine.cpu}, ${machine.cores} cores, Chromium ${machine.browser}
first picture: ${ms(load.firstPictureMs)}, to be reached 1000; scripts ${(load.compressedScriptBytes / 1000).toFixed(0)} KB of 250
${imported.events} events imported and replayed in ${imported.ms.toFixed(0)} ms: longest task of the page ${imported.longestTaskMs.toFixed(0)} ms of 50; tab ${mb(imported.tabBytes)} of 1500
seek among ${seek.events} events: ${ms(seek.ms)}, to be reached p95 100; tab ${mb(seek.tabBytes)}
zoom and pan, ${zoom.blocks} blocks: ${ms(zoom.ms)}, to be reached p95 16; frames over 34 ms ${(100 * zoom.framesOver34ms).toFixed(1)} % of ${zoom.frames}, to be reached 1 %`);
  }
} finally {
  await browser.close();
  await served.close();
  rmSync(folder, { recursive: true });
}
