import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import type { Scenario } from "../../src/scenarios/scenario.ts";
import { parseScenario } from "../../src/scenarios/scenario.ts";
import { generateTrace, WORKLOAD_PREFIX } from "../../src/workloads/registry.ts";

const FOLDER = `${import.meta.dirname}/../../scenarios`;
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
const scenarioOf = (file: string): Scenario => parseScenario(readFileSync(`${FOLDER}/${file}`, "utf8"), file);

test("the scenarios that people look for are there", () => {
  expect(files).toEqual(
    expect.arrayContaining([
      "broker-memory-stays.json",
      "compaction-rescues.json",
      "mqtt-fleet.json",
      "mqtt-hello.json",
      "mqtt-offline-queue.json",
      "plenty-free-but-refused.json",
      "slab-vs-first-fit.json",
      "string-append.json",
    ]),
  );
});

test.each(files)("%s asks one question, and every policy and input it names exists", (file) => {
  const { title, question, policies, inputs } = scenarioOf(file);
  expect(question).toMatch(/^[A-Z].*\?$/);
  expect(title.length).toBeLessThan(60);
  for (const policy of policies) expect(choosePolicy(policy).policy.name).toBe(policy.split(":")[0]);
  for (const input of inputs)
    if (!input.startsWith(WORKLOAD_PREFIX)) expect(existsSync(`${FOLDER}/${input}`)).toBe(true);
});

test.each(files)(
  "%s is small enough for a page to show at once, and what to look for is in its traces",
  (file) => {
    const { inputs, seed, look } = scenarioOf(file);
    const traces = inputs
      .filter((input) => input.startsWith(WORKLOAD_PREFIX))
      .map((input) => generateTrace(input, seed));
    for (const { events } of traces) {
      expect(events).toBeGreaterThan(200);
      expect(events).toBeLessThan(60_000);
    }
    for (const { event, phase } of look) {
      if (event !== undefined) expect(traces.every(({ events }) => event < events)).toBe(true);
      if (phase !== undefined)
        expect(traces.every(({ phases }) => phases.some(({ name }) => name === phase))).toBe(true);
    }
  },
);
