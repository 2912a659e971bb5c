/** Collections with the kernel's marking and slide come to the same as without: every column, the hash, the metrics. */
import { expect, test, vi } from "vitest";
import { kernelModule } from "../../src/engine/kernel-module.ts";
import { Kernel } from "../../src/kernel/kernel.ts";
import { choosePolicy, POLICIES } from "../../src/replay/policies.ts";
import { Replay, type ReplaySettings } from "../../src/replay/replay.ts";
import { Counter } from "../../src/space/space.ts";
import { randomGraph } from "../../src/testing/random-graphs.ts";
import { mixedTrace } from "../../src/testing/sequences.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { slice, type Trace } from "../../src/traces/trace.ts";
import { expectSameState } from "./same-state.ts";

const collectors = POLICIES.filter(({ kind }) => kind === "collector").map(({ name }) => name);

function compared(trace: Trace, settings: ReplaySettings, piece: number): Replay {
  const kernel = kernelModule();
  expect(kernel, "built by npm run build:kernel").toBeDefined();
  const plain = new Replay({ ...settings, record: false });
  const fast = new Replay({ ...settings, record: false, kernel });
  for (const chunk of trace.chunks)
    for (let from = 0; from < chunk.events; from += piece) {
      const part = slice(chunk, from, Math.min(from + piece, chunk.events));
      plain.feed(part);
      fast.feed(part);
      expectSameState(fast, plain);
    }
  fast.validate();
  const [ours, theirs] = [fast.finish(), plain.finish()];
  expect(ours.metrics).toEqual(theirs.metrics);
  expect(ours.recording.collections).toEqual(theirs.recording.collections);
  return fast;
}

test.each(collectors)("%s on random graphs, and where there are no references", (name) => {
  for (const seed of [1, 2]) {
    const graph = randomGraph({ events: 1500, seed });
    const heap = Math.ceil(4 * graph.peakLiveBytes + 65536);
    compared(graph, { ...choosePolicy(name), heap }, seed === 1 ? 50 : 1500);
  }
  const plain = mixedTrace({ events: 1500, seed: 3, aligned: false });
  compared(plain, { ...choosePolicy(name), heap: 32768 }, 300);
});

/** Many objects refer to one, and the dead lie between the living. */
function hub(objects: number): Trace {
  const trace = new TraceBuilder("hub");
  const centre = trace.allocate(24, 1);
  trace.root(centre);
  const all = Array.from({ length: objects }, (_, i) => trace.allocate(16 + (i % 5) * 8, 1 + (i % 40)));
  for (const [i, id] of all.entries()) {
    trace.store(id, i % 40, centre);
    if (i % 3 === 0) trace.root(id);
  }
  trace.collect();
  for (let i = 0; i < objects; i += 6) trace.unroot(all[i]);
  trace.collect();
  return trace.finish();
}

test("more references to an object than a mark counts, fields of all classes, and runs of the dead", () => {
  const [slide, mark] = [vi.spyOn(Kernel.prototype, "slide"), vi.spyOn(Kernel.prototype, "mark")];
  const trace = hub(3000);
  const replay = compared(trace, { ...choosePolicy("mark-compact"), heap: 2 ** 20 }, trace.events);
  expect(replay.space.counter(Counter.liveBlocks)).toBe(501);
  expect(slide).toHaveBeenCalledTimes(2);
  expect(mark).toHaveBeenCalledTimes(2);
});
