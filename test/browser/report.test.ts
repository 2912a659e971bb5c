import { AxeBuilder } from "@axe-core/playwright";
import { expect, it } from "vitest";
import { cells, runCells } from "../../src/engine/run-cells.ts";
import { htmlPage } from "../../src/report/html.ts";
import { CHECKED, PLAIN } from "../report/reports.ts";
import { describeInBrowser } from "./describe-in-browser.ts";

describeInBrowser("the HTML report", (browser) => {
  it.each([
    ["light", 1440],
    ["dark", 360],
  ] as const)(
    "has no violations that axe can find, nor anything to scroll sideways: %s, %i px",
    async (colorScheme, width) => {
      const jobs = cells(["workload:string-append"], ["first-fit", "mark-compact"], ["1.2x"]);
      const { cells: drawn } = await runCells(jobs, { history: true });
      const report = htmlPage.write({ ...CHECKED, cells: [...CHECKED.cells, ...drawn] }, PLAIN);
      const { page, problems } = await browser.open("about:blank", {
        colorScheme,
        viewport: { width, height: 800 },
      });
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.setContent(report);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
        ),
      ).toEqual([]);
      expect(await page.locator("svg.chart").count()).toBe(6);
      expect([asked, problems]).toEqual([[], []]);
    },
  );
});
