import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { expect, it } from "vitest";
import { bytesOf } from "../traces/recorders/samples.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, drop, seekTo, words } from "./heap-page.ts";

const good = "a 1 100\na 2 50\nf 1\na 3 400\n";

describeInBrowser("files in the page", (browser) => {
  it("replays a dropped trace", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    await drop(page, "small.trace", good);
    await expect.poll(() => words(page, "h1")).toBe("small.trace");
    await seekTo(page, 4);
    expect(await words(page, ".lane-A .caption")).toContain("malloc 400 B");
  });

  it("replays one in an arena where the policy at hand cannot grow", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=tlsf&heap=1.5x");
    await drawn(page);
    await drop(page, "small.trace", good);
    await expect.poll(() => words(page, "h1")).toBe("small.trace");
    expect(await page.getByLabel("Heap", { exact: true }).inputValue()).toBe("1.5x");
  });

  it("says what is wrong with a malformed one, and goes on working", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    await drop(page, "bad.trace", "a 1 100\na 1 x50\n");
    await expect.poll(() => words(page, ".problem p")).toMatch(/^bad\.trace:2: .*"a 1 x50"$/);
    expect(await words(page, "h1")).toContain("sawtooth");
    await seekTo(page, 30);
    await drop(page, "again.trace", good);
    await expect.poll(() => words(page, "h1")).toBe("again.trace");
    expect(await page.locator(".problem").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("takes gzip off, and says when it is damaged", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    await drop(page, "small.trace.gz", gzipSync(good));
    await expect.poll(() => words(page, "h1")).toBe("small.trace.gz");
    await drop(page, "cut.trace.gz", gzipSync(good).subarray(0, 20));
    await expect.poll(() => words(page, ".problem p")).toMatch(/^cut\.trace\.gz: the gzip data is damaged/);
    expect(await words(page, "h1")).toBe("small.trace.gz");
  });

  it("takes what recorders write, also out of zstd and zip, and says what was let pass", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    await drop(page, "broker.zst", bytesOf("broker.heaptrack.raw.zst"));
    await expect.poll(() => words(page, "h1")).toBe("broker.zst");
    expect(await words(page, "section.question")).toContain("Fidelity: exact.");
    await drop(page, "broker.zip", zipSync({ "broker.txt": bytesOf("broker.bpftrace.txt") }));
    await expect.poll(() => words(page, "h1")).toBe("broker.zip");
    const said = await words(page, "section.question");
    expect(said).toMatch(/Fidelity: partial; let pass: .*216 × lost event/);
    await drop(page, "dhat.out", '{"dhatFileVersion":2}');
    await expect.poll(() => words(page, ".problem p")).toMatch(/^dhat\.out: DHAT profile: it holds sums/);
    expect(problems).toEqual([]);
  });

  it("takes a network capture", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    await drop(page, "hello.pcap", readFileSync(`${import.meta.dirname}/../fixtures/mqtt/hello.pcap`));
    await expect.poll(() => words(page, "h1")).toBe("hello.pcap");
    expect(await words(page, "section.question")).toContain("Fidelity: derived.");
    expect(problems).toEqual([]);
  });

  it("can be cancelled, and then shows what it showed before", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    // Every later request is looked for in 4,000 holes that are too short: seconds of work, in many pieces.
    let text = "";
    for (let id = 0; id < 8000; id++) text += `a ${id} 40\n`;
    for (let id = 0; id < 8000; id += 2) text += `f ${id}\n`;
    for (let id = 8000; id < 600_000; id++) text += `a ${id} 200\n`;
    await drop(page, "long.trace.gz", gzipSync(text));
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => words(page, ".problem p")).toMatch(/^Cancelled/);
    expect(await words(page, "h1")).toContain("sawtooth");
    await seekTo(page, 30);
  });

  it("says what is wrong with an option or a heap, and keeps what it showed", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    const heap = page.getByLabel("Heap", { exact: true });
    await heap.fill("many");
    await heap.press("Enter");
    await expect.poll(() => words(page, ".problem p")).toMatch(/^heap "many"/);
    expect(await heap.inputValue()).toBe("1.5x");
    await page.getByRole("button", { name: "Dismiss" }).click();
    await seekTo(page, 20);
  });

  it("says that a file is too large, or of a kind that it does not read, and goes on working", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    const folder = mkdtempSync(join(tmpdir(), "heapscape-"));
    const large = join(folder, "large.trace");
    writeFileSync(large, "a 1 100\n");
    truncateSync(large, 1.5 * 1024 ** 3);
    try {
      await page.getByLabel("Trace file").setInputFiles(large);
      await expect
        .poll(() => words(page, ".problem p"))
        .toBe(
          'large.trace: 1.5 GiB are more than the 1 GiB that the page opens; "heapscape run large.trace" replays it on the command line',
        );
    } finally {
      rmSync(folder, { recursive: true });
    }
    await seekTo(page, 30);
    const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", "base64");
    await drop(page, "picture.png", png);
    await expect.poll(() => words(page, ".problem p")).toMatch(/^picture\.png\b.*/);
    await seekTo(page, 40);
    expect(problems).toEqual([]);
  });

  it("comes back to what it showed when the worker dies while it opens a file", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x&event=20");
    await drawn(page, 20);
    let text = "";
    for (let id = 0; id < 8000; id++) text += `a ${id} 40\n`;
    for (let id = 0; id < 8000; id += 2) text += `f ${id}\n`;
    for (let id = 8000; id < 600_000; id++) text += `a ${id} 200\n`;
    await drop(page, "long.trace.gz", gzipSync(text));
    await page.getByRole("button", { name: "Cancel" }).waitFor();
    await page.evaluate(() =>
      (window as unknown as { heapscape: { killEngine(): void } }).heapscape.killEngine(),
    );
    await expect.poll(() => words(page, ".problem p")).toContain("was started again");
    expect(await words(page, "h1")).toContain("sawtooth");
    await seekTo(page, 25);
    expect(await words(page, ".lane-A .caption")).toContain("Event 25");
  });

  it("starts a worker that died again, and says so", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x&event=20");
    await drawn(page, 20);
    await page.evaluate(() =>
      (window as unknown as { heapscape: { killEngine(): void } }).heapscape.killEngine(),
    );
    await expect.poll(() => words(page, ".problem p")).toContain("was started again");
    await seekTo(page, 25);
  });
});
