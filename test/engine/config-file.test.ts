import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/engine/config-file.ts";
import { gateCells, select } from "../../src/engine/gate-cells.ts";

const SMALLEST = { inputs: ["t.trace"], policies: ["first-fit", "buddy"], heap: "8MiB" };

describe("a configuration", () => {
  let folder: string;
  const here = (name: string): string => join(folder, name);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "heapscape-config-"));
    mkdirSync(here("days"));
    for (const name of ["t.trace", "days/mon.trace", "days/tue.trace"]) writeFileSync(here(name), "a 1 16\n");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const config = (document: object, name = "heapscape.config.json"): string => {
    writeFileSync(here(name), JSON.stringify(document, undefined, 2));
    return here(name);
  };
  const keys = async (document: object): Promise<string[]> =>
    (await gateCells(await readConfig(config(document)))).map(({ key }) => key);

  it("is an input, a policy and a heap at its smallest, with the baseline beside it", async () => {
    const read = await readConfig(config(SMALLEST));
    expect(read).toMatchObject({ heaps: ["8MiB"], seed: 1, baseline: here("heapscape.baseline.json") });
    expect(await keys(SMALLEST)).toEqual([
      "t.trace -a first-fit --heap 8MiB",
      "t.trace -a buddy --heap 8MiB",
    ]);
  });

  it("finds files by pattern, sorted, each once", async () => {
    expect(
      await keys({ inputs: ["days/tue.trace", "**/*.trace"], policies: ["tlsf"], heap: "64KiB" }),
    ).toEqual([
      "days/tue.trace -a tlsf --heap 64KiB",
      "days/mon.trace -a tlsf --heap 64KiB",
      "t.trace -a tlsf --heap 64KiB",
    ]);
  });

  it("names in a cell's key what was asked for, and options that are not at their default", async () => {
    const document = {
      inputs: ["t.trace", "workload:random"],
      policies: ["first-fit:header=8", "first-fit:header=16"],
      heap: ["1.5x", "65536"],
      seed: 7,
      from: 0,
      repeat: 2,
    };
    expect((await keys(document)).filter((key) => key.includes("64KiB"))).toEqual([
      "t.trace -a first-fit --heap 64KiB --from 0 --repeat 2",
      "t.trace -a first-fit:header=16 --heap 64KiB --from 0 --repeat 2",
      "workload:random -a first-fit --heap 64KiB --seed 7 --from 0 --repeat 2",
      "workload:random -a first-fit:header=16 --heap 64KiB --seed 7 --from 0 --repeat 2",
    ]);
    await expect(keys({ ...SMALLEST, policies: ["first-fit", "first-fit:header=8"] })).rejects.toThrow(
      "two cells are the same: t.trace -a first-fit --heap 8MiB",
    );
  });

  it("extends others: its keys win, rules come after theirs, and files are seen from where they are named", async () => {
    const max = (max: number) => [{ metrics: "searchSteps", max }];
    config(
      { inputs: ["mon.trace"], policies: ["tlsf"], heap: "1MiB", seed: 9, rules: max(1) },
      "days/base.json",
    );
    const read = await readConfig(
      config({ extends: "days/base.json", policies: ["buddy"], baseline: "days/b.json", rules: max(2) }),
    );
    expect(read.inputs).toEqual([here("days/mon.trace")]);
    expect(read).toMatchObject({
      policies: ["buddy"],
      heaps: ["1MiB"],
      seed: 9,
      baseline: here("days/b.json"),
    });
    expect(read.rules.allowance("x", "y", "searchSteps")).toMatchObject({ max: 2 });
    expect((await gateCells(read)).map(({ input }) => input)).toEqual(["days/mon.trace"]);
  });

  it("takes what is extended twice once, and finds a circle whatever its files are called there", async () => {
    const max = (max: number) => [{ metrics: "searchSteps", max }];
    config({ ...SMALLEST, inputs: ["../t.trace"], rules: max(1) }, "days/base.json");
    config({ extends: "days/base.json", rules: max(2) }, "left.json");
    config({ extends: "./days/../days/base.json", policies: ["tlsf"] }, "right.json");
    const read = await readConfig(config({ extends: ["left.json", "right.json"] }));
    expect(read.layers).toEqual(
      ["days/base.json", "left.json", "right.json", "heapscape.config.json"].map(here),
    );
    expect(read.rules.allowance("x", "y", "searchSteps")).toMatchObject({ max: 2 });
    linkSync(here("heapscape.config.json"), here("days/again.json"));
    writeFileSync(here("heapscape.config.json"), JSON.stringify({ extends: "days/again.json" }));
    await expect(readConfig(here("heapscape.config.json"))).rejects.toThrow("again.json extends itself");
    rmSync(here("days/again.json"));
  });

  it("may be a key of package.json, whose lines are named", async () => {
    const file = config({ name: "x", heapscape: SMALLEST }, "package.json");
    expect((await readConfig(file)).policies).toEqual(["first-fit", "buddy"]);
    config({ name: "x", heapscape: { ...SMALLEST, seed: -1 } }, "package.json");
    await expect(readConfig(file)).rejects.toThrow(/package\.json:12: seed is -1; it must be at least 0/);
    config({ name: "x" }, "package.json");
    await expect(readConfig(file)).rejects.toThrow('the key "heapscape" is missing');
  });

  it.each([
    [{ heap: undefined }, /config\.json:1: the key "heap" is missing/],
    [{ heap: "8 pages" }, /config\.json:9: heap "8 pages" is no size/],
    [{ heap: 8 }, /config\.json:9: heap is 8, which does not fit: Bytes as in 8MiB/],
    [{ inputs: ["u.trace"] }, /config\.json:3: .*u\.trace: there is no such file/],
    [{ inputs: ["*.heaptrace"] }, /config\.json:3: no file fits \*\.heaptrace/],
    [{ inputs: ["workload:rndom"] }, /config\.json:3: unknown workload "rndom"/],
    [{ policies: ["first-fit", "body"] }, /config\.json:7: unknown policy "body" \(did you mean "buddy"/],
    [{ extends: "gone.json" }, /config\.json:10: .*gone\.json: there is no such file/],
    [{ extends: "heapscape.config.json" }, /heapscape\.config\.json extends itself/],
    [
      { metrics: ["searchStep"] },
      /metrics\[0\] is "searchStep", and there is no such metric \(did you mean "searchSteps"/,
    ],
    [{ rules: [{ metrics: "holes.*" }] }, /a rule states warn, error, min or max, and this one states none/],
    [{ rules: [{ metrics: [], max: 1 }] }, /rules\[0\]\.metrics/],
    [{ rules: [{ inputs: [""], max: 1 }] }, /rules\[0\]\.inputs/],
    [{ rules: [{ error: { absolute: -1 } }] }, /absolute is -1; it must be at least 0/],
    [{ rules: [{ min: "1KiB", max: 1023 }] }, /min is 1KiB, which is more than max, 1023: no figure fits/],
    [{ rules: [{ max: "lots" }] }, /max is "lots"; it must be a number, or a size/],
    [{ rules: [{ eror: {} }] }, /unknown key "eror" in rules\[0\] \(did you mean "error"/],
    [{ rules: [{ error: { relative: -1 } }] }, /rules\[0\]\.error\.relative is -1; it must be at least 0/],
  ])("is told with file, line and key what is wrong: %j", async (change, message) => {
    await expect(readConfig(config({ ...SMALLEST, ...change }))).rejects.toThrow(message);
  });

  it("may be asked for a part of", async () => {
    const cells = await gateCells(await readConfig(config({ ...SMALLEST, inputs: ["**/*.trace"] })));
    const part = select(cells, { policies: ["bud*"], inputs: ["days/*"] });
    expect(part.map(({ key }) => key)).toEqual([
      "days/mon.trace -a buddy --heap 8MiB",
      "days/tue.trace -a buddy --heap 8MiB",
    ]);
    expect(select(cells, { inputs: ["./t.trace"] })).toHaveLength(2);
    expect(() => select(cells, { policies: ["body"] })).toThrow(
      'the configuration has no policy "body" (did you mean "buddy"?)',
    );
  });
});
