import { expect, it } from "vitest";
import { COLLECTORS } from "../../src/collectors/registry.ts";
import { generateTrace } from "../../src/workloads/registry.ts";
import { asMarkdown, asText, collectorRows, README_TITLES, TITLES } from "./collector-table.ts";

it("the table of collectors has a row for each that is registered, with what it says and what it cost", () => {
  const { rows, failures } = collectorRows(generateTrace("binary-trees:depth=5", 1), "4x");
  expect(failures).toEqual([]);
  expect(rows.map(([name]) => name)).toEqual(COLLECTORS.map(({ name }) => name));
  for (const row of rows) {
    expect(row).toHaveLength(TITLES.length);
    expect(row.slice(4).every((cell) => /^\d{1,3}(,\d{3})*$/.test(cell))).toBe(true);
    // Where a heap is too small for a collector, that is what the table says.
    if (row[TITLES.indexOf("refused")] === "0") expect(row[TITLES.indexOf("collections")]).not.toBe("0");
  }
  expect(asText(rows).split("\n")).toHaveLength(rows.length + 1);
  const lines = asMarkdown(rows).split("\n");
  expect(lines).toHaveLength(rows.length + 2);
  expect(lines.every((line) => line.split("|").length === README_TITLES.length + 2)).toBe(true);
});
