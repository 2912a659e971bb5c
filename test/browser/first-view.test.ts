import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn } from "./heap-page.ts";

const built = join(import.meta.dirname, "../../dist/web");

describeInBrowser("the first view", (browser) => {
  it("takes less than 250 KB of compressed JavaScript, page and worker", async () => {
    const { page } = await browser.open("about:blank");
    const asked: string[] = [];
    page.context().on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(browser.url);
    await drawn(page);
    const scripts = [...new Set(asked)].filter((path) => path.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(1);
    const bytes = scripts.map((path) => gzipSync(readFileSync(join(built, path))).length);
    expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(250_000);
    expect(statSync(join(built, "index.html")).size).toBeLessThan(10_000);
  });
});
