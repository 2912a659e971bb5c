import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Sites } from "../../src/traces/sites.ts";
import { CHUNK_EVENTS, type Chunk, LARGEST_ID, MOST_BYTES, Op, type Phase } from "../../src/traces/trace.ts";
import { contents, messageOf, SEED, sameColumns } from "./traces.ts";

describe("the builder", () => {
  it("numbers objects 1, 2, 3 by itself and fills the columns", () => {
    const builder = new TraceBuilder("x");
    expect([builder.allocate(16), builder.callocate(3, 8), builder.memalign(64, 100)]).toEqual([1, 2, 3]);
    builder.reallocate(2, 5);
    builder.free(1);
    expect(contents(builder.finish())).toEqual({
      events: 5,
      objects: 3,
      rows: 3,
      peakLiveBytes: 140,
      graph: false,
      phases: [],
      recorded: [],
      threads: [],
      sites: new Sites(),
      fidelity: "exact",
      anomalies: [],
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      op: [Op.allocate, Op.callocate, Op.memalign, Op.reallocate, Op.free],
      row: [0, 1, 2, 1, 0],
      id: [1, 2, 3, 2, 1],
      bytes: [16, 24, 100, 5, 0],
      argument: [0, 3, 64, 0, 0],
    });
  });

  it("keeps so many events and no more, but hands out as many as come", () => {
    const fill = (builder: TraceBuilder) => {
      for (let i = 0; i <= 2 * CHUNK_EVENTS; i++) builder.collect();
      return builder.finish().events;
    };
    const most = 2 * CHUNK_EVENTS;
    expect(messageOf(() => fill(new TraceBuilder("x", { most })))).toBe(
      "TraceError: the trace has more events than are kept in memory, 131072; run and validate read it as they go",
    );
    expect(fill(new TraceBuilder("x", { most, chunk: () => {} }))).toBe(most + 1);
  });

  it("uses the memory of a chunk again where nobody keeps it, for the same events", () => {
    const seen = (passing: boolean) => {
      const chunks: Chunk[] = [];
      const memory = new Set<Int32Array>();
      const builder = new TraceBuilder("x", {
        passing,
        chunk: (chunk) => {
          chunks.push(structuredClone(chunk));
          memory.add(chunk.id);
        },
      });
      builder.records("time");
      for (let i = 0; i < 2 * CHUNK_EVENTS; i++) {
        builder.details.time = i;
        builder.free(builder.allocate(i % 1000));
      }
      const { hash } = builder.finish();
      return { chunks, memory: memory.size, hash };
    };
    const [kept, passed] = [seen(false), seen(true)];
    expect([kept.memory, passed.memory, passed.hash]).toEqual([4, 1, kept.hash]);
    expect(sameColumns(passed.chunks, kept.chunks)).toBe(true);
    expect(passed.chunks.map(({ recorded }) => recorded)).toEqual(
      kept.chunks.map(({ recorded }) => recorded),
    );
  });

  it("gives its own ids above all that were given to it", () => {
    const builder = new TraceBuilder("x");
    builder.allocateAs(40, 1);
    expect(builder.allocate(1)).toBe(41);
    builder.allocateAs(7, 1);
    expect(builder.allocate(1)).toBe(42);
  });

  it("knows what is live, and how much", () => {
    const builder = new TraceBuilder("x");
    builder.allocateAs(0, 10);
    builder.allocateAs(5, 20);
    builder.reallocate(5, 7);
    expect([builder.live(0), builder.live(5), builder.live(1)]).toEqual([true, true, false]);
    expect([builder.liveBytes, builder.liveObjects, builder.events]).toEqual([17, 2, 3]);
    builder.free(0);
    expect([builder.live(0), builder.liveBytes, builder.liveObjects]).toEqual([false, 7, 1]);
    expect([builder.peakLiveBytes, builder.rows, builder.objects]).toEqual([30, 2, 2]);
  });

  it("gives an object the row that was given up last", () => {
    const builder = new TraceBuilder("x");
    for (let id = 1; id <= 4; id++) builder.allocate(1);
    builder.free(2);
    builder.free(3);
    for (let id = 5; id <= 7; id++) builder.allocate(1);
    expect([...builder.finish().chunks[0].row]).toEqual([0, 1, 2, 3, 1, 2, 2, 1, 4]);
  });

  it("lets an id come again after its death, as another object", () => {
    const builder = new TraceBuilder("x");
    builder.allocateAs(9, 1);
    builder.free(9);
    builder.allocateAs(9, 2);
    expect(builder.finish()).toMatchObject({ objects: 2, rows: 1, events: 3 });
  });

  it("refuses misuse and names the values", () => {
    const builder = new TraceBuilder("x");
    builder.allocateAs(1, 1);
    builder.allocateAs(2, 1);
    builder.free(2);
    const said: [() => unknown, string][] = [
      [() => builder.allocateAs(1, 5), "object 1 is allocated while it is live"],
      [() => builder.free(2), "free of object 2, which is not live (it was freed before)"],
      [() => builder.free(3), "free of object 3, which is not live (it was never allocated)"],
      [() => builder.free(-1), "free of object -1, which is not live (it was never allocated)"],
      [() => builder.reallocate(2, 5), "realloc of object 2, which is not live (it was freed before)"],
      [() => builder.allocate(5e9), "5000000000 bytes are more than the limit of 2147483647"],
      [() => builder.reallocate(1, 2 ** 31), "2147483648 bytes are more than the limit of 2147483647"],
      [() => builder.callocate(70000, 70000), "70000 * 70000 bytes are more than the limit of 2147483647"],
      [() => builder.callocate(2 ** 31, 0), "a count of 2147483648 is more than the limit of 2147483647"],
      [() => builder.callocate(-1, 1), "a count of -1 is no whole number"],
      [() => builder.allocate(1.5), "1.5 bytes are no whole number of bytes"],
      [() => builder.allocate(-1), "-1 bytes are no whole number of bytes"],
      [() => builder.allocate(Number.NaN), "NaN bytes are no whole number of bytes"],
      [() => builder.memalign(24, 1), "alignment 24 is not a power of two up to 1073741824"],
      [() => builder.memalign(0, 1), "alignment 0 is not a power of two up to 1073741824"],
      [() => builder.memalign(2 ** 31, 1), "alignment 2147483648 is not a power of two up to 1073741824"],
      [() => builder.memalign(2.5, 1), "alignment 2.5 is not a power of two up to 1073741824"],
      [() => builder.allocateAs(2 ** 31, 1), "object 2147483648 is beyond the largest id, 2147483647"],
      [() => builder.allocateAs(-3, 1), "object -3: an id is a whole number"],
      [() => builder.phase("two words"), '"two words" is no name of a phase: it must be one word'],
      [() => builder.phase(""), '"" is no name of a phase: it must be one word'],
      [() => builder.phase("x", "a\nb"), "the detail of phase x has more than one line"],
    ];
    for (const [act, message] of said) expect(messageOf(act)).toBe(`TraceError: ${message}`);
    expect([builder.events, builder.liveBytes, builder.objects]).toEqual([3, 1, 2]);
  });

  it("does not say of sparse ids what it does not know", () => {
    const builder = new TraceBuilder("x");
    builder.allocateAs(100, 1);
    builder.allocateAs(5, 1);
    expect(messageOf(() => builder.free(50))).toBe("TraceError: free of object 50, which is not live");
  });

  it("takes the largest id and size, and then has no id of its own to give", () => {
    const builder = new TraceBuilder("x");
    builder.allocateAs(LARGEST_ID, MOST_BYTES);
    builder.allocateAs(LARGEST_ID - 1, MOST_BYTES);
    builder.allocateAs(0, MOST_BYTES);
    expect(messageOf(() => builder.allocate(1))).toMatch(/object 2147483648 is beyond the largest id/);
    expect(builder.finish()).toMatchObject({ rows: 3, peakLiveBytes: 3 * MOST_BYTES });
  });

  it("takes nothing once it is finished", () => {
    const builder = new TraceBuilder("done");
    builder.allocate(1);
    builder.finish();
    for (const act of [
      () => builder.allocate(1),
      () => builder.free(1),
      () => builder.phase("x"),
      () => builder.finish(),
    ])
      expect(messageOf(act)).toBe("TraceError: the trace done is finished");
    expect(builder.events).toBe(1);
  });

  it("counts anomalies by their kind and keeps phases where they were noted", () => {
    const builder = new TraceBuilder("x", { fidelity: "partial" });
    builder.phase("start");
    builder.allocate(1);
    builder.anomaly("free of an unknown object");
    builder.anomaly("lost events", 3);
    builder.anomaly("free of an unknown object");
    builder.phase("end", "  t=1  ");
    expect(builder.finish()).toMatchObject({
      fidelity: "partial",
      anomalies: [
        { kind: "free of an unknown object", count: 2 },
        { kind: "lost events", count: 3 },
      ],
      phases: [
        { event: 0, name: "start", detail: "" },
        { event: 1, name: "end", detail: "t=1" },
      ],
    });
  });

  it("cuts chunks at 65536 events, the last one to its length", () => {
    for (const pairs of [CHUNK_EVENTS / 2, CHUNK_EVENTS / 2 + 1]) {
      const builder = new TraceBuilder("x");
      for (let i = 0; i < pairs; i++) builder.free(builder.allocate(i));
      const { chunks, events } = builder.finish();
      expect(events).toBe(2 * pairs);
      expect(chunks.map((chunk) => [chunk.events, chunk.row.length, chunk.op.length])).toEqual(
        pairs === CHUNK_EVENTS / 2
          ? [[CHUNK_EVENTS, CHUNK_EVENTS, CHUNK_EVENTS]]
          : [
              [CHUNK_EVENTS, CHUNK_EVENTS, CHUNK_EVENTS],
              [2, 2, 2],
            ],
      );
    }
  });

  it("hands chunks out instead of keeping them, with the phases noted since the one before", () => {
    const whole = new TraceBuilder("x");
    const out: { chunk: Chunk; phases: readonly Phase[] }[] = [];
    const streaming = new TraceBuilder("x", { chunk: (chunk, phases) => out.push({ chunk, phases }) });
    for (const builder of [whole, streaming]) {
      builder.phase("first");
      for (let i = 0; i < CHUNK_EVENTS; i++) builder.allocate(i);
      builder.phase("second");
      builder.allocate(1);
      builder.phase("third");
    }
    expect(out.length).toBe(1);
    const trace = whole.finish();
    const streamed = streaming.finish();
    expect(
      sameColumns(
        out.map(({ chunk }) => chunk),
        trace.chunks,
      ),
    ).toBe(true);
    expect(out.map(({ phases }) => phases.map(({ name }) => name))).toEqual([["first", "second"], ["third"]]);
    expect(streamed).toEqual({ ...trace, chunks: [] });
  });

  it("is as it was when the taker of a chunk throws", () => {
    let willing = false;
    const builder = new TraceBuilder("x", {
      chunk: () => {
        if (!willing) throw new Error("disk full");
      },
    });
    for (let i = 0; i < CHUNK_EVENTS; i++) builder.allocate(1);
    const { hash } = builder;
    expect(messageOf(() => builder.free(1))).toBe("Error: disk full");
    expect(messageOf(() => builder.allocate(1))).toBe("Error: disk full");
    expect([builder.live(1), builder.events, builder.liveBytes, builder.hash]).toEqual([
      true,
      CHUNK_EVENTS,
      CHUNK_EVENTS,
      hash,
    ]);
    willing = true;
    builder.free(1);
    expect(builder.finish()).toMatchObject({ events: CHUNK_EVENTS + 1, objects: CHUNK_EVENTS });
  });

  it("agrees with a naive model, whatever the ids and whatever is misused", () => {
    const id = fc.oneof(
      fc.nat(12),
      fc.nat(LARGEST_ID),
      fc.nat(63).map((i) => i * 2 ** 25),
    );
    const call = fc.record({ op: fc.nat(2), id, bytes: fc.nat(1000) });
    const totals = (builder: TraceBuilder) => `${builder.events} ${builder.liveBytes} ${builder.hash}`;
    fc.assert(
      fc.property(fc.array(call, { maxLength: 2000, size: "max" }), (calls) => {
        const builder = new TraceBuilder("x");
        const live = new Map<number, { row: number; bytes: number }>();
        const free: number[] = [];
        const expected: number[] = [];
        const faults: string[] = [];
        let rows = 0;
        for (const { op, id, bytes } of calls) {
          const held = live.get(id);
          const allowed = (held === undefined) === (op === 0);
          const before = totals(builder);
          const said = messageOf(() => {
            if (op === 0) builder.allocateAs(id, bytes);
            else if (op === 1) builder.reallocate(id, bytes);
            else builder.free(id);
          });
          if (allowed !== (said === "nothing was thrown")) faults.push(`${op} ${id}: ${said}`);
          if (allowed === (before === totals(builder))) faults.push(`${op} ${id}: ${before}`);
          if (!allowed) continue;
          const row = held?.row ?? free.pop() ?? rows++;
          expected.push(row);
          if (op < 2) live.set(id, { row, bytes });
          else {
            live.delete(id);
            free.push(row);
          }
        }
        expect(faults).toEqual([]);
        expect(builder.liveBytes).toBe([...live.values()].reduce((sum, { bytes }) => sum + bytes, 0));
        expect(builder.liveObjects).toBe(live.size);
        const trace = builder.finish();
        expect(contents(trace).row).toEqual(expected);
        expect(trace.rows).toBe(rows);
      }),
      { seed: SEED, numRuns: 40 },
    );
  });
});

describe("an object graph in a builder", () => {
  it("is written as rows: the source and its field, the target and 1, or 0 for null", () => {
    const builder = new TraceBuilder("x");
    builder.allocate(24, 2);
    builder.allocate(8);
    builder.root(1);
    builder.store(1, 1, 2);
    builder.store(1, 0, null);
    builder.pin(2);
    builder.unpin(2);
    builder.unroot(1);
    builder.collectYoung();
    builder.collect();
    builder.print();
    const { op, row, id, bytes, argument } = contents(builder.finish());
    expect(op).toEqual([0, 0, 6, 5, 5, 8, 9, 7, 10, 11, 12]);
    expect(row).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0]);
    expect(id).toEqual([1, 2, 1, 1, 1, 2, 2, 1, 0, 0, 0]);
    expect(bytes).toEqual([24, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    expect(argument).toEqual([2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("knows the fields of the object that lives, not of one that had its row or its id before", () => {
    const builder = new TraceBuilder("x");
    builder.allocateAs(1, 24, 2);
    builder.free(1);
    builder.allocateAs(1, 24);
    expect(() => builder.store(1, 0, 1)).toThrow("store into field 0 of object 1, which has 0 fields");
    builder.free(1);
    builder.allocateAs(1, 24, 1);
    builder.store(1, 0, 1);
    for (let i = 2; i <= 5000; i++) builder.allocateAs(i, 8, i);
    builder.store(5000, 4999, 1);
    expect(() => builder.store(4000, 4000, 1)).toThrow("which has 4000 fields");
  });

  it("does not go with realloc, whichever comes first, and leaves the builder as it was", () => {
    const first = new TraceBuilder("x");
    first.allocate(8);
    first.reallocate(1, 9);
    for (const act of [() => first.root(1), () => first.pin(1), () => first.allocate(8, 1)])
      expect(act).toThrow("a trace with an object graph has no realloc");
    expect([first.events, first.objects, first.finish().graph]).toEqual([2, 1, false]);

    const second = new TraceBuilder("x");
    second.allocate(8);
    expect(() => second.store(1, 0, null)).toThrow("which has 0 fields");
    second.reallocate(1, 9);
    expect(second.finish().graph).toBe(false);
  });

  it("refuses fields that no object has", () => {
    const builder = new TraceBuilder("x");
    expect(() => builder.allocate(8, -1)).toThrow("-1 is no number of fields");
    expect(() => builder.allocate(8, 1.5)).toThrow("1.5 is no number of fields");
    expect(() => builder.allocate(8, 2 ** 24 + 1)).toThrow("16777217 fields are more than the limit");
  });
});
