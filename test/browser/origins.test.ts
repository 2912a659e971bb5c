import { describe, expect, it } from "vitest";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { writeHeaptrace } from "../../src/traces/heaptrace-writer.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { shortSite } from "../../web/format.ts";
import { Origins } from "../../web/worker/origins.ts";
import { violationsInBothThemes } from "./axe.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { colours, drawn, drop, words } from "./heap-page.ts";

/** A comb: 12 blocks by 12 functions in two threads, every other one freed again. */
function comb(): Trace {
  const builder = new TraceBuilder("comb");
  builder.records("thread", "site");
  builder.threads.push(71, 72);
  for (let i = 0; i < 12; i++) {
    const caller = builder.sites.add(0, `work_${i} (/home/me/app.c:${i})`);
    builder.details.site = builder.sites.add(caller, "/lib/pool.so:(pool_malloc+4)[0x40]");
    builder.details.thread = i % 2;
    builder.allocateAs(i, 96 + 16 * i);
  }
  builder.details.site = 0;
  for (let i = 0; i < 12; i += 2) builder.free(i);
  builder.allocateAs(99, 900);
  return builder.finish();
}

describe("where objects come from", () => {
  it("is the innermost function that does not allocate by its name; the greatest have a class of their own", () => {
    const origins = new Origins(comb());
    expect(origins.names.thread).toEqual(["72", "71"]);
    expect(origins.names.site).toEqual(["not known", ...[11, 10, 9, 8, 7, 6].map(nameOf), "6 others"]);
    expect([18, 11, 6, 5, 0].map((event) => origins.classOf("site", event))).toEqual([0, 1, 6, 7, 7]);
    expect([0, 1].map((event) => origins.thread(event))).toEqual(["71", "72"]);
    expect(origins.site(3)).toBe(nameOf(3));
  });

  it("is written without its folders", () => {
    const long = "/usr/sbin/mosquitto:(sub__clean_session+89)[0x3ed49]";
    expect(shortSite(long)).toBe("mosquitto:(sub__clean_session+89)");
    expect(shortSite("main (src/my app.c:12)")).toBe("main (my app.c:12)");
    expect(shortSite("[0x401170]")).toBe("[0x401170]");
  });
});

const nameOf = (i: number): string => `work_${i} (/home/me/app.c:${i})`;

describeInBrowser("where objects come from, on the page", (browser) => {
  it("colours the maps with names in the legend, and names who is in a request's way", async () => {
    const { page, problems } = await browser.open("#workload=sawtooth&policy=first-fit&heap=2x&colour=site");
    await drawn(page);
    expect(await words(page, ".legend")).toContain("live; of this trace no call site is known");
    await page.getByLabel("Colour by").selectOption("object");
    const choice = (name: string) => page.getByRole("option", { name, exact: true });
    expect(await choice("thread").isDisabled()).toBe(true);
    await drop(page, "comb.heaptrace", Buffer.concat([...writeHeaptrace(comb())]));
    await expect.poll(() => words(page, "h1")).toBe("comb.heaptrace");
    const heap = page.getByLabel("Heap", { exact: true });
    await heap.fill("2400");
    await heap.press("Enter");
    await page.getByRole("button", { name: "Next refusal" }).click();
    await drawn(page, 19);

    const byObject = JSON.stringify(await colours(page));
    await page.getByLabel("Colour by").selectOption("thread");
    await expect.poll(() => page.locator(".scale-name").allInnerTexts()).toEqual(["72", "71"]);
    await expect.poll(async () => JSON.stringify(await colours(page))).not.toBe(byObject);
    const byThread = JSON.stringify(await colours(page));
    await page.getByLabel("Colour by").selectOption("site");
    await expect.poll(() => words(page, ".legend")).toContain("work_11 (app.c:11)");
    await expect.poll(async () => JSON.stringify(await colours(page))).not.toBe(byThread);

    await expect
      .poll(() => words(page, ".blockers"))
      .toMatch(/2 live blocks pin .*, \d+ B of them asked for by work_\d+ \(app.c:\d+\)\./);
    await page.getByRole("button", { name: "which?" }).click();
    expect(await words(page, ".groups tbody tr:first-child")).toMatch(/^work_\d+ \(app\.c:\d+\) \d+ \d+ B$/);
    await page.locator(".blockers [data-id] button").first().click();
    await expect
      .poll(() => words(page, ".lane-A .detail"))
      .toMatch(/asked for by work_\d+ \(app.c:\d+\), thread 7\d$/);
    expect(await violationsInBothThemes(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});
