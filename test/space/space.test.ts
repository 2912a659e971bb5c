import { describe, expect, it } from "vitest";
import { draw } from "../../src/space/draw.ts";
import { Control, Counter, Space, SpaceError } from "../../src/space/space.ts";
import { validate } from "../../src/space/validate.ts";
import { sequenceOf } from "../../src/testing/sequences.ts";

/** An arena of `cells` granules of 8 bytes; slots are named by their number. */
function arena(cells: number) {
  const space = new Space({ granule: 8, heap: cells * 8 });
  const picture = () => draw(space, { name: (slot) => slot - 1 });
  const hole = () => space.next(space.heap);
  return { space, picture, hole };
}

describe("a space", () => {
  it("begins as one hole of the whole arena", () => {
    const { space, picture } = arena(8);
    expect(picture()).toBe("........");
    expect(space.largestHole).toBe(64);
  });

  it("takes a block from the low end, the high end or the middle of a hole, or all of it", () => {
    const { space, picture, hole } = arena(8);
    space.take(hole(), 0, 16, space.ask(10));
    expect(picture()).toBe("AA......");
    space.take(space.at(16), 40, 8, space.ask(8));
    expect(picture()).toBe("AA.....B");
    space.take(space.at(16), 8, 16, space.ask(16));
    expect(picture()).toBe("AA.CC..B");
    space.take(space.at(16), 0, 8, space.ask(3));
    expect(picture()).toBe("AADCC..B");
    validate(space);
    expect(space.counter(Counter.liveBytes)).toBe(10 + 8 + 16 + 3);
  });

  it("merges what is given back with the holes on both sides", () => {
    const { space, picture, hole } = arena(6);
    const slots = [1, 2, 3].map(() => {
      const slot = space.ask(16);
      space.take(hole() < 0 ? hole() : space.previous(space.heap), 0, 16, slot);
      return slot;
    });
    expect(picture()).toBe("AABBCC");
    space.give(slots[0]);
    space.give(slots[2]);
    expect(picture()).toBe("..BB..");
    expect(space.holes).toBe(2);
    space.give(slots[1]);
    expect(picture()).toBe("......");
    expect(space.holes).toBe(1);
    validate(space);
  });

  it("slides a block over its own old place", () => {
    const { space, picture, hole } = arena(6);
    const slot = space.ask(32);
    space.take(hole(), 16, 32, slot);
    expect(picture()).toBe("..AAAA");
    space.move(slot, 0);
    expect(picture()).toBe("AAAA..");
    validate(space);
  });

  it("resizes a block within itself and the holes beside it", () => {
    const { space, picture, hole } = arena(8);
    const slot = space.ask(8);
    space.take(hole(), 16, 16, slot);
    space.resize(slot, 8, 40);
    expect(picture()).toBe(".AAAAA..");
    space.resize(slot, 0, 64);
    expect(picture()).toBe("AAAAAAAA");
    space.resize(slot, 24, 8);
    expect(picture()).toBe("...A....");
    validate(space);
  });

  it("keeps the allocator's own memory apart from blocks", () => {
    const { space, picture } = arena(6);
    space.reserve(16, 8, Control.table);
    space.claim(space.ask(8), 0, 16);
    expect(picture()).toBe("BB#...");
    expect(space.counter(Counter.controlBytes)).toBe(8);
    space.unreserve(16);
    expect(picture()).toBe("BB....");
    validate(space);
  });

  it("finds the hole for a claim from any node near it, above or below", () => {
    const near = (name: (space: Space) => number) => {
      const { space, picture } = arena(12);
      for (const start of [0, 24, 48, 72]) space.claim(space.ask(8), start, 8);
      const before = space.reserve(88, 8, Control.header, name(space));
      space.claim(space.ask(8), 56, 8, name(space));
      const after = picture();
      space.unreserve(88, before);
      validate(space);
      return [after, picture()];
    };
    const nodes = [
      (space: Space) => space.at(0),
      (space: Space) => space.at(64),
      (space: Space) => space.at(72),
      (space: Space) => space.at(8),
      (space: Space) => space.heap,
      (space: Space) => space.previous(space.heap),
    ];
    for (const node of nodes) expect(near(node)).toEqual(near(() => 0));
  });

  it("refuses a claim outside the segment of the node it is to be near", () => {
    const space = new Space({ granule: 8, heap: "grow" });
    space.extend(32);
    const mapped = space.map(4096);
    const limit = space.start(mapped);
    expect(() => space.claim(space.ask(8), 0, 8, mapped)).toThrow(/outside every segment/);
    expect(() => space.claim(space.ask(8), limit, 8, space.heap)).toThrow(/outside every segment/);
    space.claim(space.ask(8), limit + 8, 8, mapped);
    expect(() => space.claim(space.ask(8), limit + 8, 8, mapped)).toThrow(/overlaps slot/);
  });

  it("holds dead blocks as garbage until they are given back", () => {
    const { space, picture, hole } = arena(4);
    const slot = space.ask(16);
    space.take(hole(), 0, 16, slot);
    space.die(slot);
    expect(picture()).toBe("xx..");
    expect(space.counter(Counter.garbageBytes)).toBe(16);
    expect(space.counter(Counter.liveBytes)).toBe(0);
    space.give(slot);
    expect(picture()).toBe("....");
  });

  it("grows, trims, maps and unmaps, and packs segments behind the heap's limit", () => {
    const space = new Space({ granule: 8, heap: "grow" });
    space.extend(32);
    space.claim(space.ask(8), 0, 8);
    const mapped = space.map(4096);
    const second = space.map(8192);
    expect(space.start(second) - space.start(mapped)).toBe(4096);
    expect(draw(space, { unit: 1024 })).toBe(" | .... | ........");
    space.claim(space.ask(100), space.start(second), 8192);
    validate(space);
    space.unmap(mapped);
    expect(space.start(space.map(4096))).toBe(space.limit);
    space.trim(24);
    expect(space.segmentLength(space.heap)).toBe(8);
    validate(space);
  });

  it.each<[string, (space: Space) => void, RegExp]>([
    ["an overlap", (s) => s.claim(s.ask(8), 8, 16), /^\[8, 24\) overlaps slot 2 at \[16, 32\)$/],
    ["an overlap from within", (s) => s.claim(s.ask(8), 24, 16), /overlaps slot 2 at/],
    [
      "a range past the arena",
      (s) => s.claim(s.ask(8), 32, 64),
      /^\[32, 96\) reaches past the segment's end, 64$/,
    ],
    ["a range outside every segment", (s) => s.claim(s.ask(8), 640, 8), /is outside every segment/],
    [
      "a start off the granule",
      (s) => s.claim(s.ask(8), 36, 8),
      /^36 is not a multiple of the granule of 8 bytes$/,
    ],
    ["an empty block", (s) => s.claim(s.ask(8), 32, 0), /is no range/],
    ["a negative start", (s) => s.claim(s.ask(8), -8, 8), /is no range/],
    ["two blocks for a slot", (s) => s.claim(2, 32, 8), /slot 2 already has its block/],
    [
      "giving back twice",
      (s) => {
        s.give(2);
        s.give(2);
      },
      /slot 2 holds no block/,
    ],
    [
      "a death after death",
      (s) => {
        s.die(2);
        s.die(2);
      },
      /slot 2 is not live/,
    ],
    ["taking more than the hole", (s) => s.take(s.at(0), 8, 16, s.ask(8)), /do not fit the hole \[0, 16\)/],
    ["taking from no hole", (s) => s.take(-99, 0, 8, s.ask(8)), /-99 is no hole/],
    ["growing over a neighbour", (s) => s.resize(2, 16, 64), /leaves the segment/],
    [
      "moving onto a neighbour",
      (s) => {
        s.claim(s.ask(8), 48, 8);
        s.move(2, 40);
      },
      /overlaps slot 3/,
    ],
    ["trimming what is not free", (s) => s.trim(64), /are not free/],
    ["unmapping what is not free", (s) => s.unmap(s.heap), /is not free as a whole/],
    ["a control range over a block", (s) => s.reserve(16, 8, Control.header), /overlaps slot 2/],
    ["a control range that is none", (s) => s.unreserve(16), /no control range starts at 16/],
    ["a growth beyond the limit by nothing", (s) => s.extend(0), /cannot grow by 0 bytes/],
  ])("refuses %s", (_, act, message) => {
    const { space } = arena(8);
    space.claim(space.ask(16), 16, 16);
    expect(() => act(space)).toThrow(SpaceError);
    const fresh = arena(8).space;
    fresh.claim(fresh.ask(16), 16, 16);
    expect(() => act(fresh)).toThrow(message);
  });

  it("says no when a fixed arena is asked to grow or to map", () => {
    const { space } = arena(8);
    expect(space.extend(8)).toBe(0);
    expect(space.map(4096)).toBe(0);
  });

  it("agrees with a map of single granules through 20,000 random changes, and after going back", () => {
    const cells = 400;
    const { space } = arena(cells);
    const owner = new Int32Array(cells);
    const below = sequenceOf(7);
    let live: number[] = [];
    let saved: { state: ReturnType<Space["save"]>; owner: Int32Array; live: number[] } | undefined;
    const isFree = (from: number, to: number) => owner.subarray(from, to).every((o) => o === 0);
    for (let step = 0; step < 20_000; step++) {
      const start = below(cells);
      const length = 1 + below(12);
      const end = start + length;
      const chance = below(10);
      if (chance < 4 && end <= cells && isFree(start, end)) {
        const slot = space.ask(length * 8);
        space.claim(slot, start * 8, length * 8);
        owner.fill(slot, start, end);
        live.push(slot);
      } else if (chance < 7 && live.length > 20) {
        const [slot] = live.splice(below(live.length), 1);
        space.give(slot);
        owner.forEach((o, i) => {
          if (o === slot) owner[i] = 0;
        });
      } else if (chance === 7 && live.length > 0) {
        const slot = live[below(live.length)];
        const size = space.length(slot) / 8;
        const rest = owner.map((o) => (o === slot ? 0 : o));
        if (start + size <= cells && rest.subarray(start, start + size).every((o) => o === 0)) {
          space.move(slot, start * 8);
          owner.set(rest.fill(slot, start, start + size));
        }
      } else if (chance === 8 && live.length > 0) {
        const slot = live[below(live.length)];
        const from = owner.indexOf(slot);
        let low = from;
        while (low > 0 && owner[low - 1] === 0) low--;
        let high = owner.lastIndexOf(slot) + 1;
        while (high < cells && owner[high] === 0) high++;
        const at = low + below(high - low);
        const size = 1 + below(high - at);
        space.setPayload(slot, 1);
        space.resize(slot, at * 8, size * 8);
        owner.set(owner.map((o) => (o === slot ? 0 : o)).fill(slot, at, at + size));
      }
      if (step === 5000) saved = { state: space.save(), owner: owner.slice(), live: [...live] };
      if (step === 12_000 && saved) {
        space.restore(saved.state);
        owner.set(saved.owner);
        live = saved.live;
      }
      if (step % 50 === 0) validate(space);
      const probe = below(cells);
      const found = space.at(probe * 8);
      expect(found < 0 ? 0 : found).toBe(owner[probe]);
    }
  });
});
