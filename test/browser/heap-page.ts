import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { parseScenario, type Scenario } from "../../src/scenarios/scenario.ts";

/** Waits until every lane is painted at `event`, or at whatever event the page opened, and all else is there. */
export async function drawn(page: Page, event?: number): Promise<void> {
  const at = event === undefined ? "[data-event]" : `[data-event="${event}"]`;
  await page.waitForFunction((wanted) => {
    const all = [...document.querySelectorAll(".map-picture")];
    const whole = document.querySelector(".below") !== null;
    return whole && all.length > 0 && all.every((canvas) => canvas.matches(wanted));
  }, at);
}

export async function seekTo(page: Page, event: number): Promise<void> {
  const field = page.getByRole("textbox", { name: "Event" });
  await field.fill(String(event));
  await field.press("Enter");
  await drawn(page, event);
}

export const cursor = async (page: Page): Promise<number> =>
  Number(await page.getByRole("textbox", { name: "Event" }).inputValue());

/** How many pixels of a lane's map have each colour, as `r,g,b`. */
export function colours(page: Page, lane = 0): Promise<Record<string, number>> {
  return page.evaluate((index) => {
    const canvas = document.querySelectorAll<HTMLCanvasElement>(".map-picture")[index];
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    const found: Record<string, number> = {};
    for (let i = 0; i < data.length; i += 4) {
      const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
      found[colour] = (found[colour] ?? 0) + 1;
    }
    return found;
  }, lane);
}

/** Drops a file on the page, as a person would. */
export async function drop(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  const data = await page.evaluateHandle(
    ([file, base64]) => {
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      transfer.items.add(new File([bytes], file));
      return transfer;
    },
    [name, Buffer.from(content).toString("base64")] as const,
  );
  await page.dispatchEvent("main", "drop", { dataTransfer: data });
}

export const words = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).innerText()).replace(/\s+/g, " ");

const folder = `${import.meta.dirname}/../../scenarios`;

export const scenarioNames = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.replace(/\.json$/, ""));

export const scenarioNamed = (name: string): Scenario =>
  parseScenario(readFileSync(join(folder, `${name}.json`), "utf8"), `${name}.json`);
