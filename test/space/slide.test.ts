import { describe, expect, it } from "vitest";
import { BlockShape } from "../../src/allocators/parts/block-shape.ts";
import { momentOf } from "../../src/metrics/meter.ts";
import { digest } from "../../src/replay/digest.ts";
import { draw } from "../../src/space/draw.ts";
import type { Probe } from "../../src/space/probe.ts";
import { Space, State } from "../../src/space/space.ts";
import { validate } from "../../src/space/validate.ts";
import { sequenceOf } from "../../src/testing/sequences.ts";

const HEAP = 16_384;

/** Blocks with holes and garbage between them, the same for the same seed; some seeds with a graph. */
function randomHeap(seed: number): Space {
  const below = sequenceOf(seed);
  const space = new Space({ granule: 8, heap: HEAP });
  const slots: number[] = [];
  if (seed % 4 === 0) space.reserve(0, 8 * (1 + below(4)), 0);
  for (;;) {
    const hole = space.previous(space.heap);
    const lead = below(5) === 0 ? 8 * below(6) : 0;
    const length = 8 * (1 + below(12));
    if (hole >= 0 || lead + length > space.length(hole)) break;
    const slot = space.ask(length);
    if (seed % 2 === 0) space.graph.add(slot, below(3));
    space.take(hole, lead, length, slot);
    slots.push(slot);
    if (seed % 2 === 0 && (below(4) === 0 || slots.length === 1)) space.graph.root(slot);
  }
  for (const slot of slots) {
    const what = below(5);
    if (what === 0) space.give(slot);
    else if (what === 1) space.die(slot);
  }
  const live = slots.filter((slot) => space.state(slot) === State.live);
  for (const slot of live)
    for (let field = 0; field < space.graph.fields(slot); field++)
      space.graph.store(slot, field, live[below(live.length)]);
  return space;
}

/** Where blocks go: some stay as if pinned, some keep a distance as if aligned to more. */
function destinations(space: Space, seed: number) {
  const shape = new BlockShape(0, 8);
  return (slot: number, lowest: number): number => {
    if (slot % 11 === seed % 11) return space.start(slot);
    return slot % 5 === seed % 5 ? Math.min(shape.start(lowest, 64), space.start(slot)) : lowest;
  };
}

/** What `slide` is said to come to. */
function oneByOne(space: Space, to: (slot: number, lowest: number) => number): void {
  let free = space.start(space.heap);
  for (let node = space.next(space.heap); node !== space.heap; ) {
    if (node < 0) {
      node = space.next(node);
      continue;
    }
    const slot = node;
    node = space.next(slot);
    if (node < 0) node = space.next(node);
    const state = space.state(slot);
    if (state === State.garbage || (state === State.live && space.graph.on && !space.graph.isMarked(slot)))
      space.give(slot);
    else {
      const at = state === State.live ? to(slot, free) : space.start(slot);
      if (at !== space.start(slot)) space.move(slot, at);
      free = space.end(slot);
    }
  }
}

type Told = readonly (string | number)[];

/** A probe that notes what it is told of blocks. */
function notes(told: Told[]): Probe {
  const note =
    (name: string) =>
    (...values: number[]) =>
      void told.push([name, ...values]);
  const names = [
    "claimed",
    "released",
    "died",
    "resized",
    "moved",
    "reserved",
    "unreserved",
    "segment",
    "unmapped",
    "purged",
    "shared",
    "collected",
  ];
  return Object.fromEntries(names.map((name) => [name, note(name)])) as unknown as Probe;
}

/** Nodes by address, holes under their handles. */
const nodes = (space: Space): string[] => {
  const found: string[] = [];
  for (let node = space.next(space.heap); node !== space.heap; node = space.next(node))
    found.push(`${node}: ${space.start(node)} ${space.length(node)} after ${space.previous(node)}`);
  return found;
};

const figures = (space: Space): number[] => Object.values(momentOf(space));

const compact = (space: Space, work: (space: Space) => void): Told[] => {
  const told: Told[] = [];
  space.graph.mark();
  space.probe = notes(told);
  space.beginCollection(1);
  work(space);
  space.endCollection();
  space.probe = undefined;
  return told;
};

describe("slide", () => {
  it("comes to what single moves come to, tells the same, and leaves the same rows vacant", () => {
    for (let seed = 1; seed <= 120; seed++) {
      const one = randomHeap(seed);
      const all = randomHeap(seed);
      const moved = new Uint8Array(all.slotLimit);
      const before = Array.from({ length: all.slotLimit }, (_, slot) => all.start(slot));
      const told = compact(one, (space) => oneByOne(space, destinations(space, seed)));
      expect(compact(all, (space) => space.slide(space.heap, destinations(space, seed), moved))).toEqual(
        told,
      );
      validate(all);
      expect(nodes(all)).toEqual(nodes(one));
      expect(digest(all)).toBe(digest(one));
      expect(figures(all)).toEqual(figures(one));
      for (let slot = 1; slot < all.slotLimit; slot++)
        if (all.state(slot) === State.live)
          expect(moved[slot]).toBe(all.start(slot) === before[slot] ? 0 : 1);
      // What comes next takes the same slots and rows of holes.
      for (const space of [one, all])
        for (let i = 0; i < 20; i++) {
          const hole = space.previous(space.heap);
          if (hole < 0 && space.length(hole) >= 24) space.take(hole, 8, 8, space.ask(8));
        }
      expect(nodes(all)).toEqual(nodes(one));
      validate(all);
    }
  });

  it("is played back by single moves into the holes that it names", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const space = randomHeap(seed);
      const other = randomHeap(seed);
      other.graph.mark();
      for (const [what, slot, , , , hole, offset] of compact(space, (s) =>
        s.slide(s.heap, destinations(s, seed)),
      ))
        if (what === "released") other.give(slot as number);
        else if (what === "moved") other.moveInto(slot as number, hole as number, (offset as number) * 8);
      expect(nodes(other)).toEqual(nodes(space));
    }
  });

  it("refuses to move up, onto what lies below, or off the granule", () => {
    for (const [at, message] of [
      [64, "object 2 cannot slide to 64: free is [8, 24)"],
      [0, "object 2 cannot slide to 0"],
      [12, "12 is not a multiple of the granule"],
    ] as const) {
      const space = new Space({ granule: 8, heap: 96 });
      for (const id of [1, 2]) space.take(space.previous(space.heap), id === 1 ? 0 : 16, 8, space.ask(8, id));
      expect(draw(space)).toBe("A..B........");
      expect(() => space.slide(space.heap, () => at)).toThrow(message);
    }
  });

  it("is not for a policy that follows the holes", () => {
    const space = new Space({ granule: 8, heap: 96 });
    space.follow({ appear: () => {}, vanish: () => {}, change: () => {} });
    expect(() => space.slide(space.heap, (_, lowest) => lowest)).toThrow("one by one");
  });
});
