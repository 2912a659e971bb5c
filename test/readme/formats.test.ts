import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { formats } from "../../src/traces/formats.ts";

it("the README has a row for each format, with its fidelity and what it loses", () => {
  const readme = readFileSync(`${import.meta.dirname}/../../README.md`, "utf8");
  const rows = readme.split("\n").filter((line) => line.startsWith("| `"));
  for (const { name, fidelity, loses } of formats) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row, name).toBeDefined();
    expect(row).toContain(`| ${fidelity} | ${loses} |`);
  }
});
