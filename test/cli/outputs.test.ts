import { linkSync, lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { outputsOf } from "../../src/cli/outputs.ts";
import { Folder, MINE, SMALL } from "./heapscape.ts";

const SCENARIO = JSON.stringify({
  title: "Small",
  question: "Does it fit?",
  look: [{ text: "Nothing." }],
  inputs: ["in/small.trace"],
  heap: "64",
  policies: ["first-fit", "./in/mine.ts"],
});

describe("where reports go", { timeout: 30_000 }, () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder({ "small.json": SCENARIO });
    mkdirSync(join(folder.path, "in"));
    folder.write("in/small.trace", SMALL);
    folder.write("in/mine.ts", MINE);
  });
  afterEach(() => folder.remove());

  const path = (name: string): string => join(folder.path, name);
  const report = (...files: readonly string[]) =>
    folder.heapscape(
      ...["run", "in/small.trace", "small.json", "-a", "first-fit", "-a", "./in/mine.ts"],
      ...files.flatMap((file, i) => ["--reporter", `${i === 0 ? "json" : "text"}=${file}`]),
    );

  it.each([
    ["in/small.trace", "it is the input in/small.trace"],
    ["./in/../in/small.trace", "it is the input in/small.trace"],
    ["hard.trace", "it is the input in/small.trace"],
    ["soft.trace", "it is the input in/small.trace"],
    ["small.json", "it is the input small.json"],
    ["in/mine.ts", "it is the file of the policy ./in/mine.ts"],
  ])("is never on what the run reads: %s", async (file, what) => {
    linkSync(path("in/small.trace"), path("hard.trace"));
    symlinkSync("in/small.trace", path("soft.trace"));
    const { status, stdout, stderr } = await report(file);
    expect([status, stdout, stderr]).toEqual([
      2,
      "",
      `heapscape: ${file}: ${what}, which is not overwritten\n`,
    ]);
    expect(folder.read("in/small.trace")).toBe(SMALL);
    expect(folder.read("small.json")).toBe(SCENARIO);
    expect(folder.read("in/mine.ts")).toBe(MINE);
  });

  it("is never on the traces and policies of a scenario", async () => {
    for (const file of ["in/small.trace", "in/mine.ts"]) {
      const { status, stderr } = await folder.heapscape("run", "small.json", "--reporter", `json=${file}`);
      expect([status, stderr]).toEqual([2, expect.stringMatching(/is not overwritten\n$/)]);
    }
    expect(folder.read("in/small.trace")).toBe(SMALL);
    expect(folder.read("in/mine.ts")).toBe(MINE);
  });

  it.each([
    ["out.txt", "./out.txt"],
    ["out.txt", "in/../out.txt"],
    ["out.txt", "link.txt"],
    ["in/there.txt", "far.txt"],
    ["out.txt", "folder/out.txt"],
  ])("is one file each: %s is %s", async (one, other) => {
    symlinkSync("out.txt", path("link.txt"));
    symlinkSync("in/there.txt", path("far.txt"));
    symlinkSync(".", path("folder"));
    const before = folder.files;
    const { status, stderr } = await report(one, other);
    expect([status, stderr]).toEqual([2, `heapscape: ${other}: two reporters would write to it\n`]);
    expect(folder.files).toEqual(before);
  });

  it("is a file, where a terminal cannot show it", () => {
    for (const name of ["parquet", "svg"]) {
      expect(() => outputsOf([name], true)).toThrow(
        `what the reporter ${name} writes; give it a file: ${name}=FILE`,
      );
      expect(outputsOf([name], false)).toHaveLength(1);
      expect(outputsOf([`${name}=x`, "text"], true)).toHaveLength(2);
    }
  });

  it("is told to be wrong before anything runs", async () => {
    for (const [file, message] of [
      ["in", "in: it is a directory, not a file"],
      ["none/x.json", "none/x.json: there is no such folder"],
      ["in/mine.ts/x.json", "in/mine.ts/x.json: a part of the path is no folder"],
    ]) {
      const { status, stderr } = await folder.heapscape(
        ...["run", "workload:random:steps=3000000", "-a", "first-fit", "--reporter", `json=${file}`],
      );
      expect([status, stderr]).toEqual([2, `heapscape: ${message}\n`]);
    }
  });

  it("is behind a link, also when nothing is there yet", async () => {
    symlinkSync("in/new.json", path("out.json"));
    symlinkSync("out.json", path("link.json"));
    const { status, stderr } = await folder.heapscape(
      ...["run", "in/small.trace", "-a", "first-fit", "--reporter", "json=link.json"],
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(folder.read("in/new.json")).cells).toHaveLength(1);
    for (const link of ["out.json", "link.json"]) expect(lstatSync(path(link)).isSymbolicLink()).toBe(true);
  });

  it("is nowhere behind a link that leads into no folder, or in a circle", async () => {
    symlinkSync("none/x.trace", path("lost.trace"));
    symlinkSync("round.trace", path("round.trace"));
    for (const [out, message] of [
      ["lost.trace", "it is a link to none/x.trace, whose folder is not there"],
      ["round.trace", "its links go in a circle"],
    ]) {
      const { status, stderr } = await folder.heapscape("convert", "in/small.trace", "-o", out);
      expect([status, stderr]).toEqual([2, `heapscape: ${out}: ${message}\n`]);
      expect(lstatSync(path(out)).isSymbolicLink()).toBe(true);
    }
  });
});
