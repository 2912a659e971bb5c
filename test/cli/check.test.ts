import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseBaseline } from "../../src/gate/baseline.ts";
import { Folder, interrupted, SMALL } from "./heapscape.ts";
import { WITH_HEADER } from "./policy-file.ts";

const CONFIG = {
  inputs: ["*.trace", "workload:random:steps=400,live=20"],
  policies: ["first-fit", "./mine.ts"],
  heap: "16KiB",
};
const MINE = [
  "odd.trace -a mine.ts --heap 16KiB",
  "small.trace -a mine.ts --heap 16KiB",
  "workload:random:steps=400,live=20 -a mine.ts --heap 16KiB --seed 1",
];

describe("heapscape check", { timeout: 60_000 }, () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder({
      "small.trace": SMALL,
      "odd.trace": "a 1 24\nf 1\na 2 40\n",
      "mine.ts": WITH_HEADER,
      "heapscape.config.json": JSON.stringify(CONFIG),
    });
  });
  afterEach(() => folder.remove());

  const cellsNamed = (stderr: string): string[] => {
    const named = [...stderr.matchAll(/^heapscape: error: \S+ of (.*?) went from /gm)].map(
      ([, cell]) => cell,
    );
    return [...new Set(named)].sort();
  };

  it("passes while nothing changes, and fails with the right cells when a policy's header grows by a byte", async () => {
    const updated = await folder.heapscape("baseline", "update");
    expect(updated).toMatchObject({ status: 0, stderr: "" });
    expect(updated.stdout).toMatch(
      /^\+ odd\.trace -a first-fit --heap 16KiB\n(.*\n)*wrote heapscape\.baseline\.json: 6 cells\n$/,
    );
    const baseline = folder.read("heapscape.baseline.json");

    const [one, two] = [
      await folder.heapscape("check", "--reporter", "json"),
      await folder.heapscape("check", "--reporter", "json"),
    ];
    expect(one).toEqual(two);
    expect(one.status).toBe(0);
    expect(one.stderr).toBe(
      "heapscape: 6 of 6 cells are as in heapscape.baseline.json of Heapscape 0.1.0; 0 errors, 0 warnings, 0 improvements\n",
    );

    folder.write("mine.ts", WITH_HEADER.replace("HEADER = 8", "HEADER = 9"));
    const [failed, part] = await Promise.all([
      folder.heapscape("check", "--reporter", "json"),
      folder.heapscape("check", "-a", "first-fit", "--reporter", "json"),
    ]);
    expect(failed.status).toBe(1);
    expect(cellsNamed(failed.stderr)).toEqual(MINE);
    expect(failed.stderr).not.toMatch(/of \S+ -a first-fit/);
    expect(failed.stderr).toMatch(
      /^heapscape: error: internalFragmentation\.mean of small\.trace -a mine\.ts --heap 16KiB went from \S+ to \S+ \(\+\S+%\) since heapscape\.baseline\.json of Heapscape 0\.1\.0; it may not get worse; the two runs first differ at event 0: heapscape bisect small\.trace -a mine\.ts --heap 16KiB --event 0$/m,
    );
    expect(part).toMatchObject({ status: 0, stderr: expect.stringContaining("3 of 3 cells are as in") });

    const again = await folder.heapscape("baseline", "update", "-a", "*mine*");
    expect(again.stdout).toMatch(
      /^~ small\.trace -a mine\.ts --heap 16KiB: internalFragmentation\.mean \S+ -> \S+$/m,
    );
    expect(again.stdout).not.toContain("-a first-fit");
    const firstFit = (text: string): string[] =>
      text.split("\n").filter((line) => line.includes("-a first-fit"));
    expect(firstFit(folder.read("heapscape.baseline.json"))).toEqual(firstFit(baseline));
    expect(folder.files.filter((name) => name.includes("tmp"))).toEqual([]);
  });

  it("says of an improvement and of a vanished cell what to do, and prunes", async () => {
    folder.write("mine.ts", WITH_HEADER.replace("HEADER = 8", "HEADER = 9"));
    await folder.heapscape("baseline", "update");
    folder.write("mine.ts", WITH_HEADER);
    folder.write("heapscape.config.json", JSON.stringify({ ...CONFIG, policies: ["./mine.ts"] }));
    const { status, stderr } = await folder.heapscape("check", "--reporter", "json");
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^heapscape: improvement: internalFragmentation\.mean .*, which is better; the two runs [^:]*$/m,
    );
    expect(stderr).toContain(
      "heapscape: error: small.trace -a first-fit --heap 16KiB is in heapscape.baseline.json of Heapscape 0.1.0 and not any more: heapscape baseline prune\n",
    );
    const pruned = await folder.heapscape("baseline", "prune");
    expect(pruned.stdout).toMatch(
      /^- odd\.trace -a first-fit --heap 16KiB\n(.*\n)*wrote heapscape\.baseline\.json: 3 cells\n$/,
    );
    const { cells } = parseBaseline(folder.read("heapscape.baseline.json"), "heapscape.baseline.json");
    expect([...cells.keys()]).toEqual(MINE);
    const shown = await folder.heapscape("baseline", "show", "small*");
    expect(shown.stdout).toMatch(
      /^heapscape\.baseline\.json of Heapscape 0\.1\.0, 1 of 3 cells\n\nsmall\.trace -a mine\.ts --heap 16KiB {2}\(trace /,
    );
    expect(shown.stdout).toMatch(/^ {2}peakHeapBytes +16384$/m);
  });

  it("ends with 2 where there is nothing to compare with, or another trace, or another schema", async () => {
    const told = async (): Promise<string> => {
      const { status, stdout, stderr } = await folder.heapscape("check", "-a", "first-fit");
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      return stderr;
    };
    expect(await told()).toBe(
      "heapscape: there is no baseline heapscape.baseline.json; write it with: heapscape baseline update\n",
    );
    await folder.heapscape("baseline", "update");
    const baseline = folder.read("heapscape.baseline.json");
    folder.write("odd.trace", "a 1 24\nf 1\na 2 48\n");
    expect(await told()).toMatch(
      /^heapscape: heapscape\.baseline\.json of Heapscape 0\.1\.0 cannot be compared with: odd\.trace -a first-fit --heap 16KiB replays another trace than before, /,
    );
    folder.write("heapscape.baseline.json", baseline.replace("baseline-1", "baseline-0"));
    expect(await told()).toMatch(
      /^heapscape: heapscape\.baseline\.json:2: it has the schema "heapscape-baseline-0"/,
    );
  });

  it("ends with 3 where a policy fails, and leaves the baseline as it was", async () => {
    await folder.heapscape("baseline", "update");
    const baseline = folder.read("heapscape.baseline.json");
    folder.write("mine.ts", WITH_HEADER.replace("return start + 8", "return start + 7 * bytes"));
    const [checked, updated] = await Promise.all([
      folder.heapscape("check", "--only", "small.*", "--reporter", "json"),
      folder.heapscape("baseline", "update"),
    ]);
    expect(checked.status).toBe(3);
    expect(checked.stderr).toMatch(
      /^heapscape: error: small\.trace -a mine\.ts --heap 16KiB: mine: event 0 .*\nheapscape: 1 of 1 cells are as in/,
    );
    expect(JSON.parse(checked.stdout).cells).toMatchObject([{ policy: "first-fit" }]);
    expect(updated.status).toBe(3);
    expect(folder.read("heapscape.baseline.json")).toBe(baseline);
  });

  it("ends with 130 on Ctrl-C and leaves no baseline behind", async () => {
    const long = { ...CONFIG, inputs: ["workload:random:steps=300000"], policies: ["./begun.ts"] };
    folder.write("heapscape.config.json", JSON.stringify(long));
    expect(await interrupted(folder, "baseline", "update")).toBe(130);
    expect(folder.files.filter((name) => name.includes("baseline"))).toEqual([]);
  });
});
