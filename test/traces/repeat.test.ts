import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { MOST_EVENTS, mostRounds, Rounds } from "../../src/traces/repeat.ts";
import { type Chunk, LARGEST_ID, Op, type Trace } from "../../src/traces/trace.ts";
import { anyGraph, anyTrace, contents, SEED } from "./traces.ts";

/** All rounds as one trace. What is yielded is written over, so it is copied. */
function repeated(trace: Trace, count: number): Trace {
  const rounds = new Rounds(trace);
  const chunks: Chunk[] = [];
  for (let i = 0; i < count; i++)
    for (const chunk of rounds.round())
      chunks.push({ ...chunk, row: chunk.row.slice(), id: chunk.id.slice(), bytes: chunk.bytes.slice() });
  return { ...trace, chunks };
}

/** The same by a builder, which checks every event: an object for every birth, never freed if the trace does not. */
function naively(trace: Trace, count: number): Trace {
  const builder = new TraceBuilder("naive");
  for (let i = 0; i < count; i++) {
    const now = new Map<number, number>();
    const inRow = new Map<number, number>();
    for (const { events, op, row, id, bytes, argument } of trace.chunks)
      for (let j = 0; j < events; j++) {
        const [size, extra] = [bytes[j], argument[j]];
        if (op[j] < Op.reallocate) inRow.set(row[j], id[j]);
        if (op[j] === Op.allocate) now.set(id[j], builder.allocate(size, extra));
        else if (op[j] === Op.callocate) now.set(id[j], builder.callocate(extra, extra && size / extra));
        else if (op[j] === Op.memalign) now.set(id[j], builder.memalign(extra, size));
        else if (op[j] === Op.reallocate) builder.reallocate(now.get(id[j])!, size);
        else if (op[j] === Op.free) builder.free(now.get(id[j])!);
        else if (op[j] === Op.store)
          builder.store(now.get(id[j])!, extra, size === 0 ? null : now.get(inRow.get(size - 1)!)!);
        else if (op[j] === Op.root) builder.root(now.get(id[j])!);
        else if (op[j] === Op.unroot) builder.unroot(now.get(id[j])!);
        else if (op[j] === Op.pin) builder.pin(now.get(id[j])!);
        else if (op[j] === Op.unpin) builder.unpin(now.get(id[j])!);
        else if (op[j] === Op.collectYoung) builder.collectYoung();
        else if (op[j] === Op.collect) builder.collect();
        else builder.print();
      }
  }
  return builder.finish();
}

describe("a trace in rounds", () => {
  it("asks for what a program does that is started over, with the rows of any trace", () => {
    fc.assert(
      fc.property(anyTrace, fc.integer({ min: 1, max: 4 }), (trace, count) => {
        const { id: ids, ...some } = contents(repeated(trace, count));
        const { id: _, ...others } = contents(naively(trace, count));
        for (const column of ["op", "row", "bytes", "argument"] as const)
          expect(some[column]).toEqual(others[column]);
        const live = new Set<number>();
        for (const [i, op] of some.op.entries()) {
          expect(live.has(ids[i])).toBe(op >= Op.reallocate);
          if (op === Op.free) live.delete(ids[i]);
          else live.add(ids[i]);
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("has the references of each round between the objects of that round", () => {
    fc.assert(
      fc.property(anyGraph, fc.integer({ min: 1, max: 4 }), (trace, count) => {
        const some = contents(repeated(trace, count));
        const others = contents(naively(trace, count));
        for (const column of ["op", "row", "bytes", "argument"] as const)
          expect(some[column]).toEqual(others[column]);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("is the trace itself in its first round", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const dense = trace.chunks.every(({ id }) => id.every((each) => each < LARGEST_ID / 2));
        const { id, ...once } = contents(repeated(trace, 1));
        const { id: given, ...whole } = contents(trace);
        expect(once).toEqual(whole);
        if (dense) expect(id).toEqual(given);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("leaks what the program does not free, and counts its objects on", () => {
    const builder = new TraceBuilder("leak");
    builder.allocateAs(7, 100);
    builder.allocateAs(3, 20);
    builder.free(7);
    const { row, id } = contents(repeated(builder.finish(), 3));
    expect(id).toEqual([7, 3, 7, 8, 9, 8, 10, 11, 10]);
    // Row 1 stays with the first leak, row 0 goes to the next round, and so on.
    expect(row).toEqual([0, 1, 0, 0, 2, 0, 0, 3, 0]);
  });

  it("goes over chunks", () => {
    const builder = new TraceBuilder("long");
    for (let i = 0; i < 50_000; i++) {
      const id = builder.allocate(i);
      if (i % 1000 > 0) builder.free(id);
    }
    const trace = builder.finish();
    expect(trace.chunks.length).toBeGreaterThan(1);
    const rounds = repeated(trace, 3).chunks.flatMap(({ row }) => [...row]);
    expect(rounds).toEqual(naively(trace, 3).chunks.flatMap(({ row }) => [...row]));
    expect(Math.max(...repeated(trace, 3).chunks.map(({ row }) => Math.max(...row)))).toBeLessThan(160);
  });

  it("fits so often into one replay", () => {
    expect(mostRounds({ events: 1000 } as Trace)).toBe(2_147_483);
    expect(mostRounds({ events: 0 } as Trace)).toBe(MOST_EVENTS);
  });
});
