/** The model against the real broker: wire log in, live bytes over time held to those that were recorded with it. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readTrace } from "../../../src/traces/read-trace.ts";
import { fitOf, readParts } from "./fit.ts";

const FIXTURES = `${import.meta.dirname}/../../fixtures/mqtt`;

// The start is that of a broker which root did not start, some 9 KB less; over WebSocket the broker makes room for a
// connection before the log can tell that it is one, which moves the load's origin by 6 KB.
it.each([
  { load: "fleet", peak: 0.955, error: 0.046, loadPeak: 1.0, loadError: 0.002 },
  { load: "offline", peak: 0.961, error: 0.037, loadPeak: 0.995, loadError: 0.002 },
  { load: "image", peak: 0.994, error: 0.013, loadPeak: 1.0, loadError: 0.007 },
  { load: "slow", peak: 1.057, error: 0.019, loadPeak: 1.057, loadError: 0.019 },
  { load: "websocket", peak: 0.995, error: 0.005, loadPeak: 0.969, loadError: 0.026 },
])(
  "$load: live bytes follow the recorded ones, in all and in the load alone",
  async ({ load, ...figures }) => {
    const trace = await readTrace(readFileSync(`${FIXTURES}/${load}.mqttlog.gz`), load);
    const fit = fitOf(trace, readParts(readFileSync(`${FIXTURES}/${load}.live.tsv`, "utf8")));
    for (const [name, expected] of Object.entries(figures))
      expect(fit[name as keyof typeof fit], name).toBeCloseTo(expected, 2);
    // What was promised.
    expect(Math.abs(fit.peak - 1)).toBeLessThan(0.1);
    expect(fit.error).toBeLessThan(0.1);
    expect(trace.fidelity).toBe("derived");
    expect(trace.anomalies).toEqual([]);
  },
);
