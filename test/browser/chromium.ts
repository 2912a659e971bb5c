import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macApplications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * The installed Chromium or Chrome: CHROMIUM_PATH, else the first found in PATH, /usr/bin or macOS's applications.
 * A CHROMIUM_PATH that cannot be run is an error, not a reason to look further. Nothing is ever downloaded.
 */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (!runs(named)) throw new Error(`CHROMIUM_PATH is not a program: ${named}`);
    return named;
  }
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), "/usr/bin"];
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...places, ...macApplications].find(runs);
}

/** Whether a missing browser is a failure: in CI, and wherever HEAPSCAPE_REQUIRE_BROWSER=1. */
export function browserRequired(): boolean {
  return isSet(process.env.CI) || isSet(process.env.HEAPSCAPE_REQUIRE_BROWSER);
}

export function launchChromium(executablePath: string): Promise<Browser> {
  // Chromium's own sandbox refuses to start as root.
  const root = process.getuid?.() === 0;
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: !root, args: quiet });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
