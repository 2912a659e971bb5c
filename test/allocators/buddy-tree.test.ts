import fc from "fast-check";
import { expect, it } from "vitest";
import { BuddyTree } from "../../src/allocators/parts/buddy-tree.ts";
import { Columns } from "../../src/space/columns.ts";

const UNITS = 89;

it("a buddy tree knows the block in use above any other, and the slot of each, as a list of blocks does", () => {
  const step = fc.record({ order: fc.integer({ min: 0, max: 4 }), pick: fc.nat(), give: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), fc.boolean(), (steps, lifo) => {
      const tree = new BuddyTree(new Columns(), lifo);
      tree.extend(40);
      tree.extend(UNITS);
      expect(tree.end).toBe(UNITS);
      const used: { at: number; order: number; slot: number }[] = [];
      for (const [slot, { order, pick, give }] of steps.entries()) {
        if (give && used.length > 0) {
          const [block] = used.splice(pick % used.length, 1);
          const row = tree.give(block.at, block.order, true);
          const start = tree.start(row);
          expect(start).toBeLessThanOrEqual(block.at);
          expect(start + 2 ** tree.order(row)).toBeGreaterThanOrEqual(block.at + 2 ** block.order);
        } else {
          const found = [...Array(31).keys()].find((each) => each >= order && (tree.free >> each) & 1);
          if (found === undefined) continue;
          used.push({ at: tree.take(slot + 1, order, found), order, slot: slot + 1 });
        }
        used.sort((a, b) => a.at - b.at);
        for (const [i, block] of used.entries()) {
          const end = block.at + 2 ** block.order;
          expect(end).toBeLessThanOrEqual(used[i + 1]?.at ?? UNITS);
          expect(tree.slotAbove(end)).toBe(used[i + 1]?.slot ?? 0);
          expect(tree.slotAt(block.at)).toBe(block.slot);
          expect(tree.slotAt(end - 1)).toBe(block.slot);
        }
      }
    }),
    { seed: 3, numRuns: 200 },
  );
});
