import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Folder, SMALL } from "./heapscape.ts";

describe("heapscape list, validate and schema", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder({ "small.trace": SMALL });
  });
  afterAll(() => folder.remove());

  it.each([
    ["policies", "first-fit"],
    ["workloads", "string-append"],
    ["scenarios", "string-append"],
    ["metrics", "externalFragmentation"],
    ["formats", "heaptrace"],
    ["reporters", "junit"],
  ])("lists %s as a table and as JSON", async (what, name) => {
    const { status, stdout } = await folder.heapscape("list", what);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^name .*\n(.*\n)*${name} `));
    const entries = JSON.parse((await folder.heapscape("list", what, "--json")).stdout);
    expect(entries.map((entry: { name: string }) => entry.name)).toContain(name);
  });

  it("says what is in a file that is fine", async () => {
    expect(await folder.heapscape("validate", "small.trace")).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        /^small\.trace: ok, a trace: 6 events, 3 objects, 1 phase, peak 72 live bytes, fidelity exact, hash [0-9a-f]{16}\n$/,
      ),
      stderr: "",
    });
    const scenarios = JSON.parse((await folder.heapscape("list", "scenarios", "--json")).stdout);
    const { status, stdout } = await folder.heapscape("validate", scenarios[0].file);
    expect(stdout).toMatch(/json: ok, a scenario: \d+ inputs?, \d+ polic(y|ies), \d+ to look for\n$/);
    expect(status).toBe(0);
  });

  it("prints JSON Schemas", async () => {
    const { stdout } = await folder.heapscape("schema", "scenario");
    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining("2020-12"), type: "object" });
  });
});
