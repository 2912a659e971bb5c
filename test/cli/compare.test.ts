import { execFileSync, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Folder, SMALL } from "./heapscape.ts";

const JSON_OUT = ["--reporter", "json=out.json"];

describe("heapscape compare and bisect", { timeout: 60_000 }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder({
      "small.trace": SMALL,
      "heapscape.config.json": JSON.stringify({
        inputs: ["small.trace", "workload:random:steps=400"],
        policies: ["first-fit"],
        heap: "64KiB",
      }),
    });
  });
  afterAll(() => folder.remove());

  it("holds one result against another", async () => {
    const run = (policy: string, file: string) =>
      folder.heapscape("run", "small.trace", "-a", policy, "--heap", "1KiB", "--reporter", `json=${file}`);
    await Promise.all([run("buddy", "a.json"), run("first-fit", "b.json")]);
    const { status, stderr } = await folder.heapscape("compare", "a.json", "a.json", ...JSON_OUT);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        "heapscape: 1 of 1 cells are as in a.json of Heapscape 0.1.0; 0 errors, 0 warnings, 0 improvements\n",
    });
    const other = await folder.heapscape("compare", "a.json", "b.json", ...JSON_OUT);
    expect(other.status).toBe(1);
    expect(other.stderr).toMatch(
      /^heapscape: error: small\.trace -a buddy --heap 1KiB is in a\.json of Heapscape 0\.1\.0 and not any more$/m,
    );
  });

  it("holds one policy against another on the configured inputs, and says how to see where they part", async () => {
    const { status, stderr } = await folder.heapscape("compare", "first-fit", "kingsley", ...JSON_OUT);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^heapscape: error: internalFragmentation\.mean of small\.trace --heap 64KiB went from \S+ to \S+ \(\+\S+%\) with kingsley instead of first-fit; .*: heapscape bisect small\.trace -a first-fit -a kingsley --heap 64KiB$/m,
    );
    expect(JSON.parse(folder.read("out.json")).cells).toHaveLength(4);
  });

  it("holds the baselines of two revisions against each other", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder.path });
    await folder.heapscape("baseline", "update");
    if (spawnSync("git", ["--version"]).error) {
      const { status, stderr } = await folder.heapscape("compare", "HEAD~1..HEAD");
      expect({ status, stderr }).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("there is no git"),
      });
      return;
    }
    git("init", "-q");
    const commit = () => {
      git("add", "heapscape.baseline.json");
      git("commit", "-qm", "baseline");
    };
    commit();
    const text = folder.read("heapscape.baseline.json");
    folder.write("heapscape.baseline.json", text.replace(/"searchSteps":\d+/, '"searchSteps":999999'));
    commit();
    const { status, stderr } = await folder.heapscape("compare", "HEAD~1..HEAD", ...JSON_OUT);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^heapscape: error: searchSteps of small\.trace -a first-fit --heap 64KiB went from \S+ to 999,999 .* since HEAD~1:\.\/heapscape\.baseline\.json of Heapscape 0\.1\.0; /,
    );
  });

  it("draws the heap around the first event that differs, and ends with 1 as there is one", async () => {
    const [differ, same] = await Promise.all([
      folder.heapscape(
        "bisect",
        "small.trace",
        "-a",
        "first-fit",
        "-a",
        "first-fit:header=16",
        "--heap",
        "256",
      ),
      folder.heapscape("bisect", "small.trace", "-a", "first-fit", "-a", "first-fit:header=8"),
    ]);
    expect(differ).toMatchObject({ status: 1, stderr: "" });
    expect(differ.stdout).toMatchInlineSnapshot(`
      "small.trace: first-fit and first-fit:header=16 differ first at event 0 (malloc of object 1, 16 bytes)
        first-fit            takes [0, 24), puts the payload at 8
        first-fit:header=16  takes [0, 32), puts the payload at 16

      bytes 0 to 575, 8 a character:
        before               ................................
        first-fit            @@@.............................
        first-fit:header=16  @@@@............................
      "
    `);
    expect(same).toEqual({
      status: 0,
      stdout: "small.trace: first-fit (1) and first-fit (2) do the same at all 6 events\n",
      stderr: "",
    });
  });
});
