/** The README's pictures are what the page saves. `npm run test:browser -- gallery -u` takes them anew. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { GALLERY, pictureOf } from "../readme/gallery.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn } from "./heap-page.ts";

describeInBrowser("the README's gallery", (browser) => {
  it.each(GALLERY)("shows $scenario as the page does", async ({ scenario, event, policies }) => {
    const shown = policies.map((policy) => `&policy=${policy}`).join("");
    const { page } = await browser.open(`#scenario=${scenario}${shown}&event=${event}`, {
      viewport: { width: 800, height: 900 },
    });
    await drawn(page, event);
    await page.getByRole("button", { name: "Save…" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "SVG", exact: true }).click();
    const svg = readFileSync(await (await download).path(), "utf8");
    await expect(svg).toMatchFileSnapshot(pictureOf(scenario));
  });
});
