import { expect, test } from "vitest";
import type { OptionSpec, Options } from "../../src/options/options.ts";
import { readOptions } from "../../src/options/options.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import type { Workload } from "../../src/workloads/contract.ts";
import { Random } from "../../src/workloads/random.ts";
import { generateTrace, parseWorkload, WORKLOADS, workload } from "../../src/workloads/registry.ts";

/** Hashes with the default options and seed 1. They change when a workload does, and then every baseline with it. */
const GOLDEN: Readonly<Record<string, string>> = {
  "string-append": "71d9aca65b31caa3",
  mqtt: "29f4cf765f02c32a",
  "mqtt-hello": "f1a7500a8f2c05a4",
  random: "ed9c9e25e62c522d",
  sawtooth: "16f7f0ab990438eb",
  "linked-list": "dc56fc2b25acb3bc",
  "binary-trees": "31ed1be9f6879990",
  "lru-cache": "607cbcc61e4c6b08",
  "string-builder": "54cef497837a9318",
  "mqtt-sessions": "2d1c95274ec34362",
};

const all = WORKLOADS.map((each) => [each.name, each] as const);

/** Runs a workload for at most 65,536 events. */
function tryOut(each: Workload, options: Options, seed: number): TraceBuilder {
  const enough = new Error("enough");
  const builder = new TraceBuilder(each.name, {
    chunk: () => {
      throw enough;
    },
  });
  try {
    each.generate(builder, options, seed);
  } catch (error) {
    if (error !== enough) throw error;
  }
  return builder;
}

const extremes = (spec: OptionSpec): readonly (string | number | boolean)[] => {
  if (spec.type === "integer") return [spec.min, spec.max];
  if (spec.type === "flag") return [false, true];
  return spec.type === "choice" ? spec.choices : [spec.default];
};

test.each(all)("%s gives the same trace everywhere: its hash with seed 1", (name) => {
  expect(generateTrace(`workload:${name}`, 1).hash).toBe(GOLDEN[name]);
});

test.each(all)("%s gives the same trace twice, and another one for another seed", (name) => {
  // Three messages to one subscriber leave nothing to chance but delays; with eight, their order.
  const call = name === "mqtt-hello" ? "mqtt-hello:subscribers=8" : name;
  const hashes = [1, 1, 2, 3, 0xffffffff].map((seed) => generateTrace(call, seed).hash);
  expect(hashes[1]).toBe(hashes[0]);
  expect(new Set(hashes).size).toBe(4);
});

test.each(all)(
  "%s says what it is, where it comes from, and what each option changes",
  (_, { summary, source, options }) => {
    expect(summary).toMatch(/^[A-Z].*\.$/);
    expect(source.length).toBeGreaterThan(20);
    for (const spec of Object.values(options)) expect(spec.about.length).toBeGreaterThan(8);
  },
);

test.each(all)("%s has defaults that its own options accept", (name, { options }) => {
  const defaults = Object.fromEntries(Object.entries(options).map(([key, spec]) => [key, spec.default]));
  expect(readOptions(name, options, defaults)).toEqual(readOptions(name, options, {}));
});

test.each(all)("%s frees every object by its end, whatever the seed", (_, each) => {
  for (let seed = 0; seed < 20; seed++) {
    const builder = new TraceBuilder(each.name);
    each.generate(builder, readOptions(each.name, each.options, {}), seed);
    expect(builder.liveObjects).toBe(0);
    expect(builder.liveBytes).toBe(0);
  }
});

test.each(all)("%s can leave its objects live at the end", (_, each) => {
  const key = "release" in each.options ? "release" : "shutdown";
  const builder = new TraceBuilder(each.name);
  each.generate(
    builder,
    readOptions(each.name, each.options, {
      [key]: false,
      ...(key === "release" && each.options.keep && { keep: 1000 }),
    }),
    1,
  );
  expect(builder.liveObjects).toBeGreaterThan(0);
});

test.each(all)("%s begins with a phase at event 0, and its phases ascend", (name) => {
  const { phases, events } = generateTrace(name, 1);
  expect(phases[0].event).toBe(0);
  for (const [i, { event }] of phases.entries()) {
    expect(event).toBeGreaterThanOrEqual(i === 0 ? 0 : phases[i - 1].event);
    expect(event).toBeLessThanOrEqual(events);
  }
});

test.each(all)(
  "%s runs with the least and the greatest value of each option",
  { timeout: 60_000 },
  (name, each) => {
    for (const [key, spec] of Object.entries(each.options))
      for (const value of extremes(spec)) tryOut(each, readOptions(name, each.options, { [key]: value }), 1);
  },
);

test.each(all)(
  "%s runs with any options, and frees everything when it gets to its end",
  { timeout: 60_000 },
  (name, each) => {
    const random = new Random(17);
    for (let round = 0; round < 40; round++) {
      const given: Record<string, string | number | boolean> = {};
      for (const [key, spec] of Object.entries(each.options)) {
        if (["release", "shutdown", "deaths"].includes(key) || random.chance(500)) continue;
        if (spec.type !== "integer") given[key] = random.pick(extremes(spec));
        else if (!spec.powerOfTwo)
          given[key] = Math.min(spec.max, Math.max(spec.min, random.exponential(2 * spec.default + 2)));
      }
      const builder = tryOut(each, readOptions(name, each.options, given), round);
      if (builder.events % 65_536 > 0 && builder.events < 65_536) expect(builder.liveObjects).toBe(0);
    }
  },
);

test("a trace is named after its call", () => {
  expect(generateTrace("workload:sawtooth:teeth=2", 1).name).toBe("workload:sawtooth:teeth=2");
});

test("the prefix may be left out", () => {
  expect(generateTrace("sawtooth:teeth=2", 1).hash).toBe(generateTrace("workload:sawtooth:teeth=2", 1).hash);
});

test("an unknown workload, option or value is refused with its name and what is near", () => {
  expect(() => workload("string-apend")).toThrow(
    'unknown workload "string-apend" (did you mean "string-append"?)',
  );
  expect(() => parseWorkload("workload:mqtt:device=3")).toThrow(
    'workload mqtt: unknown option "device" (did you mean "devices"',
  );
  expect(() => parseWorkload("mqtt:devices=0")).toThrow(
    'workload mqtt: devices is "0"; it must be a whole number from 1 to 5000',
  );
  expect(() => parseWorkload("mqtt:payload=yaml")).toThrow("it must be one of json, xml, binary, mixed");
  expect(() => generateTrace("sawtooth", -1)).toThrow("the seed is -1");
  expect(() => generateTrace("sawtooth", 2 ** 32)).toThrow("the seed is 4294967296");
});
