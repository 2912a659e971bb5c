import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { baselineCommands } from "../../src/cli/baseline.ts";
import { checkCommand } from "../../src/cli/check.ts";
import { compareCommand } from "../../src/cli/compare.ts";

const SMALLEST = { inputs: ["t.trace"], policies: ["first-fit"], heap: "8MiB" };

describe("the gate, and what it reads,", () => {
  let folder: string;
  const here = (name: string): string => join(folder, name);
  const config = (more: object): void =>
    writeFileSync(here("config.json"), JSON.stringify({ extends: "base.json", ...more }));
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "heapscape-gate-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    writeFileSync(here("t.trace"), "a 1 16\n");
    writeFileSync(here("notes.json"), '{"mine": true}');
    writeFileSync(here("base.json"), JSON.stringify(SMALLEST));
    config({});
  });

  const gate = (...args: string[]): Promise<unknown> => {
    const program = new Command();
    for (const add of [baselineCommands, checkCommand, compareCommand]) add(program);
    return program.parseAsync([...args, "--config", here("config.json")], { from: "user" });
  };

  it.each(["t.trace", "config.json", "base.json", "notes.json"])(
    "is not overwritten by a baseline: %s",
    async (name) => {
      config({ baseline: name });
      const before = readFileSync(here(name), "utf8");
      await expect(gate("baseline", "update")).rejects.toThrow(name);
      expect(readFileSync(here(name), "utf8")).toBe(before);
    },
  );

  it.each([
    ["t.trace", ["compare", "first-fit", "buddy"]],
    ["base.json", ["compare", "first-fit", "buddy"]],
    ["base.json", ["check"]],
    ["t.trace", ["check"]],
    ["base.json", ["compare", "NOTES", "NOTES"]],
    ["t.trace", ["compare", "NOTES", "NOTES"]],
  ])("is not overwritten by a report: %s by %j", async (name, command) => {
    const args = command.map((arg) => (arg === "NOTES" ? here("notes.json") : arg));
    await expect(gate(...args, "--reporter", `json=${here(name)}`)).rejects.toThrow("is not overwritten");
  });

  it("is in the repository of the baseline, keeps the version of what a part leaves, and fails where nothing is compared", async () => {
    const said = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, "write").mockReturnValue(true),
    );
    const { exitCode } = process;
    const file = here("heapscape.baseline.json");
    const alter = (from: RegExp, to: string): void =>
      writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
    try {
      config({ policies: ["first-fit", "buddy"] });
      await gate("baseline", "update");
      alter(/"version": ".*"/, '"version": "0.0.1"');
      alter(/(searchSteps":)\d+/, "$17777");
      await gate("baseline", "update", "-a", "buddy");
      expect(readFileSync(file, "utf8")).toContain('"version": "0.0.1"');
      expect(String(said[1].mock.calls.at(-1))).toContain("1 cell in ");
      alter(/.*-a buddy.*\n/, "");
      alter(/\},\n {2}\}/, "}\n  }");
      await gate("check", "-a", "buddy");
      expect(process.exitCode).toBe(2);
      expect(String(said[1].mock.calls.at(-1))).toContain("nothing was compared");
      if (spawnSync("git", ["--version"]).error) return;
      const git = (...args: string[]) =>
        execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder });
      git("init", "-q");
      git("add", ".");
      git("commit", "-qm", "a");
      await gate("compare", "HEAD..HEAD");
      expect(process.exitCode).toBe(0);
    } finally {
      for (const spy of said) spy.mockRestore();
      process.exitCode = exitCode;
    }
  });
});
