/**
 * The heap of a real program on every collector, with all checks on: of Node itself, or, with
 * `npm run check:snapshot`, of the command line at the end of a replay.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COLLECTORS } from "../../src/collectors/registry.ts";
import { parseOptions } from "../../src/options/options.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { snapshotOf } from "../traces/snapshots.ts";

const MAIN = join(import.meta.dirname, "../../dist/cli/main.js");
const OF_THE_CLI = process.env.HEAPSCAPE_SNAPSHOT === "cli";
const PROGRAM = OF_THE_CLI ? [MAIN, "run", "workload:binary-trees", "-a", "mark-compact"] : [];
/** Walks over everything, space and collector. */
const WALKS = OF_THE_CLI ? 50 : 8;
const MINUTES = OF_THE_CLI ? 30 : 3;

/** A whole page for each object would be too much. */
const OPTIONS: Readonly<Record<string, string>> = { "page-migration": "page=32" };

describe(`the heap of ${OF_THE_CLI ? "the command line" : "Node"}`, { timeout: MINUTES * 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "heapscape-heap-"));
  let trace: Trace;
  beforeAll(async () => {
    if (OF_THE_CLI && !existsSync(MAIN)) throw new Error(`${MAIN} is not built; run: npm run build:library`);
    const file = join(folder, "program.heapsnapshot");
    snapshotOf(PROGRAM, file);
    trace = await readTrace(readFileSync(file), "program.heapsnapshot");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(COLLECTORS.map((policy) => [policy.name, policy] as const))("on %s", (_, policy) => {
    const options = parseOptions(`policy ${policy.name}`, policy.options, OPTIONS[policy.name] ?? "");
    const guarantees = policy.guarantees!(options);
    const validateEvery = Math.ceil(trace.events / WALKS);
    for (const [times, roomy] of [
      [4, true],
      [1.5, false],
    ] as const) {
      const heap = Math.ceil(times * trace.peakLiveBytes);
      const settings = { policy, options, heap, record: false, validateEvery };
      const { replay, collections } = checkCollections(trace, settings, guarantees);
      replay.validate();
      const { refusals, skippedEvents } = replay.finish().metrics;
      expect(collections).toBeGreaterThan(0);
      if (roomy) expect([refusals, skippedEvents]).toEqual([0, 0]);
    }
  });
});
