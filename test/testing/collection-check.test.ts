import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/allocators/contract.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import type { Slot, Space } from "../../src/space/space.ts";
import { State } from "../../src/space/space.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { deepList, randomGraph } from "../../src/testing/random-graphs.ts";
import { TraceGraph } from "../../src/testing/trace-graph.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";

/** A collector that does harm before each of its collections ends. */
function harmed(name: string, harm: (space: Space, live: Slot[]) => void) {
  const { policy, options } = choosePolicy(name);
  const faulty: Policy = {
    ...policy,
    create(space, given) {
      const end = space.endCollection.bind(space);
      space.endCollection = () => {
        const live: Slot[] = [];
        for (let node = space.next(space.heap); node !== space.heap; node = space.next(node))
          if (node > 0 && space.state(node) === State.live) live.push(node);
        harm(space, live);
        end();
      };
      return policy.create(space, given);
    },
  };
  return () =>
    checkCollections(
      randomGraph({ events: 300, seed: 5 }),
      { policy: faulty, options, heap: "grow" },
      policy.guarantees!(options),
    );
}

describe("the check of collections", () => {
  it("finds a reachable object that is dead or gone", () => {
    expect(harmed("mark-sweep", (space, live) => space.die(live[0]))).toThrow(
      /object \d+ is reachable and gone/,
    );
    expect(harmed("mark-sweep", (space, live) => space.give(live[0]))).toThrow(
      /object \d+ is reachable and gone/,
    );
  });

  it("finds what is left live though nothing reaches it", () => {
    const forgetful = (space: Space) => {
      space.graph.mark = () => 0;
      space.graph.isMarked = () => true;
    };
    const { policy, options } = choosePolicy("mark-sweep");
    const faulty: Policy = {
      ...policy,
      create(space, given) {
        forgetful(space);
        return policy.create(space, given);
      },
    };
    expect(() =>
      checkCollections(
        randomGraph({ events: 300, seed: 5 }),
        { policy: faulty, options, heap: "grow" },
        policy.guarantees!(options),
      ),
    ).toThrow(/\d+ objects are reachable, \d+ are live/);
  });

  it("finds a reference that leads elsewhere", () => {
    const swap = harmed("mark-sweep", (space, live) => {
      const { graph } = space;
      const source = live.find((slot) => graph.fields(slot) > 0);
      if (source) graph.store(source, 0, graph.target(source, 0) === live[0] ? live[1] : live[0]);
    });
    expect(swap).toThrow(/field 0 of object \d+ leads to slot \d+, not \d+/);
  });

  it("finds that a pinned object moved, that the order changed, and that holes are left", () => {
    const last = (space: Space, slot: Slot | undefined) => {
      if (slot === undefined) return;
      const length = space.length(slot);
      const end = space.segmentEnd(space.heap);
      space.extend(length);
      space.move(slot, end);
    };
    const pin = harmed("mark-sweep", (space, live) =>
      last(
        space,
        live.find((slot) => space.graph.isPinned(slot)),
      ),
    );
    expect(pin).toThrow(/object \d+ is pinned, and moved from \d+/);
    const order = harmed("mark-sweep", (space, live) =>
      last(
        space,
        live.find((slot) => !space.graph.isPinned(slot)),
      ),
    );
    expect(order).toThrow(/object \d+ has changed its place in the order/);
    const holes = harmed("mark-compact", (space, live) => {
      if (space.graph.pins().length > 0 || live.length === 0) return;
      last(space, live[live.length - 1]);
      space.extend(8);
    });
    expect(holes).toThrow(/\d+ holes are left in the segment at 0/);
  });
});

describe("the graph of a trace", () => {
  it("reaches through cycles and not through the freed", () => {
    const builder = new TraceBuilder("x");
    for (let i = 1; i <= 4; i++) builder.allocate(8, 2);
    builder.root(1);
    builder.store(1, 0, 2);
    builder.store(2, 0, 1);
    builder.store(2, 1, 3);
    builder.store(3, 0, 4);
    builder.free(3);
    builder.unroot(1);
    builder.pin(4);
    const { chunks } = builder.finish();
    const graph = new TraceGraph();
    const found: number[][] = [];
    for (let i = 0; i < chunks[0].events; i++) {
      graph.apply(chunks[0], i);
      found.push(graph.reachable().map(({ id }) => id));
    }
    expect(found.slice(4)).toEqual([[1], [1, 2], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2], [], [4]]);
  });

  it("goes down a list of 100,000 objects", () => {
    const graph = new TraceGraph();
    let most = 0;
    for (const chunk of deepList(100_000).chunks)
      for (let i = 0; i < chunk.events; i++) {
        graph.apply(chunk, i);
        if (chunk.op[i] === 11) most = Math.max(most, graph.reachable().length);
      }
    expect(most).toBe(100_000);
  });
});
