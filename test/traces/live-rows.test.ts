import { describe, expect, it } from "vitest";
import { LiveRows } from "../../src/traces/live-rows.ts";

/** Ids of a kind: the i-th of them. */
const KINDS: Readonly<Record<string, (i: number) => number>> = {
  dense: (i) => i,
  aligned: (i) => i * 65536,
  "from the top": (i) => 0x7fffffff - i,
  "spread by the multiplier of another hash": (i) => Math.imul(i, 0x85ebca77) & 0x7fffffff,
};

describe("the rows of live objects", () => {
  it.each(Object.keys(KINDS))("are found among %s ids, while 20000 come and go", (kind) => {
    const rows = new LiveRows();
    const naive = new Map<number, number>();
    let random = 1;
    for (let i = 0; i < 60_000; i++) {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      const id = KINDS[kind](random % 20_000);
      rows.reserve();
      const entry = rows.find(id);
      if (rows.rowAt(entry) !== (naive.get(id) ?? -1)) expect.fail(`id ${id} at step ${i}`);
      if (naive.delete(id)) rows.empty(entry);
      else {
        naive.set(id, i);
        rows.fill(entry, id, i);
      }
    }
    expect(naive.size).toBeGreaterThan(9000);
    for (let i = 0; i < 20_000; i++) {
      const id = KINDS[kind](i);
      if (rows.rowAt(rows.find(id)) !== (naive.get(id) ?? -1)) expect.fail(`id ${id} at the end`);
    }
  });
});
