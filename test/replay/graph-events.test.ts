import { describe, expect, it } from "vitest";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay, type Replayed } from "../../src/replay/replay.ts";
import { draw } from "../../src/space/draw.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";

const SHAPE = "header=0,alignment=8";

/** Runs what `write` says, and draws the heap, 8 bytes a character, by ids: 1 is A. */
function run(policy: string, write: (trace: TraceBuilder) => void, heap: number | "grow" = "grow") {
  const builder = new TraceBuilder("x");
  write(builder);
  const replay = new Replay({ ...choosePolicy(policy), heap, validateEvery: 1 });
  for (const chunk of builder.finish().chunks) replay.feed(chunk);
  const done: Replayed = replay.finish();
  return {
    picture: draw(replay.space, { unit: 8, name: (slot) => replay.space.id(slot) }),
    skipped: done.metrics.skippedEvents,
    collections: done.recording.collections.map(({ cause, reclaimed }) => `${cause} ${reclaimed}`),
  };
}

/** 1 -> 2 -> 3 and 4 -> 5, of which 1 is a root. */
function lists(trace: TraceBuilder): void {
  for (let i = 1; i <= 5; i++) trace.allocate(8, 1);
  trace.root(1);
  trace.store(1, 0, 2);
  trace.store(2, 0, 3);
  trace.store(4, 0, 5);
}

describe("a trace with references", () => {
  it("has unreachable objects live until a collection finds them", () => {
    expect(run(`mark-sweep:${SHAPE}`, lists).picture).toBe("ABCDE");
    const collected = run(`mark-sweep:${SHAPE}`, (trace) => {
      lists(trace);
      trace.collect();
    });
    expect(collected).toMatchObject({ picture: "ABC..", collections: ["1 2"] });
  });

  it("has what is freed dead at once, and references to it null", () => {
    const freed = (trace: TraceBuilder) => {
      lists(trace);
      trace.free(2);
    };
    expect(run(`mark-sweep:${SHAPE}`, freed).picture).toBe("AxCDE");
    const collected = run(`mark-sweep:${SHAPE}`, (trace) => {
      freed(trace);
      trace.collectYoung();
    });
    expect(collected).toMatchObject({ picture: "A....", collections: ["2 4"] });
  });

  it("keeps what is pinned, and does not slide it", () => {
    const pinned = run(`mark-compact:forwarding=0,header=8,alignment=8`, (trace) => {
      for (let i = 1; i <= 4; i++) trace.allocate(8, 1);
      trace.pin(3);
      trace.root(4);
      trace.collect();
    });
    expect(pinned.picture).toBe("....CCDD");
  });

  it("is copied breadth-first from the oldest root", () => {
    const copied = run(
      `semispace:${SHAPE}`,
      (trace) => {
        for (let i = 1; i <= 6; i++) trace.allocate(8, 2);
        trace.root(6);
        trace.root(2);
        trace.store(2, 1, 5);
        trace.store(5, 0, 1);
        trace.store(2, 0, 4);
        trace.store(6, 0, 4);
        trace.collect();
      },
      96,
    );
    expect(copied.picture).toBe("######BFDEA.");
  });

  it("skips and counts what names an object that is gone or was refused", () => {
    const gone = run(`mark-sweep:${SHAPE}`, (trace) => {
      lists(trace);
      trace.collect();
      trace.store(4, 0, null);
      trace.store(1, 0, 5);
      trace.root(4);
      trace.free(5);
      trace.allocate(8);
    });
    expect(gone).toMatchObject({ picture: "ABCF.", skipped: 4 });
    const refused = run(
      `mark-sweep:${SHAPE}`,
      (trace) => {
        trace.root(trace.allocate(8, 1));
        trace.store(1, 0, trace.allocate(800));
        trace.root(2);
      },
      64,
    );
    expect(refused).toMatchObject({ picture: "A.......", skipped: 2 });
  });

  it("lets a collector find room that no free tells of", () => {
    for (const policy of [`mark-sweep:${SHAPE}`, `semispace:${SHAPE}`, "mark-compact:forwarding=0"]) {
      const busy = (trace: TraceBuilder) => {
        for (let i = 0; i < 500; i++) {
          const id = trace.allocate(8, 1);
          trace.root(id);
          if (i % 7 === 0) trace.store(id, 0, id);
          if (i > 2) trace.unroot(id - 2);
        }
      };
      const { picture, skipped, collections } = run(policy, busy, 320);
      expect([skipped, collections.length > 5]).toEqual([0, true]);
      expect(picture).toMatch(/[A-Za-z]/);
    }
  });

  it("is nothing to an allocator but its requests", () => {
    const plain = run("first-fit:header=0", (trace) => {
      for (let i = 1; i <= 5; i++) trace.allocate(8);
      trace.free(4);
    });
    const graph = run("first-fit:header=0", (trace) => {
      lists(trace);
      trace.collect();
      trace.collectYoung();
      trace.print();
      trace.free(4);
    });
    expect(graph).toEqual({ ...plain });
  });

  it("without references, collects what was freed when it is asked to", () => {
    const asked = run(`mark-sweep:${SHAPE}`, (trace) => {
      for (let i = 1; i <= 3; i++) trace.allocate(8);
      trace.free(2);
      trace.collect();
    });
    expect(asked).toMatchObject({ picture: "A.C", collections: ["1 1"] });
  });

  it("names the event when the policy is at fault", () => {
    const { policy, options } = choosePolicy("mark-sweep");
    const faulty = {
      ...policy,
      create: (...args: Parameters<typeof policy.create>) =>
        Object.assign(policy.create(...args), { stored: () => args[0].give(0) }),
    };
    const replay = new Replay({ policy: faulty, options, heap: "grow" });
    const builder = new TraceBuilder("x");
    lists(builder);
    expect(() => replay.feed(builder.finish().chunks[0])).toThrow(
      /^mark-sweep: event 6 \(store of object 1\): /,
    );
  });
});
