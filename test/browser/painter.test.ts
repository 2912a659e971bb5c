import { describe, expect, it } from "vitest";
import { Space } from "../../src/space/space.ts";
import { outlinesOf } from "../../web/map/geometry.ts";
import { layOut, rowOf } from "../../web/worker/layout.ts";
import { paint } from "../../web/worker/painter.ts";
import { inksOf } from "../../web/worker/palette.ts";
import { collectRuns, Runs } from "../../web/worker/runs.ts";

const inks = inksOf("light");

/** The one row of a heap of `bytes` on `width` pixels, after `fill` has placed blocks in it. */
function paintRow(
  bytes: number,
  width: number,
  fill: (place: (start: number, length: number) => void) => void,
) {
  const space = new Space({ granule: 8, heap: bytes });
  let id = 0;
  fill((start, length) => {
    const slot = space.ask(length, id++);
    space.claim(slot, start, length);
  });
  const runs = new Runs();
  collectRuns(runs, space, 0, bytes);
  const words = new Uint32Array(width);
  const view = { rowBytes: bytes, rowHeight: 1, top: 0 };
  const layout = layOut([{ start: 0, length: bytes }], view, width, 1);
  paint({ width, height: 1, words }, layout, runs, { ...view, granule: 8 }, inks);
  return words;
}

describe("the painter", () => {
  it("never lets a lone block vanish, however far out", () => {
    const row = paintRow(1 << 20, 64, (place) => place(512 * 1024, 8));
    expect(row[32]).not.toBe(inks.hole);
    expect(row.filter((word) => word !== inks.hole).length).toBe(1);
  });

  it("never draws a pixel as full that has a hole in it", () => {
    const row = paintRow(1 << 20, 64, (place) => {
      place(0, 512 * 1024);
      place(512 * 1024 + 8, 512 * 1024 - 8);
    });
    expect(inks.tones).toContain(row[31]);
    expect(inks.tones).not.toContain(row[32]);
  });

  it("draws near blocks to the byte", () => {
    const row = paintRow(64, 64, (place) => place(16, 3 * 8));
    expect([...row.keys()].filter((x) => row[x] === inks.hole)).toEqual(
      [...row.keys()].filter((x) => x < 16 || x >= 40),
    );
  });
});

describe("the outline of a range", () => {
  const row = (y: number, x: number, width: number) => ({ x, y, width, height: 9 });

  it("is one shape over rows that touch, with a step where it begins and ends within a row", () => {
    expect(outlinesOf([row(0, 60, 40), row(10, 0, 100), row(20, 0, 30)], 0)).toEqual([
      [
        [60, 0],
        [100, 0],
        [100, 19],
        [30, 19],
        [30, 29],
        [0, 29],
        [0, 10],
        [60, 10],
      ],
    ]);
    expect(outlinesOf([row(0, 60, 40), row(10, 0, 70)], 0).length).toBe(1);
  });

  it("is two where the rows do not touch, at least 3 px wide, and none off the map", () => {
    const apart = outlinesOf([row(0, 60, 40), row(10, 0, 60)], 0);
    expect(apart.map(([corner]) => corner)).toEqual([
      [60, 0],
      [0, 10],
    ]);
    expect(outlinesOf([row(0, 5, 1)], 0.5)[0]).toEqual([
      [5.5, 0.5],
      [7.5, 0.5],
      [7.5, 8.5],
      [5.5, 8.5],
    ]);
    expect(outlinesOf([], 0)).toEqual([]);
  });
});

describe("the layout", () => {
  const segments = [
    { start: 0, length: 100 },
    { start: 4096, length: 64 },
  ];

  it("begins a row with each segment, one row apart", () => {
    const { rows, rowCount } = layOut(segments, { rowBytes: 64, rowHeight: 10, top: 0 }, 64, 100);
    expect(rows.map(({ start, end, y }) => [start, end, y])).toEqual([
      [0, 64, 0],
      [64, 100, 10],
      [4096, 4160, 30],
    ]);
    expect(rowCount).toBe(4);
    expect(rowOf(segments, 64, 4100)).toBe(3);
    expect(rowOf(segments, 64, 2000)).toBeUndefined();
  });

  it("gives only the rows that can be seen", () => {
    const { rows } = layOut(
      [{ start: 0, length: 1 << 30 }],
      { rowBytes: 1024, rowHeight: 10, top: 500_000 },
      64,
      50,
    );
    expect(rows.length).toBeLessThanOrEqual(7);
    expect(rows[0].start).toBe(500_000 * 1024);
  });
});
