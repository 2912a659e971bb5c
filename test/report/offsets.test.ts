import { describe, expect, it } from "vitest";
import { type Allocator, type Collector, definePolicy, REFUSED } from "../../src/allocators/contract.ts";
import { choosePolicy } from "../../src/replay/policies.ts";
import { Replay } from "../../src/replay/replay.ts";
import { Offsets } from "../../src/report/offsets.ts";
import { type Space, State } from "../../src/space/space.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";

/** Bumps in 64 bytes; slides everything down when that is full. `hooks` are what a test adds. */
function sliding(hooks: Partial<Allocator> = {}) {
  return definePolicy({
    name: "sliding",
    family: "collectors",
    summary: "",
    source: "",
    departs: "",
    kind: "collector",
    coalesces: () => "at once",
    options: {},
    granule: () => 8,
    reasons: {},
    create: (space: Space) => ({ ...slides(space), ...hooks }),
  });
}

function slides(space: Space): Collector {
  const top = space.columns.float64(1);
  const lengthOf = (bytes: number): number => Math.ceil(bytes / 8) * 8;
  const policy: Collector = {
    allocate(bytes, _align, request) {
      if (top.data[0] + lengthOf(bytes) > 64) policy.collect(0);
      const at = top.data[0];
      if (at + lengthOf(bytes) > 64) return REFUSED;
      top.data[0] += lengthOf(bytes);
      space.claim(request.slot, at, lengthOf(bytes));
      return at;
    },
    free: (_, request) => space.die(request.previous),
    reallocate: () => REFUSED,
    need: lengthOf,
    blockStart: (address) => address,
    blockLength: (address) => space.length(space.at(address)),
    collect(cause) {
      space.beginCollection(cause);
      let to = 0;
      for (let node = space.next(space.heap), next = 0; node !== space.heap; node = next) {
        next = space.next(node);
        if (node < 0) continue;
        if (space.state(node) === State.garbage) {
          space.give(node);
          next = space.next(space.heap);
          to = 0;
          continue;
        }
        if (space.start(node) !== to) {
          space.move(node, to);
          next = space.next(node);
        }
        to = space.end(node);
      }
      top.data[0] = to;
      space.endCollection();
    },
  };
  return policy;
}

function offsets(policy: ReturnType<typeof sliding>): string {
  const builder = new TraceBuilder("test");
  const first = builder.allocate(16);
  builder.allocate(24);
  builder.free(first);
  builder.allocate(16);
  builder.allocate(24);
  builder.allocate(64);
  let text = "";
  const replay = new Replay({ policy, options: {}, heap: 64, record: false });
  const lines = new Offsets(replay, (more) => {
    text += more;
  });
  for (const chunk of builder.finish().chunks) lines.feed(chunk);
  lines.flush();
  return text;
}

describe("offsets", () => {
  it("lists what is live after each collection, before the line of the request that caused it", () => {
    expect(offsets(sliding())).toBe(
      ["1 0", "2 16", "3 40", "# gc 1 alloc-failure", "2 heap 0", "3 heap 24", "# end", "4 40"]
        .concat(["# gc 2 alloc-failure", "2 heap 0", "3 heap 24", "4 heap 40", "# end", "5 -1", ""])
        .join("\n"),
    );
  });

  it("lists what roots reach after each collection, and where the trace asks for a list", () => {
    const builder = new TraceBuilder("test");
    for (const id of [0, 1, 2, 3]) builder.allocateAs(id, 8, 1);
    builder.root(2);
    builder.store(2, 0, 3);
    builder.pin(1);
    builder.print();
    builder.unpin(1);
    builder.collectYoung();
    builder.unroot(2);
    builder.root(3);
    builder.collect();
    const { policy, options } = choosePolicy("mark-compact:forwarding=0");
    let text = "";
    const replay = new Replay({ policy, options, heap: "grow", record: false });
    const lines = new Offsets(replay, (more) => {
      text += more;
    });
    for (const chunk of builder.finish().chunks) lines.feed(chunk);
    lines.flush();
    expect(text.trim().split("\n")).toEqual(
      ["0 8", "1 24", "2 40", "3 56"]
        .concat(["# list", "1 heap 24", "2 heap 40", "3 heap 56", "# end"])
        .concat(["# gc 1 young", "2 heap 8", "3 heap 24", "# end", "# gc 2 full", "3 heap 8", "# end"]),
    );
  });

  it("writes places in the policy's own words", () => {
    expect(offsets(sliding({ place: (address) => `old ${address}` }))).toMatch(
      /^1 old 0\n2 old 16\n3 old 40\n# gc 1 alloc-failure\n2 old 0\n3 old 24\n# end\n4 old 40\n/,
    );
  });
});
