import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { History } from "../../src/engine/result.ts";
import { STYLE } from "../../src/report/html/style.ts";
import { htmlPage } from "../../src/report/html.ts";
import { CHECKED, cell, EMPTY, FAILED, PLAIN } from "./reports.ts";

const series = (name: string, width: number, values: readonly number[], spike = 0) => ({
  ...{ name, width },
  ...{ min: Float64Array.from(values), last: Float64Array.from(values) },
  max: Float64Array.from(values, (value) => value + spike),
});
const history: History = {
  series: [
    series("liveBytes", 2, [0, 32, 16]),
    series("heapBytes", 2, [64, 64, 64]),
    series("holes", 2, [1, 2, 4], 4),
    series("externalFragmentation", 2, [0, 0.5, 0.25]),
  ],
  collections: [],
};
const drawn = cell(
  "first-fit",
  64,
  { "heapBytes.max": 64, "holes.max": 8, "externalFragmentation.max": 0.5 },
  { events: 6, history },
);
const pathOf = (page: string, className: string): string[] =>
  [...page.matchAll(new RegExp(`<path class="${className}" d="([^"]*)"`, "g"))].map(([, d]) => d);

describe("the HTML report", () => {
  it("says first whether the check failed, then each finding", () => {
    const page = htmlPage.write(CHECKED, PLAIN);
    expect(page).toContain("<h1>The check failed: 2 errors</h1>");
    expect([...page.matchAll(/<li class="(\w+)">/g)].map(([, level]) => level)).toEqual([
      "error",
      "error",
      "improvement",
    ]);
    expect(page).toContain(
      '<b>externalFragmentation.max</b> <span class="value">0.25 → 0.5</span><span class="share">+100%</span>',
    );
    const passed = { ...CHECKED, verdict: { ...CHECKED.verdict!, findings: [] } };
    expect(htmlPage.write(passed, PLAIN)).toContain("<h1>The check passed</h1>");
  });

  it("draws what happened on the same axes, and no spike is lost", () => {
    const page = htmlPage.write({ ...EMPTY, cells: [drawn] }, PLAIN);
    // 62 is event 0, 378 event 6; 8 is the top, 118 the bottom.
    expect(pathOf(page, "live")).toEqual(["M167.3,118.0L167.3,118.0L272.7,63.0L378.0,90.5L378.0,118.0Z"]);
    expect(pathOf(page, "heap")).toEqual(["M167.3,8.0L272.7,8.0L378.0,8.0"]);
    expect(pathOf(page, "line")[1]).toBe("M167.3,118.0L272.7,63.0L378.0,90.5");
    expect(pathOf(page, "spread")[0]).toBe(
      "M167.3,49.3L272.7,35.5L378.0,8.0L378.0,63.0L272.7,90.5L167.3,104.3Z",
    );
  });

  it("has bars as long as their share of the greatest", () => {
    const cells = [2, 8, 0].map((refusals) => cell("first-fit", "grow", { refusals }));
    const page = htmlPage.write({ ...EMPTY, cells }, PLAIN);
    const widths = [...page.matchAll(/class="refused".*?style="width:([\d.]+)%"/g)].map(([, width]) => width);
    expect(widths).toEqual(["25", "100", "0"]);
  });

  it("needs nothing from elsewhere, and runs nothing", () => {
    const page = htmlPage.write({ ...CHECKED, cells: [...CHECKED.cells, drawn] }, PLAIN);
    expect(page).not.toMatch(/https?:|<script|<link|src=|href=|url\(|@import| on\w+=/);
  });

  it("has the page's colours", () => {
    const tokens = readFileSync(`${import.meta.dirname}/../../web/styles/tokens.css`, "utf8");
    const colours = (css: string) =>
      [...css.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => [name, value]);
    const [light, dark] = tokens
      .split('[data-theme="dark"]')
      .map((part) => Object.fromEntries(colours(part)));
    const [own, ownDark] = STYLE.text.split(/@media .*dark\) |\* \{/);
    expect(light).toMatchObject(Object.fromEntries(colours(own)));
    expect(dark).toMatchObject(Object.fromEntries(colours(ownDark)));
    const named = (css: string): string[] => colours(css).map(([name]) => name);
    expect(named(own)).toEqual(expect.arrayContaining(named(ownDark)));
    for (const [, used] of STYLE.text.matchAll(/var\((--[\w-]+)\)/g))
      if (used !== "--tone") expect(named(own)).toContain(used);
  });

  it("takes no name for markup, and is whole without cells", () => {
    const page = htmlPage.write(FAILED, PLAIN);
    expect(page).toContain("<h1>1 cell did not end</h1>");
    expect(page).toContain("a,b &#34;c&#34;|&#60;d&#62;&#38;%:");
    expect(htmlPage.write(EMPTY, PLAIN)).toContain("<h1>Nothing was replayed</h1>");
  });

  it("draws the first cells of many, and says so", () => {
    const page = htmlPage.write({ ...EMPTY, cells: Array.from({ length: 70 }, () => ({ ...drawn })) }, PLAIN);
    expect(page.match(/class="charts"/g)).toHaveLength(60);
    expect(page).toContain("Charts are drawn of the first 60 cells.");
  });
});
