import { describe, expect, it } from "vitest";
import { Columns } from "../../src/space/columns.ts";
import { Graph } from "../../src/space/graph.ts";
import { Space } from "../../src/space/space.ts";
import { validate } from "../../src/space/validate.ts";
import { sequenceOf } from "../../src/testing/sequences.ts";

/** A heap that grows, with objects of 16 bytes at its end. */
function heap() {
  const space = new Space({ granule: 8, heap: "grow" });
  const { graph } = space;
  const object = (fields: number): number => {
    const slot = space.ask(16);
    graph.add(slot, fields);
    space.take(space.extend(16), 0, 16, slot);
    return slot;
  };
  const marked = (): number[] => {
    graph.mark();
    return Array.from({ length: space.slotLimit }, (_, slot) => slot).filter((slot) => graph.isMarked(slot));
  };
  return { space, graph, object, marked };
}

describe("an object graph", () => {
  it("is there from the first fields, root or pin on", () => {
    const { graph, object } = heap();
    const plain = object(0);
    expect(graph.on).toBe(false);
    graph.root(plain);
    expect(graph.on).toBe(true);
    const other = heap();
    other.object(1);
    expect(other.graph.on).toBe(true);
  });

  it("marks what roots and pins reach, through cycles and references to itself", () => {
    const { graph, object, marked } = heap();
    const [a, b, c, d, e] = [2, 1, 1, 1, 0].map(object);
    graph.store(a, 0, b);
    graph.store(b, 0, a);
    graph.store(c, 0, c);
    graph.store(d, 0, e);
    expect(marked()).toEqual([]);
    graph.root(a);
    expect(marked()).toEqual([a, b]);
    graph.pin(c);
    expect(marked()).toEqual([a, b, c]);
    graph.store(a, 1, d);
    expect(marked()).toEqual([a, b, c, d, e]);
    graph.store(a, 1, 0);
    graph.unpin(c);
    expect(marked()).toEqual([a, b]);
    graph.unroot(a);
    expect(marked()).toEqual([]);
  });

  it("has roots and pins in the order of births, whatever their slots and whenever they were set", () => {
    const { space, graph, object } = heap();
    const slots = [0, 0, 0, 0, 0].map(object);
    for (const i of [3, 1, 4, 0]) graph.root(slots[i]);
    expect([...graph.roots()]).toEqual([0, 1, 3, 4].map((i) => slots[i]));
    graph.unroot(slots[1]);
    graph.root(slots[2]);
    graph.root(slots[2]);
    expect([...graph.roots()]).toEqual([0, 2, 3, 4].map((i) => slots[i]));
    space.give(slots[0]);
    const reused = object(0);
    expect(reused).toBe(slots[0]);
    expect([...graph.roots()]).toEqual([2, 3, 4].map((i) => slots[i]));
    graph.root(reused);
    expect([...graph.roots()]).toEqual([slots[2], slots[3], slots[4], reused]);
    expect(graph.birth(reused)).toBe(5);
    graph.pin(reused);
    graph.pin(slots[1]);
    expect([...graph.pins()]).toEqual([slots[1], reused]);
  });

  it("follows no reference to what was freed, not even when its slot has been used again", () => {
    const { space, graph, object, marked } = heap();
    const [a, b] = [1, 0].map(object);
    graph.root(a);
    graph.store(a, 0, b);
    space.give(b);
    const c = object(0);
    expect(c).toBe(b);
    expect(marked()).toEqual([a]);

    graph.store(a, 0, c);
    space.die(c);
    space.beginCollection(0);
    expect(graph.target(a, 0)).toBe(0);
    expect(marked()).toEqual([a]);
    space.give(c);
    space.endCollection();
    validate(space);
  });

  it("counts what the program lets go of", () => {
    const { space, graph, object } = heap();
    const [a, b] = [1, 0].map(object);
    graph.root(a);
    graph.store(a, 0, b);
    graph.store(a, 0, b);
    expect(graph.letGo).toBe(1);
    graph.unroot(a);
    space.die(b);
    expect(graph.letGo).toBe(3);
  });

  it("reaches the same as a model of it, with fields of every number used again", () => {
    const { space, graph, object, marked } = heap();
    const below = sequenceOf(7);
    const model = new Map<number, number[]>();
    const roots = new Set<number>();
    const some = () => [...model.keys()][below(model.size)];
    for (let step = 0; step < 4000; step++) {
      if (model.size < 5 || below(4) === 0) {
        const fields = below(10) === 0 ? below(400) : below(20);
        model.set(object(fields), new Array(fields).fill(0));
        continue;
      }
      const slot = some();
      const fields = model.get(slot)!;
      if (below(7) === 0) {
        space.give(slot);
        model.delete(slot);
        roots.delete(slot);
        for (const others of model.values())
          for (const [i, target] of others.entries()) if (target === slot) others[i] = 0;
      } else if (below(5) === 0) {
        if (roots.delete(slot)) graph.unroot(slot);
        else graph.root(slot);
        if (!graph.isRoot(slot)) continue;
        roots.add(slot);
      } else if (fields.length > 0) {
        const field = below(fields.length);
        const target = below(6) === 0 ? 0 : some();
        graph.store(slot, field, target);
        fields[field] = target;
      }
      if (step % 50 !== 0) continue;
      const reached = new Set(roots);
      for (const each of reached)
        for (const target of model.get(each)!) if (target !== 0) reached.add(target);
      expect(marked()).toEqual([...reached].sort((a, b) => a - b));
      for (const [each, targets] of model)
        expect(Array.from({ length: graph.fields(each) }, (_, i) => graph.target(each, i))).toEqual(targets);
      validate(space);
    }
  });

  it("is saved and brought back with the space", () => {
    const { space, graph, object, marked } = heap();
    const [a, b] = [1, 1].map(object);
    graph.root(a);
    graph.store(a, 0, b);
    const saved = space.save();
    graph.unroot(a);
    graph.store(b, 0, object(30));
    graph.root(b);
    space.restore(saved);
    expect(marked()).toEqual([a, b]);
    expect([...graph.roots()]).toEqual([a]);
    expect(graph.target(b, 0)).toBe(0);
  });

  it("marks a list of 1,000,000 objects without recursion, and a random graph with 2,000,000 references fast", () => {
    const { graph, object } = heap();
    const count = 1_000_000;
    const slots = Int32Array.from({ length: count }, () => object(2));
    graph.root(slots[0]);
    for (let i = 1; i < count; i++) graph.store(slots[i - 1], 1, slots[i]);
    expect(graph.mark()).toBe(count);
    const below = sequenceOf(3);
    for (let i = 0; i < count; i++) graph.store(slots[i], 0, slots[below(count)]);
    const times = [1, 2, 3].map(() => {
      const from = performance.now();
      expect(graph.mark()).toBe(count);
      return performance.now() - from;
    });
    // A tenth of it on a machine that does nothing else.
    expect(Math.min(...times)).toBeLessThan(1000);
  });
});

describe("references", () => {
  it("counts each reference and root that leads to a chosen slot, however many there are, and no pin", () => {
    const graph = new Graph(new Columns(), () => true);
    graph.add(1, 700);
    graph.add(2, 0);
    graph.add(3, 1);
    graph.add(4, 1);
    for (let field = 0; field < 600; field++) graph.store(1, field, 2);
    graph.store(1, 600, 3);
    graph.store(1, 601, 1);
    graph.store(4, 0, 2); // not reached
    graph.root(1);
    graph.root(2);
    graph.pin(2);
    graph.pin(3);
    expect(graph.mark()).toBe(3);
    expect(graph.references()).toBe(600 + 2 + 2);
    const to = (...slots: number[]) =>
      graph.references(Uint8Array.from({ length: 5 }, (_, slot) => Number(slots.includes(slot))));
    expect([to(1), to(2), to(3), to(4)]).toEqual([2, 601, 1, 0]);
  });
});
