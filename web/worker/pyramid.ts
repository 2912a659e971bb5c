/**
 * The cells of a whole space, level by level: a row of level k + 1 has twice the bytes of a row of level k, and as many
 * pixels, so that a cell of one level is exactly two of the level below. Made once for a moment in O(runs + cells);
 * each picture from it then costs its own pixels, whatever the number of blocks.
 */
import { Cells } from "./cells.ts";
import { inkOf } from "./ink-of.ts";
import type { Inks } from "./palette.ts";
import type { SegmentFacts } from "./protocol.ts";
import { Kind, type Runs } from "./runs.ts";

/** Cells of the nearest level: 13 bytes each, and as much again for all levels above. */
const MOST_CELLS = 1 << 21;

export interface Level {
  readonly cells: Cells;
  /** The address where cell 0 begins: a multiple of the row's bytes. */
  readonly origin: number;
}

export class Pyramid {
  /** Bytes of a row at the nearest level: a power of two. Nearer views are painted from the runs. */
  readonly rowBytes: number;
  readonly width: number;
  /** By segment, from the nearest level up. */
  readonly #levels: Level[][];

  /** `runs` are those of the whole space. `rowBytes` is that of the view at hand, `width` its pixels. */
  constructor(
    runs: Runs,
    segments: readonly SegmentFacts[],
    { rowBytes, width, inks }: { rowBytes: number; width: number; inks: Inks },
  ) {
    const bytes = segments.reduce((sum, { length }) => sum + length, 0);
    let least = rowBytes;
    while (least > 2 * width && (bytes / (least / 2)) * width <= MOST_CELLS) least /= 2;
    this.rowBytes = least;
    this.width = width;
    this.#levels = segments.map((segment) => [nearest(runs, segment, least, width, inks)]);
  }

  /** The segment's cells where a row has `rowBytes`, at least those of the nearest level. */
  level(segment: number, rowBytes: number): Level {
    const levels = this.#levels[segment];
    const wanted = Math.log2(rowBytes / this.rowBytes);
    while (levels.length <= wanted) {
      const { cells, origin } = levels[levels.length - 1];
      const bytes = this.rowBytes * 2 ** levels.length;
      const start = Math.floor(origin / bytes) * bytes;
      levels.push({ cells: cells.half(start === origin ? 0 : this.width), origin: start });
    }
    return levels[wanted];
  }
}

function nearest(
  runs: Runs,
  { start, length }: SegmentFacts,
  rowBytes: number,
  width: number,
  inks: Inks,
): Level {
  const origin = Math.floor(start / rowBytes) * rowBytes;
  const end = start + length;
  const cells = new Cells(Math.ceil((end - origin) / rowBytes) * width);
  const perByte = width / rowBytes;
  for (let i = runs.indexAt(start); i < runs.count && runs.start[i] < end; i++) {
    const from = (runs.start[i] - origin) * perByte;
    const to = (runs.start[i] + runs.length[i] - origin) * perByte;
    if (runs.kind[i] === Kind.hole && runs.emphasis[i] !== 2) cells.addHole(from, to);
    else cells.add(from, to, inkOf(runs, i, inks), runs.moved[i] === 1);
  }
  return { cells, origin };
}
