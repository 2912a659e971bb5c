/**
 * `src/report/handbook/measured-match.json` is what was measured. `npm run measure:match` writes it from all tables of
 * HEAPSCAPE_REFERENCE; what the fixtures show must agree with it at any time.
 */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../../src/replay/policies.ts";
import { type Match, MEASURED_MATCH } from "../../../src/report/handbook/measured-match.ts";
import { RECORDED } from "./recorded.ts";
import { type Folder, foldersOf, replayTable } from "./reference-tables.ts";

const FIXTURES = `${import.meta.dirname}/../../fixtures/allocators`;
const REFERENCE = `${process.env.HEAPSCAPE_REFERENCE ?? ""}/allocators`;
const FILE = `${import.meta.dirname}/../../../src/report/handbook/measured-match.json`;

async function measure({ name, policy, tables }: Folder): Promise<Match> {
  const base = name.slice(0, name.lastIndexOf("-"));
  if (!(base in RECORDED)) throw new Error(`recorded.ts does not say what ${base} is`);
  const count = { tables: 0, requests: 0, same: 0 };
  for (const table of tables) {
    const { real, lines } = await replayTable(policy, table);
    const same = real.filter((line, i) => line === lines[i]).length;
    count.tables += Number(same === real.length && lines.length === real.length);
    count.requests += real.length;
    count.same += same;
  }
  return { real: `${RECORDED[base]}, ${name.slice(base.length + 1)} bits`, of: tables.length, ...count };
}

const registered = (folder: string): Folder[] => foldersOf(folder).filter((one) => one.registered);

describe("the measured match", () => {
  it.each(registered(FIXTURES).map((folder) => [folder.policy, folder] as const))(
    "of %s is no better than its fixtures show",
    { timeout: 60_000 },
    async (policy, folder) => {
      const claimed = MEASURED_MATCH[policy];
      expect(claimed, `${policy} is not in measured-match.json: npm run measure:match`).toBeDefined();
      const shown = await measure(folder);
      expect(claimed.real).toBe(shown.real);
      expect(claimed.of).toBeGreaterThanOrEqual(shown.of);
      expect(claimed.requests).toBeGreaterThanOrEqual(shown.requests);
      expect(claimed.of - claimed.tables).toBeGreaterThanOrEqual(shown.of - shown.tables);
      expect(claimed.requests - claimed.same).toBeGreaterThanOrEqual(shown.requests - shown.same);
    },
  );

  it("names policies that can be called, and never more matches than there are tables and requests", () => {
    for (const [call, { of, tables, requests, same }] of Object.entries(MEASURED_MATCH)) {
      expect(() => choosePolicy(call)).not.toThrow();
      expect(tables).toBeLessThanOrEqual(of);
      expect(same).toBeLessThanOrEqual(requests);
    }
  });

  // fidelity.test.ts replays the same tables one by one: here they are only counted anew when asked for.
  it.skipIf(!existsSync(REFERENCE) || !process.env.HEAPSCAPE_MEASURE)(
    "is what all tables of HEAPSCAPE_REFERENCE show",
    { timeout: 180_000 },
    async () => {
      const measured = [];
      for (const folder of registered(REFERENCE))
        measured.push([folder.policy, await measure(folder)] as const);
      const sorted = measured.toSorted(([a], [b]) => (a < b ? -1 : 1));
      await expect(`${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`).toMatchFileSnapshot(FILE);
    },
  );
});
