import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { showCommand } from "../../src/cli/gate-run.ts";
import { type Served, serve } from "../../src/cli/serve.ts";
import { readConfig } from "../../src/engine/config-file.ts";
import { type GateCell, gateCells, measure } from "../../src/engine/gate-cells.ts";
import { judge } from "../../src/gate/judge.ts";
import { Rules } from "../../src/gate/rules.ts";
import { parsePlace } from "../../web/state/place.ts";

/** The last request fits into both holes, and best into the second. */
const TRACE = "a 1 64\na 2 8\na 3 16\na 4 8\nf 1\nf 3\na 5 16\n";

describe("the command of a finding", () => {
  let folder: string;
  let cells: GateCell[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "heapscape-show-"));
    writeFileSync(join(folder, "index.html"), "<title>page</title>");
    writeFileSync(join(folder, "my day.trace"), TRACE);
    const config = {
      inputs: ["my day.trace", "workload:random:steps=40"],
      policies: ["first-fit"],
      heap: "4 KiB",
      seed: 3,
    };
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    cells = await gateCells(await readConfig(join(folder, "config.json")));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the command would serve, and where in the page it begins, by the page's own parser. */
  async function opened(command: string): Promise<{ served: Served; place: ReturnType<typeof parsePlace> }> {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
    expect(words.splice(0, 2)).toEqual(["heapscape", "serve"]);
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        policy: { type: "string", short: "a", multiple: true },
        heap: { type: "string" },
        seed: { type: "string" },
        event: { type: "string" },
      },
    });
    const { policy, heap, seed, event } = values;
    const view = {
      ...(policy && { policy }),
      ...(heap && { heap }),
      ...(seed && { seed: Number(seed) }),
      event: Number(event),
    };
    const served = await serve({ port: 0, directory: folder, input: positionals[0], view });
    return { served, place: parsePlace(new URL(served.url).hash) };
  }

  it("opens a trace in the page, with the event where the two runs first differ done", async () => {
    const { cells: now } = await measure([cells[0]], {});
    const job = { ...cells[0].job, policy: "best-fit" };
    const { cells: before } = await measure([{ ...cells[0], job }], {}); // as if first fit had been coded so
    const { findings } = judge({
      ...{ cells: now, expected: before, whole: true, rules: new Rules(), against: "x", since: "since x" },
      show: (_, event) => showCommand(cells[0], event),
    });
    expect(findings[0].message).toContain("the two runs first differ at event 6");
    expect(findings[0].command).toMatch(
      /^heapscape serve '.*my day\.trace' -a first-fit --heap '4 KiB' --event 6$/,
    );
    const { served, place } = await opened(findings[0].command!);
    expect(place).toMatchObject({ policies: ["first-fit"], heap: "4 KiB", event: 7 });
    const file = await fetch(new URL(place.source!.text, served.url));
    expect(await file.text()).toBe(TRACE);
    await served.close();
  });

  it("opens a workload in the page, with its seed", async () => {
    const { served, place } = await opened(showCommand(cells[1], 17));
    expect(place).toEqual({
      source: { kind: "workload", text: "random:steps=40" },
      ...{ policies: ["first-fit"], heap: "4 KiB", seed: 3, event: 18 },
    });
    await served.close();
  });
});
