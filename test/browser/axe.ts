import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** What axe finds wrong, a line each; in the colours that the page has, and in the others. */
export async function violationsInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ["Dark colours", "Light colours"]) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, nodes } of violations)
      found.push(`before ${theme}, ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
    await page.getByRole("button", { name: theme }).click();
  }
  return found;
}
