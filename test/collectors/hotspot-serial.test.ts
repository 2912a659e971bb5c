import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/allocators/contract.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { replay } from "../../src/replay/replay.ts";
import { checkCollections } from "../../src/testing/collection-check.ts";
import { randomGraph } from "../../src/testing/random-graphs.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Heap } from "../allocators/heap-in-letters.ts";
import { collect, collections } from "./collected.ts";
import { modelled } from "./recorded-runs.ts";

/** Eden of 192 bytes, survivor spaces of 32; old is the rest. */
const SMALL = "hotspot-serial:young=256,from=s0";
/** Eden of 6 KiB, survivor spaces of 1 KiB. */
const YOUNG = "hotspot-serial:young=8KiB,from=s0";
const HEAP = 64 * 1024;

/** Where each object is after each collection, all in one line. */
function places(choice: string, build: (trace: TraceBuilder) => void, heap = HEAP): string[] {
  const trace = new TraceBuilder("test");
  build(trace);
  return modelled(choice, trace.finish(), heap, 1).map(({ name, places }) =>
    `${name.split(" ")[2]}: ${places.join(", ")}`.trim(),
  );
}

describe("hotspot-serial", () => {
  it("lays out eden, two survivor spaces of which one is set aside, and old", () => {
    const heap = new Heap(SMALL, 512);
    heap.allocate("A", 16);
    heap.allocate("B", 24);
    expect(heap.picture.slice(0, 24)).toBe("AABBB...................");
    expect(heap.picture.slice(24)).toBe(`....####${".".repeat(32)}`);
  });

  it("begins with the survivor space that the program which reads the trace has left in use", () => {
    const first = (option: string, events: number) => {
      const survivor = (trace: TraceBuilder) => {
        trace.root(trace.allocate(16));
        while (trace.events < events - 1) trace.free(trace.allocate(8));
        trace.collectYoung();
      };
      const [young] = places(`hotspot-serial:young=2MiB${option}`, survivor, 8 * 1024 * 1024);
      return young.slice(0, "young: 1 s0".length);
    };
    // Eden is of 1.5 MiB, which 1,561,000 bytes and 592 an event fill once with 20 events, twice with 2677.
    expect(first("", 19)).toBe("young: 1 s0");
    expect(first("", 21)).toBe("young: 1 s1");
    expect(first("", 2675)).toBe("young: 1 s1");
    expect(first("", 2677)).toBe("young: 1 s0");
    expect(first(",from=s0", 19)).toBe("young: 1 s1");
    expect(first(",from=s1", 2675)).toBe("young: 1 s0");
  });

  it("copies to the survivor space breadth-first, and from one to the other", () => {
    expect(
      places(YOUNG, (trace) => {
        for (const fields of [2, 0, 1, 0]) trace.allocateAs(trace.events, 16 + 8 * fields, fields);
        trace.store(0, 0, 2);
        trace.store(0, 1, 1);
        trace.store(2, 0, 3);
        trace.root(0);
        trace.collectYoung();
        trace.store(0, 0, null);
        trace.collectYoung();
      }),
    ).toEqual(["young: 0 s1 0, 1 s1 56, 2 s1 32, 3 s1 72", "young: 0 s0 0, 1 s0 32"]);
  });

  it("promotes what reaches the age at which survivors fill half of a survivor space", () => {
    // 528 bytes of 1024 survive: from then on age 1 is old enough.
    expect(
      places(YOUNG, (trace) => {
        trace.allocateAs(0, 528);
        trace.root(0);
        trace.collectYoung();
        trace.allocateAs(1, 16);
        trace.root(1);
        trace.collectYoung();
        trace.collectYoung();
      }),
    ).toEqual(["young: 0 s1 0", "young: 0 old 0, 1 s0 0", "young: 0 old 0, 1 s1 0"]);
  });

  it("promotes at once what the survivor space has no room for", () => {
    expect(
      places(YOUNG, (trace) => {
        for (const [id, bytes] of [800, 400, 200].entries()) {
          trace.allocateAs(id, bytes);
          trace.root(id);
        }
        trace.collectYoung();
      }),
    ).toEqual(["young: 0 s1 0, 1 old 0, 2 s1 800"]);
  });

  it("visits runs of dirty cards from the highest to the lowest, and the fields of a run ascending", () => {
    const [, young] = places(YOUNG, (trace) => {
      // Four arrays of 60 fields, 496 bytes each: one card or two apiece.
      for (let id = 0; id < 4; id++) {
        trace.allocateAs(id, 496, 60);
        trace.root(id);
      }
      trace.collect();
      for (let id = 4; id < 8; id++) trace.allocateAs(id, 16);
      trace.store(0, 0, 4); // card 0
      trace.store(2, 59, 5); // [992, 1488): its last field is on card 2
      trace.store(3, 50, 6); // [1488, 1984): on card 3
      trace.store(3, 1, 7); // on card 2
      trace.collectYoung();
    });
    expect(young).toBe("young: 0 old 0, 1 old 496, 2 old 992, 3 old 1488, 4 s1 48, 5 s1 0, 6 s1 32, 7 s1 16");
  });

  it("keeps what a dead object of old refers to until a full collection", () => {
    const live = (full: boolean) => {
      const trace = new TraceBuilder("test");
      trace.allocateAs(0, 24, 1);
      trace.root(0);
      trace.collect();
      trace.allocateAs(1, 16);
      trace.store(0, 0, 1);
      trace.unroot(0);
      trace.collectYoung();
      if (full) trace.collect();
      return replay(trace.finish(), { ...choosePolicy(YOUNG), heap: HEAP }).metrics.liveBlocks;
    };
    expect(live(false)).toBe(2);
    expect(live(true)).toBe(0);
  });

  it("leaves dead wood within its budget until every fourth full collection", () => {
    const build = (trace: TraceBuilder) => {
      for (const id of [0, 1, 2]) {
        trace.allocateAs(id, 40);
        trace.root(id);
      }
      trace.collect();
      trace.unroot(0);
      for (let i = 0; i < 3; i++) trace.collect();
    };
    const apart = "full: 1 old 40, 2 old 80";
    const whole = "full: 1 old 0, 2 old 40";
    expect(places(YOUNG, build).slice(1)).toEqual([apart, apart, whole]);
    expect(places(`${YOUNG},fulls=2`, build).slice(1)).toEqual([whole, whole, whole]);
    expect(places(`${YOUNG},always=1`, build).slice(1)).toEqual([whole, whole, whole]);
  });

  it("lets go of the first dead run that is beyond the budget, and of all behind", () => {
    // 5% of 57,344 bytes is 2,867: 2,864 in words.
    const [, full] = places(YOUNG, (trace) => {
      for (const [id, bytes] of [2000, 16, 1000, 16, 16, 16].entries()) {
        trace.allocateAs(id, bytes);
        trace.root(id);
      }
      trace.collect();
      for (const id of [0, 2, 4]) trace.unroot(id);
      trace.collect();
    });
    expect(full).toBe("full: 1 old 2000, 3 old 2016, 5 old 2032");
  });

  it("places what is larger than eden in old, and collects when eden is full", () => {
    const heap = new Heap(SMALL, 4096);
    expect(heap.allocate("A", 200)).toBe(256);
    for (const name of "BCDEFGHIJKLM") heap.allocate(name, 16);
    expect(collections(heap)).toBe(0);
    heap.free(..."CDEFGHIJKLM");
    expect(heap.allocate("N", 16)).toBe(0);
    expect(collections(heap)).toBe(1);
    expect(heap.address("B")).toBe(224);
    expect(heap.reason).toBe("eden was full; after a collection the block is [0, 16)");
  });

  it("leaves in eden what old has no room for, and uses the survivor space then", () => {
    const heap = new Heap(SMALL, 512); // old: 256 bytes
    for (const name of "ABCDEFGHIJKL") expect(heap.allocate(name, 16)).toBeGreaterThanOrEqual(0);
    collect(heap);
    for (const name of "MNOPQRSTUVWX") expect(heap.allocate(name, 16)).toBeGreaterThanOrEqual(0);
    heap.free("A");
    collect(heap);
    // 11 objects and 5 fill old; 7 are left in eden.
    expect(heap.picture).toBe("RRSSTTUUVVWWXX..............####BBCCDDEEFFGGHHIIJJKKLLMMNNOOPPQQ");
    for (const name of "YZ[\\]ab") heap.allocate(name, 16);
    expect(heap.reason).toBe(
      "eden is full, and a young collection not safe: in the survivor space, [208, 224)",
    );
    expect(heap.allocate("c", 16)).toBe(REFUSED);
  });

  it("counts what a young collection copies and reads", () => {
    const trace = new TraceBuilder("test");
    trace.allocateAs(0, 32, 2);
    trace.allocateAs(1, 24);
    trace.store(0, 0, 1);
    trace.store(0, 1, 1);
    trace.root(0);
    trace.collectYoung();
    const { metrics } = replay(trace.finish(), { ...choosePolicy(YOUNG), heap: HEAP });
    expect(metrics.markedWords).toBe(7);
    expect(metrics.scannedWords).toBe(1); // a root; old is empty
    expect(metrics.touchedWords).toBe(3 * 7 + 2 + 1);
    expect(metrics.updatedReferences).toBe(3); // the root and two fields
  });

  it("keeps what is reachable with its roots in old, among random graphs", () => {
    for (const settled of [2048, 16384])
      for (let seed = 1; seed <= 6; seed++) {
        const choice = choosePolicy(`hotspot-serial:young=6KiB,settled=${settled},roots=${settled - 2000}`);
        const { policy, options } = choice;
        const trace = randomGraph({ events: 1500, seed, frees: seed > 3, roots: 6 * seed, every: 40 });
        const settings = { policy, options, heap: HEAP, validateEvery: 1 };
        const { collections } = checkCollections(trace, settings, policy.guarantees!(options));
        expect(collections).toBeGreaterThan(10);
      }
  });
});
