import { expect, it } from "vitest";
import { Columns } from "../../src/space/columns.ts";
import { LargestHole } from "../../src/space/largest-hole.ts";
import { sequenceOf } from "../../src/testing/sequences.ts";

const ROW_LOG2 = 2;

/** Holes in a table of their own, and a plain map of what they are. */
function table() {
  const columns = new Columns();
  const rows = columns.int32(4 << ROW_LOG2);
  const longest = new LargestHole(columns, rows, { rowLog2: ROW_LOG2, length: 0, links: 1 });
  const lengths = new Map<number, number>();
  const set = (row: number, length: number): void => {
    const before = lengths.get(row) ?? 0;
    rows.grow((row + 1) << ROW_LOG2);
    if (length === 0) longest.remove(row, before);
    rows.data[row << ROW_LOG2] = length;
    if (before === 0) longest.insert(row, length);
    else if (length > 0) longest.change(row, before, length);
    if (length === 0) lengths.delete(row);
    else lengths.set(row, length);
  };
  return { columns, longest, lengths, set };
}

it.each([
  ["a few", 12, 40],
  ["many short ones and few long ones", 4000, 1 << 28],
  ["more than are ever listed, all alike", 6000, 3],
])("the largest hole is that of the list: %s", (_, most, longestOf) => {
  const { columns, longest, lengths, set } = table();
  const below = sequenceOf(most);
  let saved: { snapshot: ReturnType<Columns["save"]>; lengths: Map<number, number> } | undefined;
  for (let step = 0; step < 30_000; step++) {
    const row = 1 + below(most);
    // Mostly short: the square of a share.
    const length = 1 + Math.floor((below(1000) / 1000) ** 8 * longestOf);
    set(row, below(3) === 0 ? (lengths.has(row) ? 0 : length) : length);
    if (step % 7 === 0) expect(longest.length).toBe(Math.max(0, ...lengths.values()));
    if (step % 1009 === 0) longest.validate(lengths);
    if (step === 10_000) saved = { snapshot: columns.save(), lengths: new Map(lengths) };
  }
  // The longest go one after the other, as worst fit takes them.
  for (const [row] of [...lengths].sort((a, b) => b[1] - a[1])) {
    set(row, 0);
    if (lengths.size % 5 === 0) expect(longest.length).toBe(Math.max(0, ...lengths.values()));
  }
  expect(longest.length).toBe(0);
  columns.restore(saved!.snapshot);
  longest.validate(saved!.lengths);
  expect(longest.length).toBe(Math.max(...saved!.lengths.values()));
});
