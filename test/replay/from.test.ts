import { describe, expect, it } from "vitest";
import { firstFit } from "../../src/allocators/first-fit.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { generateTrace } from "../../src/workloads/registry.ts";

describe("metrics from an event on", () => {
  const trace = generateTrace("random:live=50,steps=500", 1);
  const measured = (from: number) =>
    replay(trace, { ...choosePolicy(firstFit.name), heap: 4096, from, record: false });

  it("leave the replay as it is", () => {
    expect(measured(300).recording.hash).toBe(measured(0).recording.hash);
  });

  it("add up: what is counted from event n on is all that was not counted before it", () => {
    const whole = measured(0).metrics;
    const early = replay(
      { ...trace, chunks: [cut(300)] },
      { ...choosePolicy(firstFit.name), heap: 4096 },
    ).metrics;
    const late = measured(300).metrics;
    for (const name of ["refusals", "skippedEvents", "searchSteps"])
      expect(early[name] + late[name], name).toBe(whole[name]);
    expect(late.searchSteps).toBeGreaterThan(0);
    expect(late.firstRefusalEvent === -1 || late.firstRefusalEvent >= 300).toBe(true);
    expect(measured(300).series[0].events).toBe(trace.events - 300);
    expect(late.liveBytes).toBe(whole.liveBytes);
  });

  const cut = (events: number) => ({ ...trace.chunks[0], events });
});
