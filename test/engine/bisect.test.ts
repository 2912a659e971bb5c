import { describe, expect, it } from "vitest";
import { firstDifference, momentAt, type Side, SideError } from "../../src/engine/bisect.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { divergence } from "../../src/report/divergence.ts";
import { mixedTrace } from "../../src/testing/sequences.ts";
import { slice, type Trace } from "../../src/traces/trace.ts";
import { generateTrace } from "../../src/workloads/registry.ts";

const TRACE = mixedTrace({ events: 6000, seed: 5, live: 200 });
const GRAPH = generateTrace("lru-cache", 1);
const side = (call: string, trace: Trace = TRACE, heap: number | "grow" = 1 << 17): Side => ({
  ...choosePolicy(call),
  trace,
  heap,
});
const hashOf = (each: Side, events: number): string => {
  const [first] = each.trace.chunks;
  const chunks = [slice(first, 0, events)];
  return replay({ ...each.trace, chunks, events }, { ...each, record: false }).recording.hash;
};

describe("a bisection", () => {
  it("says whose fault it is where a side fails", async () => {
    const fine = side("first-fit");
    const create = () => {
      throw new TypeError("no idea");
    };
    const wrong: Side = { ...fine, policy: { ...fine.policy, create } };
    for (const pair of [
      [fine, wrong],
      [wrong, fine],
    ])
      await expect(firstDifference(pair[0], pair[1])).rejects.toMatchObject({ side: wrong });
    expect(() => momentAt(wrong, 3)).toThrow(SideError);
  });

  it.each([
    ["first-fit", "best-fit"],
    ["first-fit", "first-fit:order=lifo"],
    ["next-fit", "first-fit"],
    ["worst-fit", "best-fit"],
    ["kingsley", "buddy"],
  ])("finds the event from which the hashes of %s and %s differ", async (a, b) => {
    const event = await firstDifference(side(a), side(b));
    if (event === undefined || event < 0) throw new Error(`${a} and ${b} make a poor test: ${event}`);
    expect(hashOf(side(a), event)).toBe(hashOf(side(b), event));
    expect(hashOf(side(a), event + 1)).not.toBe(hashOf(side(b), event + 1));
  });

  it("finds where collectors differ that have done the same until one moves", async () => {
    const heap = 2 * GRAPH.peakLiveBytes;
    const [a, b] = [side("mark-sweep", GRAPH, heap), side("mark-compact", GRAPH, heap)];
    const event = await firstDifference(a, b);
    if (event === undefined || event < 0) throw new Error(`a poor test: ${event}`);
    expect(momentAt(a, event).changes).not.toEqual(momentAt(b, event).changes);
    expect(momentAt(a, event - 1).changes).toEqual(momentAt(b, event - 1).changes);
  });

  it("finds none where there is none, and knows granules apart from what is done", async () => {
    expect(await firstDifference(side("first-fit"), side("first-fit:header=8"))).toBeUndefined();
    expect(await firstDifference(side("first-fit"), side("tlsf"))).toBe(-1);
  });

  it("of two traces finds where one asks for another block, or ends", async () => {
    const [chunk] = TRACE.chunks;
    const bytes = chunk.bytes.slice();
    const event = chunk.op.findIndex((op, i) => op === 0 && i >= 4500);
    bytes[event] += 100;
    const other = { ...TRACE, chunks: [{ ...chunk, bytes }] };
    expect(await firstDifference(side("first-fit"), side("first-fit", other))).toBe(event);
    const short = { ...TRACE, chunks: [slice(chunk, 0, 4100)], events: 4100 };
    expect(await firstDifference(side("first-fit", short), side("first-fit"))).toBe(4100);
  });

  it("is drawn with what each does and the blocks around it", async () => {
    const trace = mixedTrace({ events: 60, seed: 5, live: 12 });
    const sides = [side("first-fit", trace, 4096), side("best-fit", trace, 4096)];
    const event = (await firstDifference(sides[0], sides[1])) ?? -1;
    const shown = sides.map((each) => {
      const { before, after, changes } = momentAt(each, event);
      return { called: each.policy.name, before: before?.space, after: after.space, changes };
    });
    expect(divergence(shown, trace.chunks[0].id[event]).join("\n")).toMatchInlineSnapshot(`
      "  first-fit  takes [40, 72), puts the payload at 48
        best-fit   takes [352, 384), puts the payload at 360

      bytes 0 to 575, 8 a character:
        before     ...AA........BBBCCCCCCCCCCDDDDDDDDDEEEEEEEEE......FFFFFFFFFFFFGGGGGGGGG.
        first-fit  ...AA@@@@....BBBCCCCCCCCCCDDDDDDDDDEEEEEEEEE......FFFFFFFFFFFFGGGGGGGGG.
        best-fit   ...AA........BBBCCCCCCCCCCDDDDDDDDDEEEEEEEEE@@@@..FFFFFFFFFFFFGGGGGGGGG."
    `);
  });
});
