import { describe, expect, it } from "vitest";
import { LiveObjects } from "../../src/traces/live-objects.ts";
import { Op } from "../../src/traces/trace.ts";

/** Ids of a kind: the i-th of them. */
const KINDS: Readonly<Record<string, (i: number) => number>> = {
  dense: (i) => i,
  aligned: (i) => i * 65536,
  "from the top": (i) => 0x7fffffff - i,
  "spread by the multiplier of another hash": (i) => Math.imul(i, 0x85ebca77) & 0x7fffffff,
};

/** 60,000 births and deaths of 20,000 ids, and the row of each by the rule: the one that was given up last. */
function life(idOf: (i: number) => number) {
  const rows = new Map<number, number>();
  const free: number[] = [];
  const events = { op: [] as number[], id: [] as number[], row: [] as number[] };
  let random = 1;
  for (let i = 0; i < 60_000; i++) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    const id = idOf(random % 20_000);
    const old = rows.get(id);
    const row = old ?? free.pop() ?? rows.size;
    if (old === undefined) rows.set(id, row);
    else if (rows.delete(id)) free.push(row);
    events.op.push(old === undefined ? Op.allocate : Op.free);
    events.id.push(id);
    events.row.push(row);
  }
  return { ...events, rows };
}

describe("the rows of live objects", () => {
  it.each(Object.keys(KINDS))("are found among %s ids, while 20000 come and go", (kind) => {
    const { op, id, row, rows } = life(KINDS[kind]);
    const alive = new LiveObjects();
    for (const [i, what] of op.entries()) {
      alive.reserve(1);
      if (alive.row(id[i]) !== (what === Op.free ? row[i] : -1)) expect.fail(`id ${id[i]} at step ${i}`);
      if (what === Op.free) alive.died(id[i], row[i]);
      else if (alive.born(id[i], i) !== row[i]) expect.fail(`row at step ${i}`);
    }
    expect(alive.count).toBe(rows.size);
    expect(rows.size).toBeGreaterThan(9000);
    for (let i = 0; i < 20_000; i++)
      if (alive.row(KINDS[kind](i)) !== (rows.get(KINDS[kind](i)) ?? -1)) expect.fail(`id ${i} at the end`);
  });

  it.each(Object.keys(KINDS))("are the same of %s ids that come many at a time", (kind) => {
    const lived = life(KINDS[kind]);
    const [op, id, bytes] = [
      Uint8Array.from(lived.op),
      Int32Array.from(lived.id),
      Int32Array.from(lived.op, (what, i) => (what === Op.free ? 0 : i)),
    ];
    const row = new Int32Array(op.length);
    const alive = new LiveObjects();
    for (let from = 0; from < op.length; from += 1000)
      expect(alive.take({ op, id, bytes, row }, from, from + 1000)).toBe(from + 1000);
    expect([...row]).toEqual(lived.row);
    const single = new LiveObjects();
    for (const [i, what] of op.entries()) {
      single.reserve(1);
      if (what === Op.free) single.died(id[i], row[i]);
      else single.born(id[i], bytes[i]);
    }
    const { count, rows, bytes: now, peakBytes, births, firstId, largestId, consecutive } = alive;
    expect(single).toMatchObject({
      count,
      rows,
      bytes: now,
      peakBytes,
      births,
      firstId,
      largestId,
      consecutive,
    });
  });
});
