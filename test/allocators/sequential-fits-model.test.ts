/** Seeded sequences against the naive model: the same addresses, list, heap and search steps after every event. */
import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay } from "../../src/replay/replay.ts";
import { Cost } from "../../src/space/cost.ts";
import { mixedTrace } from "../../src/testing/sequences.ts";
import { type Chunk, Op, type Trace } from "../../src/traces/trace.ts";
import { NaiveFit } from "./naive-fit.ts";

const trace = mixedTrace({ events: 500, seed: 11, live: 40 });
const shapes = [
  { header: 8, alignment: 8, split: 16 },
  { header: 0, alignment: 4, split: 4 },
  { header: 4, alignment: 16, split: 0 },
  { header: 12, alignment: 8, split: 64 },
];

describe.each(["first-fit", "best-fit", "next-fit", "worst-fit"])("%s", (fit) => {
  for (const order of ["address", "lifo", "fifo"])
    for (const coalesce of ["immediate", "deferred"])
      for (const shape of shapes)
        for (const heap of ["grow", 2600] as const) {
          const options = { fit, order, coalesce, ...shape };
          const text = `order=${order},coalesce=${coalesce},header=${shape.header},alignment=${shape.alignment},split=${shape.split}`;
          it(`is the naive model with ${text} in a heap of ${heap}`, () => {
            const refused = compare(trace, `${fit}:${text}`, new NaiveFit(options, heap), heap);
            expect(refused > 0).toBe(heap !== "grow");
          });
        }
});

/** Returns how many requests were refused. */
function compare(trace: Trace, choice: string, naive: NaiveFit, heap: number | "grow"): number {
  const run = new Replay({ ...choosePolicy(choice), heap, validateEvery: 1 });
  const addresses: number[] = [];
  let refused = 0;
  for (const event of events(trace)) {
    const row = event.row[0];
    const bytes = event.bytes[0];
    const old = addresses[row] ?? -1;
    run.feed(event);
    if (event.op[0] === Op.free) {
      if (old >= 0) naive.free(old);
      addresses[row] = -1;
    } else if (event.op[0] === Op.reallocate && old >= 0) {
      const to = naive.reallocate(old, bytes);
      if (to < 0) refused++;
      else addresses[row] = to;
    } else {
      addresses[row] = naive.allocate(bytes, event.op[0] === Op.memalign ? event.argument[0] : 0);
      if (addresses[row] < 0) refused++;
    }
    const slot = run.objects.slot(row);
    const found = slot === 0 ? -1 : run.space.start(slot) + run.space.offset(slot);
    const list: number[] = [];
    run.allocator.internals?.({ list: () => {}, entry: (start, length) => list.push(start, length) });
    const when = `after event ${run.event}`;
    expect(found, when).toBe(addresses[row]);
    expect(run.space.segmentEnd(run.space.heap), when).toBe(naive.end);
    expect(run.space.cost(Cost.searchSteps), when).toBe(naive.looked);
    expect(list, when).toEqual(naive.list.flatMap(({ start, length }) => [start, length]));
  }
  return refused;
}

/** The trace, event by event. */
function* events(trace: Trace): Generator<Chunk> {
  for (const chunk of trace.chunks)
    for (let i = 0; i < chunk.events; i++)
      yield {
        events: 1,
        op: chunk.op.subarray(i, i + 1),
        row: chunk.row.subarray(i, i + 1),
        id: chunk.id.subarray(i, i + 1),
        bytes: chunk.bytes.subarray(i, i + 1),
        argument: chunk.argument.subarray(i, i + 1),
      };
}
