/** Policies that do on purpose what real allocators do seldom, or must never do. */
import { describe, expect, it } from "vitest";
import {
  type Allocator,
  definePolicy,
  type Policy,
  REFUSED,
  reallocateByCopy,
} from "../../src/allocators/contract.ts";
import { readOptions } from "../../src/options/options.ts";
import { digest } from "../../src/replay/digest.ts";
import { Playback } from "../../src/replay/playback.ts";
import { PolicyError, Replay, replay } from "../../src/replay/replay.ts";
import { draw, list } from "../../src/space/draw.ts";
import { Control, type Space } from "../../src/space/space.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import type { Trace } from "../../src/traces/trace.ts";

function trap(name: string, create: (space: Space) => Partial<Allocator>, granule = 8): Policy {
  return definePolicy({
    name,
    family: "traps",
    summary: "",
    source: "",
    departs: "",
    kind: "allocator",
    coalesces: () => "at once",
    options: {},
    granule: () => granule,
    reasons: {},
    create(space) {
      const policy: Allocator = {
        allocate: () => REFUSED,
        free() {},
        reallocate: (address, bytes, request) => reallocateByCopy(policy, address, bytes, request),
        need: (bytes) => bytes,
        blockStart: (address) => address,
        blockLength: () => granule,
        ...create(space),
      };
      return policy;
    },
  });
}

function run(policy: Policy, trace: Trace, heap: number | "grow" = 64) {
  return replay(trace, { policy, options: readOptions(policy.name, {}, {}), heap, validateEvery: 1 });
}

function trace(write: (builder: TraceBuilder) => void): Trace {
  const builder = new TraceBuilder("trap");
  write(builder);
  return builder.finish();
}

const twoBlocks = trace((t) => {
  t.allocate(8);
  t.allocate(8);
});

/** Addresses from a list, blocks of 16 bytes. */
const scripted = (name: string, addresses: number[], length = 16): Policy =>
  trap(name, () => {
    let next = 0;
    return { allocate: () => addresses[next++], blockLength: () => length };
  });

describe("a faulty policy fails at its first wrong step, with its name, the event and the values", () => {
  it.each<[string, Policy, string]>([
    [
      "overlaps",
      scripted("overlapper", [0, 8]),
      "overlapper: event 1 (malloc of object 2, 8 bytes): [8, 24) overlaps object 1 at [0, 16)",
    ],
    [
      "leaves the heap",
      scripted("leaver", [0, 56]),
      "leaver: event 1 (malloc of object 2, 8 bytes): [56, 72) reaches past the segment's end, 64",
    ],
    [
      "is off the granule",
      scripted("crooked", [0, 20]),
      "crooked: event 1 (malloc of object 2, 8 bytes): 20 is not a multiple of the granule of 8 bytes",
    ],
    [
      "places a payload outside its block",
      trap("outside", () => ({ allocate: () => 16, blockStart: () => 0, blockLength: () => 16 })),
      "outside: event 0 (malloc of object 1, 8 bytes): the payload [16, 24) is not inside its block [0, 16)",
    ],
    [
      "says it is out of room with an address that is none",
      scripted("negative", [0, -16]),
      "negative: event 1 (malloc of object 2, 8 bytes): [-16, 0) is no range",
    ],
  ])("%s", (_, policy, message) => {
    expect(() => run(policy, twoBlocks)).toThrow(PolicyError);
    expect(() => run(policy, twoBlocks)).toThrow(message);
  });

  it.each([undefined, Number.NaN, "16"])("returns %s for an address", (address) => {
    const policy = trap("absent", (space) => ({
      allocate(_bytes, _align, { slot }) {
        space.take(space.next(space.heap), 0, 8, slot);
        return address as never;
      },
    }));
    expect(() => run(policy, twoBlocks)).toThrow(
      /absent: event 0 \(malloc of object 1, 8 bytes\): the payload/,
    );
  });

  it("moves in a realloc and keeps the old block", () => {
    const policy = trap("hoarder", (space) => {
      const take = (slot: number, offset: number) => {
        space.take(space.previous(space.heap), offset, 8, slot);
        return offset;
      };
      return {
        allocate: (_bytes, _align, { slot }) => take(slot, 0),
        reallocate: (_address, _bytes, { slot }) => take(slot, 8) + 8,
      };
    });
    const moved = trace((t) => t.reallocate(t.allocate(8), 4));
    expect(() => run(policy, moved)).toThrow(
      "hoarder: event 1 (realloc of object 1, 4 bytes): the realloc moved to 16 and left the old block, [0, 8), live",
    );
  });

  it("ignores an alignment", () => {
    const aligned = trace((t) => t.memalign(32, 8));
    expect(() => run(scripted("careless", [16]), aligned)).toThrow("the payload at 16 is not aligned to 32");
  });

  it("frees a block twice through the space", () => {
    const policy = trap("double", (space) => ({
      allocate: () => 0,
      free(_, { previous }) {
        space.give(previous);
        space.give(previous);
      },
    }));
    const freed = trace((t) => t.free(t.allocate(8)));
    expect(() => run(policy, freed)).toThrow(
      /^double: event 1 \(free of object 1\): .* holds no block to give back/,
    );
  });
});

describe("what a policy may do", () => {
  it("has payloads at 4 mod 8 (umm_malloc, Zephyr)", () => {
    const policy = trap(
      "four",
      () => {
        let next = 0;
        return { allocate: () => 16 * next++ + 4, blockStart: (a) => a - 4, blockLength: () => 16 };
      },
      4,
    );
    const done = run(policy, twoBlocks);
    expect(draw(done.space, { unit: 16 })).toBe("AB..");
  });

  it("grows a neighbour to place a block (emmalloc aligns payloads so)", () => {
    const policy = trap("padding", (space) => {
      let next = 0;
      return {
        allocate() {
          if (next > 0) space.resize(space.at(0), 0, 24);
          return [0, 24][next++];
        },
        blockLength: () => 16,
      };
    });
    const done = run(policy, twoBlocks);
    expect(list(done.space)).toEqual(["0 24 object 1, 8 bytes", "24 16 object 2, 8 bytes", "40 24 hole"]);
    const playback = new Playback(twoBlocks, done.recording);
    playback.seek(2);
    expect(list(playback.space)).toEqual(list(done.space));
    playback.seek(1);
    expect(list(playback.space)).toEqual(
      ["0 8 object 1, 8 bytes", "8 56 hole"].map((l) => l.replace("0 8 ", "0 16 ").replace("8 56", "16 48")),
    );
  });

  it("slides a block downwards in a realloc, over its own old place (umm_malloc)", () => {
    const policy = trap("slider", () => {
      let length = 16;
      return {
        allocate: () => 16,
        reallocate() {
          length = 32;
          return 8;
        },
        blockLength: () => length,
      };
    });
    const slid = trace((t) => t.reallocate(t.allocate(10), 30));
    const done = run(policy, slid);
    expect(list(done.space)).toEqual(["0 8 hole", "8 32 object 1, 30 bytes", "40 24 hole"]);
    const playback = new Playback(slid, done.recording);
    playback.seek(2);
    expect(list(playback.space)).toEqual(list(done.space));
  });

  it("maps, unmaps, extends and trims, and all of it is played back", () => {
    const policy = trap("mapper", (space) => {
      let segment = 0;
      return {
        allocate(bytes) {
          if (bytes < 100) {
            space.extend(32);
            return 0;
          }
          segment = space.map(4096);
          return space.start(segment);
        },
        blockLength: (address) => (address === 0 ? 16 : 4096),
        free(address, { previous }) {
          space.give(previous);
          if (address > 0) space.unmap(segment);
          else space.trim(32);
        },
      };
    });
    const mapped = trace((t) => {
      const small = t.allocate(8);
      const large = t.allocate(1000);
      t.free(large);
      t.free(small);
    });
    const done = run(policy, mapped, "grow");
    expect(done.metrics["heapBytes.max"]).toBe(4096 + 32);
    expect(done.metrics.heapBytes).toBe(0);
    const playback = new Playback(mapped, done.recording);
    const pictures = [0, 1, 2, 3, 4].map((event) => {
      playback.seek(event);
      return draw(playback.space, { unit: 16 });
    });
    expect(pictures[1]).toBe("A.");
    expect(pictures[2].startsWith("A. | BBBB")).toBe(true);
    expect([pictures[3], pictures[4]]).toEqual(["A.", ""]);
  });

  it("maps where an empty heap begins, and the playback tells the two apart", () => {
    const policy = trap("emptied", (space) => {
      let segment = 0;
      return {
        allocate() {
          space.trim(4096);
          segment = space.map(4096, 0);
          return space.start(segment) + 16;
        },
        free(_, { previous }) {
          space.give(previous);
          space.trim(4096, segment);
          space.extend(2048, segment);
        },
        blockLength: () => 16,
      };
    });
    const emptied = trace((t) => t.free(t.allocate(8)));
    const done = run(policy, emptied, 4096);
    const playback = new Playback(emptied, done.recording);
    playback.seek(2);
    expect(digest(playback.space)).toBe(digest(done.space));
    expect(draw(playback.space, { unit: 512 })).toBe(" | ....");
  });

  it("leaves frees uncoalesced: the truth is one hole, the refusal is the policy's", () => {
    const policy = trap("uncoalesced", () => {
      let next = 0;
      return {
        allocate: (bytes) => (bytes > 16 || next === 4 ? REFUSED : 16 * next++),
        blockLength: () => 16,
      };
    });
    const freed = trace((t) => {
      const ids = [1, 2, 3, 4].map(() => t.allocate(16));
      t.free(ids[1]);
      t.free(ids[2]);
      t.allocate(32);
    });
    const done = run(policy, freed);
    expect(draw(done.space, { unit: 16 })).toBe("A..B");
    expect(done.recording.refusals).toEqual([
      {
        event: 6,
        id: 5,
        kind: "policy",
        bytes: 32,
        need: 32,
        holeBytes: 32,
        largestHole: 32,
        controlBytes: 0,
      },
    ]);
  });

  it("refuses everything: a realloc of a refused object asks again, its free is skipped and counted", () => {
    const refused = trace((t) => {
      const id = t.allocate(100);
      t.reallocate(id, 8);
      t.free(id);
    });
    const { metrics, recording } = run(
      trap("refuser", () => ({})),
      refused,
    );
    expect(metrics).toMatchObject({
      refusals: 2,
      exhausted: 1,
      policyRefusals: 1,
      skippedEvents: 1,
      firstRefusalEvent: 0,
    });
    expect(recording.events).toBe(3);
  });

  it("refuses again and again: a replay without a log keeps the first thousand, and asks for no more reasons", () => {
    const asked = trace((t) => {
      for (let i = 0; i < 1200; i++) t.allocate(100);
    });
    let told = 0;
    const policy = trap("refuser", () => ({ reason: () => ({ code: "asked", values: [++told] }) }));
    const settings = { policy, options: readOptions(policy.name, {}, {}), heap: 64 };
    const { recording, metrics } = replay(asked, { ...settings, record: false });
    expect(metrics.refusals).toBe(1200);
    expect(recording.refusals.map(({ event }) => event)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(told).toBe(1000);
    expect(replay(asked, settings).recording.refusals.length).toBe(1200);
  });

  it("refuses a realloc, which leaves the old block live", () => {
    const policy = trap("stubborn", () => ({
      allocate: () => 0,
      reallocate: () => REFUSED,
      blockLength: () => 16,
    }));
    const { space, metrics } = run(
      policy,
      trace((t) => t.reallocate(t.allocate(10), 40)),
    );
    expect(list(space)).toEqual(["0 16 object 1, 10 bytes", "16 48 hole"]);
    expect(metrics).toMatchObject({ refusals: 1, policyRefusals: 1, liveBytes: 10 });
  });
});

describe("the hash of a recording", () => {
  const hashOf = (policy: Policy, requests: Trace, heap: number | "grow" = 64) =>
    run(policy, requests, heap).recording.hash;
  const one = trace((t) => t.allocate(8));

  it("tells a realloc that is refused from one in place", () => {
    const resized = trace((t) => t.reallocate(t.allocate(8), 4));
    const at = (to: number) =>
      trap("either", () => ({ allocate: () => 4, reallocate: () => to, blockStart: () => 0 }), 4);
    const wide = (to: number) => ({
      ...at(to),
      create: (space: Space) => ({ ...at(to).create(space, {}), blockLength: () => 16 }),
    });
    expect(hashOf(wide(4), resized)).not.toBe(hashOf(wide(REFUSED), resized));
  });

  it("tells what a control range is for", () => {
    const reserving = (kind: Control) =>
      trap("reserving", (space) => {
        space.reserve(32, 16, kind);
        return { allocate: () => 0, blockLength: () => 8 };
      });
    expect(hashOf(reserving(Control.header), one)).not.toBe(hashOf(reserving(Control.table), one));
  });

  it("tells which of two neighbours was resized", () => {
    const three = trace((t) => {
      t.allocate(8);
      t.allocate(8);
      t.allocate(8);
    });
    const growing = (lower: boolean) =>
      trap("growing", (space) => {
        let next = 0;
        return {
          allocate() {
            if (next === 2) {
              const [first, second] = [space.at(0), space.at(32)];
              if (lower) space.resize(first, 0, 8);
              else space.resize(second, 32, 8);
            }
            return [0, 32, 56][next++];
          },
          blockLength: () => 8,
        };
      });
    expect(hashOf(growing(true), three)).not.toBe(hashOf(growing(false), three));
  });

  it("tells the size of the heap", () => {
    const policy = scripted("same", [0]);
    expect(hashOf(policy, one, 64)).not.toBe(hashOf(policy, one, 128));
  });
});

describe("validation during a replay", () => {
  it("blames the policy for its own broken lists, with the event", () => {
    const policy = trap("untidy", () => ({
      allocate: () => 0,
      blockLength: () => 8,
      validate() {
        throw new Error("a list is not closed");
      },
    }));
    expect(() =>
      run(
        policy,
        trace((t) => t.allocate(8)),
      ),
    ).toThrow("untidy: event 0 (malloc of object 1, 8 bytes): a list is not closed");
  });

  it("notices an object that no row owns, and a collection that never ends", () => {
    const settings = { policy: scripted("plain", [0]), options: {}, heap: 64 };
    const orphan = new Replay(settings);
    orphan.feed(trace((t) => t.allocate(8)).chunks[0]);
    orphan.objects.clear(0);
    expect(() => orphan.validate()).toThrow("0 objects of the trace are placed, 1 blocks are live");
    const endless = new Replay(settings);
    endless.space.beginCollection(0);
    expect(() => endless.validate()).toThrow("a collection has begun and not ended");
    const leaking = new Replay(settings);
    leaking.space.ask(8);
    expect(() => leaking.validate()).toThrow(/is asked for, and neither placed nor discarded/);
  });
});

describe("a replay", () => {
  it("is the same in whole chunks and event by event", () => {
    const policy = scripted("bumped", [0, 16, 32, 48]);
    const whole = run(policy, twoBlocks);
    const parts = new Replay({ policy, options: {}, heap: 64 });
    const [chunk] = twoBlocks.chunks;
    for (let i = 0; i < 2; i++)
      parts.feed({
        events: 1,
        op: chunk.op.subarray(i),
        row: chunk.row.subarray(i),
        id: chunk.id.subarray(i),
        bytes: chunk.bytes.subarray(i),
        argument: chunk.argument.subarray(i),
      });
    expect(parts.finish().recording.hash).toBe(whole.recording.hash);
  });
});
