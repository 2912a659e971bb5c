import { describe, expect, it } from "vitest";
import { HELD } from "../../src/gate/rules.ts";
import {
  esp8266Fragmentation,
  externalFragmentation,
  internalFragmentation,
} from "../../src/metrics/fragmentation.ts";
import { addHole, extfragIndex, ORDERS, unusableFreeIndex } from "../../src/metrics/linux-indices.ts";
import { FIGURE_NAMES, METRICS, metricOf, worsening } from "../../src/metrics/metric.ts";
import { Samples } from "../../src/metrics/samples.ts";
import { BUCKETS, type Series, SeriesSet } from "../../src/metrics/series.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { mixedTrace, sequenceOf } from "../../src/testing/sequences.ts";

describe("fragmentation", () => {
  it("is 0 for one hole and for none, and nears 1 as free memory falls to pieces", () => {
    expect(externalFragmentation(100, 100)).toBe(0);
    expect(externalFragmentation(0, 0)).toBe(0);
    expect(externalFragmentation(10, 100)).toBe(0.9);
    expect(internalFragmentation(75, 100)).toBe(0.25);
    expect(internalFragmentation(0, 0)).toBe(0);
  });

  it("is 50 by the ESP8266's formula for four equal holes", () => {
    expect(esp8266Fragmentation([10, 10, 10, 10])).toBe(50);
    expect(esp8266Fragmentation([40])).toBe(0);
    expect(esp8266Fragmentation([])).toBe(0);
  });
});

describe("Linux's indices", () => {
  it("come out as published for two rows of /proc/buddyinfo", () => {
    const dma = [1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 3];
    const wanted = [0, 0, 0, 0.001, 0.003, 0.007, 0.015, 0.031, 0.031, 0.096, 0.225];
    expect(dma.map((_, order) => unusableFreeIndex(dma, order))).toEqual(wanted);
    const normal = [8071, 18670, 19833, 15246, 7438, 2287, 875, 261, 39, 0, 0];
    expect([9, 10].map((order) => extfragIndex(normal, order))).toEqual([0.986, 0.993]);
    expect(extfragIndex(normal, 8)).toBe(-1);
    expect(extfragIndex(new Array(11).fill(0), 3)).toBe(0);
    expect(unusableFreeIndex(new Array(11).fill(0), 3)).toBe(1);
  });

  it("see a hole as the aligned blocks that a buddy system would make of it", () => {
    const free = new Array<number>(ORDERS).fill(0);
    addHole(free, 4096 + 1, 9 * 4096);
    expect(free.slice(0, 4)).toEqual([1, 1, 1, 0].map((n, i) => (i === 0 ? 1 : n)));
    const none = new Array<number>(ORDERS).fill(0);
    addHole(none, 100, 4000);
    expect(none.every((n) => n === 0)).toBe(true);
  });
});

/** A set of one series. */
function one(name: string): { set: SeriesSet; series: Series } {
  const set = new SeriesSet([name]);
  return { set, series: set.series[0] };
}

function push(set: SeriesSet, value: number): void {
  set.count(0, value, value, value, value);
  set.advance(1);
}

describe("a series", () => {
  it("agrees with a list of all values, while it is short and after every merge", () => {
    const { set, series } = one("checked");
    const below = sequenceOf(5);
    const all: number[] = [];
    for (let i = 0; i < 9000; i++) {
      all.push(below(1000));
      push(set, all[i]);
      if (i % 611 !== 0 && i > 3) continue;
      const { min, max, last } = series.buckets();
      const parts = Array.from(min, (_, b) => all.slice(b * series.width, (b + 1) * series.width));
      expect(parts.flat()).toHaveLength(all.length);
      expect(Array.from(min)).toEqual(parts.map((part) => Math.min(...part)));
      expect(Array.from(max)).toEqual(parts.map((part) => Math.max(...part)));
      expect(Array.from(last)).toEqual(parts.map((part) => part[part.length - 1]));
      expect([series.min, series.max, series.last]).toEqual([Math.min(...all), Math.max(...all), all[i]]);
    }
  });

  it("keeps every spike, however many events it stands for", () => {
    const { set, series } = one("spiky");
    const spikes = [5, 1234, 70_000, 99_999];
    for (let i = 0; i < 100_000; i++) push(set, spikes.includes(i) ? 1000 + i : i % 7);
    const { min, max } = series.buckets();
    expect(max.length).toBeLessThanOrEqual(BUCKETS);
    expect(max.length).toBeGreaterThan(BUCKETS / 4);
    for (const spike of spikes) expect(max[Math.floor(spike / series.width)]).toBe(1000 + spike);
    expect(Math.min(...min)).toBe(0);
    expect(series.max).toBe(1000 + 99_999);
  });

  it("has the mean over events, whatever the buckets", () => {
    const { set, series } = one("ramp");
    for (let i = 0; i < 10_001; i++) push(set, i);
    expect(series.mean).toBe(5000);
    expect(series.last).toBe(10_000);
  });
});

describe("the metrics of a replay", () => {
  it("are all in the table, and the table's are all there", () => {
    const done = replay(mixedTrace({ events: 500, seed: 9 }), { ...choosePolicy("first-fit"), heap: 8192 });
    const names = METRICS.flatMap(({ name, when }) =>
      when !== "total" ? [name, `${name}.mean`, `${name}.max`, `${name}.last`] : [name],
    );
    expect(Object.keys(done.metrics).sort()).toEqual(names.sort());
  });

  it("classify a refusal by what was free", () => {
    const done = replay(mixedTrace({ events: 3000, seed: 9, live: 300, aligned: false }), {
      ...choosePolicy("first-fit"),
      heap: 8192,
    });
    const { refusals, exhausted, fragmented, policyRefusals } = done.metrics;
    expect(refusals).toBe(exhausted + fragmented + policyRefusals);
    expect(fragmented).toBeGreaterThan(0);
    expect(policyRefusals).toBe(0);
    for (const { kind, need, holeBytes, largestHole } of done.recording.refusals)
      expect(kind).toBe(holeBytes < need ? "exhausted" : largestHole < need ? "fragmented" : "policy");
  });
});

describe("samples", () => {
  it("are evenly spaced and bounded, and forget no maximum", () => {
    let now = 0;
    const samples = new Samples(["ramp"], () => [now === 48 ? 1e6 : now]);
    for (now = 0; now < 100_000; now++) samples.advance(1);
    expect(samples.distance).toBe(1024);
    const { ramp, "ramp.mean": mean, "ramp.max": max, "ramp.last": last } = samples.values();
    expect([ramp, last]).toEqual([100_000, 100_000]);
    expect(max).toBe(1e6);
    const kept = Array.from({ length: Math.ceil(100_000 / 1024) }, (_, i) => i * 1024);
    expect(mean).toBe(kept.reduce((sum, value) => sum + value, 0) / kept.length);
  });

  it("walk the heap of a replay", () => {
    const trace = mixedTrace({ events: 2000, seed: 9, live: 100 });
    const { metrics } = replay(trace, { ...choosePolicy("first-fit"), heap: 65_536 });
    expect(metrics["esp8266Fragmentation.max"]).toBeGreaterThan(metrics["esp8266Fragmentation.mean"]);
    expect(metrics["esp8266Fragmentation.mean"]).toBeGreaterThan(0);
    expect(metrics["unusableFreeIndex[4].max"]).toBeLessThanOrEqual(1);
    expect(metrics["esp8266Fragmentation.last"]).toBe(metrics.esp8266Fragmentation);
  });
});

describe("a figure", () => {
  it("is worse by what its metric says", () => {
    expect(worsening("searchSteps", 10, 12)).toBe(2);
    expect(worsening("largestHole.mean", 10, 12)).toBe(-2);
    expect(worsening("liveBytes", 10, 8)).toBe(2);
    expect(worsening("firstRefusalEvent", 10, 8)).toBe(2);
  });

  it("that is an event is best where it never comes", () => {
    expect(worsening("firstRefusalEvent", -1, 8)).toBe(Number.POSITIVE_INFINITY);
    expect(worsening("firstRefusalEvent", 8, -1)).toBe(Number.NEGATIVE_INFINITY);
    expect(worsening("firstRefusalEvent", -1, -1)).toBe(0);
  });

  it("is known by its metric's name, with .mean, .max and .last where there is a series", () => {
    expect(FIGURE_NAMES).toContain("holes.max");
    expect(FIGURE_NAMES).not.toContain("refusals.max");
    for (const name of FIGURE_NAMES) expect(metricOf(name)).toBeDefined();
    for (const name of HELD) expect(FIGURE_NAMES).toContain(name);
  });
});
