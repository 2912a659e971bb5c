/**
 * The model of HotSpot's Serial collector against the real one: every object's address after every collection.
 * HEAPSCAPE_REFERENCE names the directory with `runtimes` of all traces, where there is one.
 */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blocksOf, difference, hotspotChoice, modelled, readRun, runsOf, textOf } from "./recorded-runs.ts";

const FIXTURES = `${import.meta.dirname}/../fixtures/runtimes`;
const REFERENCE = `${process.env.HEAPSCAPE_REFERENCE ?? ""}/runtimes`;
const HEAP = 64 * 1024 * 1024;

function holdTo(directory: string): void {
  for (const [folder, options] of [
    ["hotspot-serial", ""],
    ["hotspot-serial-full", ",always=1"],
  ])
    for (const { trace, tracePath, path } of runsOf(directory, folder))
      it(`puts every object of ${trace} where ${folder} put it`, { timeout: 60_000 }, async () => {
        const text = textOf(path);
        const choice = hotspotChoice("hotspot-serial", text.slice(0, 4000), options);
        const real = blocksOf(text);
        expect(real.length).toBeGreaterThan(0);
        expect(difference(real, modelled(choice, await readRun(tracePath), HEAP))).toBe("");
      });
}

describe("hotspot-serial", () => holdTo(FIXTURES));

describe.skipIf(!existsSync(REFERENCE))("hotspot-serial, all runs of HEAPSCAPE_REFERENCE", () => {
  if (existsSync(REFERENCE)) holdTo(REFERENCE);
});
