import { expect, it } from "vitest";
import * as z from "zod";
import { json, resultSchema } from "../../src/report/json.ts";
import { CHECKED, EMPTY, FAILED, PLAIN, worse } from "./reports.ts";

it.each([
  ["a verdict", CHECKED],
  ["failures only", FAILED],
  ["nothing", EMPTY],
])("the JSON report of %s is what its schema allows", (_, report) => {
  const failures = report.failures.map((failure) => ({
    ...failure,
    key: "small.trace -a ./mine.ts --heap 64B",
  }));
  const document = JSON.parse(json.write({ ...report, failures }, PLAIN));
  expect(() => z.fromJSONSchema(resultSchema() as never).parse(document)).not.toThrow();
});

it("the JSON report has the verdict as it is, and of the cells nothing that is for words only", () => {
  const { verdict, cells } = JSON.parse(json.write(CHECKED, PLAIN));
  expect(verdict).toEqual(CHECKED.verdict);
  expect(verdict.findings[0]).toEqual(worse);
  for (const cell of cells) for (const name of ["key", "called"]) expect(cell).not.toHaveProperty(name);
  expect(JSON.parse(json.write(EMPTY, PLAIN))).not.toHaveProperty("verdict");
});
