import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPORTERS } from "../../src/report/reporters.ts";
import { Folder, MINE, SMALL } from "./heapscape.ts";

describe("reports of a run", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder({ "small.trace": SMALL, "mine.ts": MINE });
  });
  afterAll(() => folder.remove());

  it("are written to a file each, all in one run, and those that want it have its history", async () => {
    const asked = REPORTERS.flatMap(({ name }) => ["--reporter", `${name}=out.${name}`]);
    const { status, stdout, stderr } = await folder.heapscape(
      "run",
      "small.trace",
      "-a",
      "first-fit",
      ...asked,
    );
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
    for (const { name } of REPORTERS)
      expect(folder.bytes(`out.${name}`).length, name).toBeGreaterThan(name === "github" ? -1 : 50);
    expect(JSON.parse(folder.read("out.json")).cells[0]).not.toHaveProperty("history");
  });

  describe("on GitHub", () => {
    const run = (...args: readonly string[]) => {
      const variables = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(folder.path, "summary.md") };
      folder.write("summary.md", "# Before\n");
      return folder.heapscapeIn(
        { ...variables, GITHUB_WORKSPACE: join(folder.path, "..") },
        "run",
        "small.trace",
        ...args,
      );
    };

    it("annotate by themselves beside what stdout is for, and add to the summary", async () => {
      const { status, stdout, stderr } = await run(
        "-a",
        "first-fit",
        "-a",
        "./mine.ts:crash=1",
        "--reporter",
        "json",
      );
      expect(status).toBe(3);
      expect(JSON.parse(stdout).failures).toHaveLength(1);
      const file = `${folder.path.split("/").at(-1)}/small.trace`;
      expect(stderr).toContain(`::error file=${file},title=Heapscape%3A cell failed::mine:crash=1: event 1`);
      const summary = folder.read("summary.md");
      expect(summary).toMatch(/^# Before\n### Heapscape\n\n- \*\*failed\*\* `small\.trace`: /);
      expect(summary).toContain("| `small.trace` | `first-fit` |");
    });

    it("annotate where they are asked to, once", async () => {
      const { stdout, stderr } = await run("-a", "./mine.ts:crash=1", "--reporter", "github");
      expect(stdout).toMatch(/^::error .*\n$/);
      expect(stderr).not.toContain("::error");
      expect(folder.read("summary.md").match(/### Heapscape/g)).toHaveLength(1);
    });

    it("are silent where nothing went wrong", async () => {
      const { status, stderr } = await run("-a", "first-fit", "--reporter", "csv=out.csv");
      expect([status, stderr]).toEqual([0, ""]);
    });
  });
});
