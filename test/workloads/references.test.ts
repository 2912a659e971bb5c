import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { TraceGraph } from "../../src/testing/trace-graph.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { isBirth, Op } from "../../src/traces/trace.ts";
import { References } from "../../src/workloads/references.ts";
import { generateTrace, WORKLOADS } from "../../src/workloads/registry.ts";

/** Every workload with references, small enough. */
const NAMES = ["linked-list", "binary-trees:depth=6", "lru-cache", "string-builder", "mqtt-sessions"];
const COLLECTORS = ["mark-sweep", "mark-compact", "semispace"];
const without = (name: string): string => `${name}${name.includes(":") ? "," : ":"}deaths=0`;

it("covers the workloads that say they have references", () => {
  const said = WORKLOADS.filter(({ graph }) => graph).map(({ name }) => name);
  expect(NAMES.map((call) => call.split(":")[0])).toEqual(said);
  for (const { name, graph = false } of WORKLOADS)
    if (!graph) expect(generateTrace(name, 1).graph, name).toBe(false);
});

describe.each(NAMES)("%s", (name) => {
  it("tells each death when its last reference goes, or none at all", () => {
    const trace = generateTrace(name, 1);
    const graph = new TraceGraph();
    let live = 0;
    let event = 0;
    for (const chunk of trace.chunks)
      for (let i = 0; i < chunk.events; i++, event++) {
        const { op } = chunk;
        const next = chunk.op[i + 1];
        graph.apply(chunk, i);
        if (isBirth(op[i])) live++;
        else if (op[i] === Op.free) live--;
        // Before the next request, when nothing is in between: what is not reached is dead, and has been freed.
        if (event % 97 === 0 && isBirth(next) && !isBirth(op[i])) expect(graph.reachable().length).toBe(live);
      }
    expect(live).toBe(0);
    expect(graph.reachable()).toEqual([]);

    const untold = generateTrace(without(name), 1);
    expect(untold.chunks.every(({ op }) => !op.includes(Op.free))).toBe(true);
    expect([untold.objects, untold.graph, trace.graph]).toEqual([trace.objects, true, true]);
  });

  it.each(COLLECTORS)("loses nothing on %s, whether the deaths are told or to be found", (collector) => {
    const { policy, options } = choosePolicy(collector);
    const { peakLiveBytes } = generateTrace(name, 3);
    for (const call of [name, without(name)]) {
      const trace = generateTrace(call, 3);
      const settings = { policy, options, heap: 8 * peakLiveBytes, record: false };
      const { replay, collections } = checkCollections(trace, settings, policy.guarantees!(options));
      const { refusals, skippedEvents, peakLiveBytes: most } = replay.finish().metrics;
      expect([refusals, skippedEvents]).toEqual([0, 0]);
      expect(most).toBeGreaterThanOrEqual(peakLiveBytes);
      if (name !== "mqtt-sessions") expect(collections).toBeGreaterThan(0);
    }
  });
});

describe("references of a workload", () => {
  it("let go of what is held only by what is let go of, however long the chain", () => {
    const builder = new TraceBuilder("x");
    const heap = new References(builder, { deaths: true });
    const head = heap.allocate(8, 1);
    heap.root(head);
    let last = head;
    for (let i = 0; i < 100_000; i++) last = heap.allocateInto(last, 0, 8, 1);
    heap.unroot(head);
    expect(builder.liveObjects).toBe(0);
  });

  it("name an object that is dead", () => {
    const heap = new References(new TraceBuilder("x"), { deaths: true });
    const [a, b] = [heap.allocate(8, 1), heap.allocate(8)];
    heap.root(a);
    heap.store(a, 0, b);
    heap.store(a, 0, 0);
    expect(() => heap.get(b, 0)).toThrow(`object ${b} is dead`);
  });
});
