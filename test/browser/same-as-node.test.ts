import { expect, it } from "vitest";
import { momentOf } from "../../src/metrics/meter.ts";
import { heapBytes } from "../../src/options/heap.ts";
import { OptionError } from "../../src/options/options.ts";
import { Playback } from "../../src/replay/playback.ts";
import { choosePolicy, POLICIES } from "../../src/replay/policies.ts";
import { Replay, replay } from "../../src/replay/replay.ts";
import { generateTrace, WORKLOAD_PREFIX } from "../../src/workloads/registry.ts";
import type { Input } from "../../web/worker/protocol.ts";
import { describeInBrowser } from "./describe-in-browser.ts";
import { drawn, scenarioNamed, scenarioNames } from "./heap-page.ts";

interface Hook {
  readonly heapscape: { recordingHash(input: Input, policy: string, heap: string): Promise<string> };
}

/** Some policies manage an arena of fixed size and refuse a heap that grows. */
function grows(call: string): boolean {
  try {
    new Replay({ ...choosePolicy(call), heap: "grow" });
    return true;
  } catch (error) {
    if (error instanceof OptionError) return false;
    throw error;
  }
}

describeInBrowser("page and Node", (browser) => {
  it("show the same figures at the cursor and in total", async () => {
    const { inputs, policies, heap, seed } = scenarioNamed("string-append");
    const trace = generateTrace(inputs[0], seed);
    const event = Math.floor(0.6 * trace.events);
    const { page } = await browser.open(`#scenario=string-append&event=${event}`);
    await drawn(page, event);
    for (const lane of [0, 1]) {
      const settings = { ...choosePolicy(policies[lane]), heap: heapBytes(heap, trace.peakLiveBytes) };
      const { recording, metrics } = replay(trace, settings);
      const playback = new Playback(trace, recording);
      playback.seek(event);
      expect(await shown("cursor", lane)).toEqual(momentOf(playback.space));
      const totals = await shown("total", lane);
      for (const [name, value] of Object.entries(totals))
        expect([name, value]).toEqual([name, metrics[name]]);
      expect(Object.keys(totals).length).toBeGreaterThan(20);
    }

    function shown(kind: string, lane: number): Promise<Record<string, number>> {
      return page.evaluate(
        ([table, index]) =>
          Object.fromEntries(
            [...document.querySelectorAll<HTMLElement>(`[data-kind=${table}] [data-lane="${index}"]`)].map(
              ({ dataset }) => [dataset.metric, Number(dataset.value)],
            ),
          ),
        [kind, lane] as const,
      );
    }
  });

  it("make the same recording of every scenario with every policy", async () => {
    const { page } = await browser.open("#workload=sawtooth&policy=first-fit&heap=1.5x");
    await drawn(page);
    const different: string[] = [];
    let compared = 0;
    let scenarios = 0;
    for (const name of scenarioNames()) {
      const { inputs, policies, heap, seed } = scenarioNamed(name);
      if (!inputs[0].startsWith(WORKLOAD_PREFIX)) continue; // a recording, too long to be replayed by all of them
      scenarios++;
      const trace = generateTrace(inputs[0], seed);
      const cells = [...new Set([...policies, ...POLICIES.map((policy) => policy.name)])].map((call) => ({
        call,
        room: grows(call) || heap !== "grow" ? heap : "1.5x",
      }));
      const inPage = page.evaluate(
        async ([call, from, wanted]) => {
          const { heapscape } = window as unknown as Hook;
          const hashes: string[] = [];
          for (const { call: policy, room } of wanted)
            hashes.push(await heapscape.recordingHash({ kind: "workload", call, seed: from }, policy, room));
          return hashes;
        },
        [inputs[0], seed, cells] as const,
      );
      const inNode = cells.map(({ call, room }) => {
        const size = heapBytes(room, trace.peakLiveBytes);
        return replay(trace, { ...choosePolicy(call), heap: size, record: false }).recording.hash;
      });
      const hashes = await inPage;
      cells.forEach(({ call }, i) => {
        compared++;
        if (hashes[i] !== inNode[i]) different.push(`${name} with ${call}: ${hashes[i]}, not ${inNode[i]}`);
      });
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(scenarios * POLICIES.length);
    expect(scenarios).toBeGreaterThanOrEqual(7);
  });
});
