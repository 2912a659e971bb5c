import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { type Served, serve } from "../../src/cli/serve.ts";
import { browserRequired, findChromium, launchChromium } from "./chromium.ts";

/** A page opened by a test; `problems` grows with every console error, uncaught error and failed request. */
export interface Visit {
  page: Page;
  problems: string[];
}

export interface PageUnderTest {
  /** Where the built page is served; known once a test runs. */
  readonly url: string;
  /** Opens the built page in a fresh profile. `path` is relative: "", "#trace=...", "?lesson=2". Closed after the test. */
  open(path?: string, options?: BrowserContextOptions): Promise<Visit>;
}

/**
 * A suite against the page in dist/web, in the installed Chromium or Chrome.
 * Without one the suite is skipped (announce.ts says so), or fails where a browser is required.
 */
export function describeInBrowser(name: string, body: (page: PageUnderTest) => void): void {
  const executable = findChromium();
  if (!executable) {
    if (browserRequired()) failForWantOfBrowser(name);
    else describe.skip(name, () => body(nowhere));
    return;
  }

  describe(name, () => {
    let browser: Browser;
    let served: Served;
    beforeAll(async () => {
      served = await serve({ port: 0, directory: `${import.meta.dirname}/../../dist/web` });
      browser = await launchChromium(executable);
    });
    afterEach(async () => {
      for (const context of browser.contexts()) await context.close();
    });
    afterAll(async () => {
      await browser?.close();
      await served?.close();
    });

    body({
      get url() {
        return served.url;
      },
      async open(path = "", options = {}) {
        // A service worker would answer what a test means to answer itself.
        const context = await browser.newContext({ serviceWorkers: "block", ...options });
        const page = await context.newPage();
        const problems = watch(page);
        await page.goto(new URL(path, served.url).href);
        return { page, problems };
      },
    });
  });
}

function failForWantOfBrowser(name: string): void {
  describe(name, () => {
    it("finds an installed Chromium or Chrome", () => {
      throw new Error("no Chromium or Chrome found; install one or set CHROMIUM_PATH to its program");
    });
  });
}

const nowhere: PageUnderTest = {
  url: "",
  open: () => Promise.reject(new Error("no browser")),
};

function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => {
    problems.push(`request: ${request.url()} ${request.failure()?.errorText ?? ""}`);
  });
  return problems;
}
