import { browserRequired, findChromium } from "./chromium.ts";

/** Says once per run, where nobody can miss it, that the browser tests will not run. */
export function setup(): void {
  if (findChromium() || browserRequired()) return;
  process.stderr.write(
    "\nBROWSER TESTS SKIPPED: no Chromium or Chrome found; install one or set CHROMIUM_PATH to its program\n\n",
  );
}
