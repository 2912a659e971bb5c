/**
 * Where addresses lie on the picture: rows of `rowBytes`, low address at the top left, each segment beginning a row
 * of its own, with a gap of one row before every segment but the first.
 */
import type { Row, SegmentFacts, View } from "./protocol.ts";

export interface Layout {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

export function layOut(segments: readonly SegmentFacts[], view: View, width: number, height: number): Layout {
  const { rowBytes, rowHeight, top } = view;
  const rows: Row[] = [];
  const scale = width / rowBytes;
  const last = top + Math.ceil(height / rowHeight);
  let row = 0;
  for (const { start, length } of segments) {
    if (length === 0) continue;
    if (row > 0) row++;
    const base = Math.floor(start / rowBytes) * rowBytes;
    const count = Math.ceil((start + length - base) / rowBytes);
    const from = Math.max(0, Math.floor(top) - row);
    for (let i = from; i < count && row + i <= last; i++) {
      const begin = base + i * rowBytes;
      const low = Math.max(begin, start);
      const high = Math.min(begin + rowBytes, start + length);
      rows.push({
        start: low,
        end: high,
        y: Math.round((row + i - top) * rowHeight),
        x0: Math.round((low - begin) * scale),
        x1: Math.round((high - begin) * scale),
        first: i === 0,
      });
    }
    row += count;
  }
  return { rows, rowCount: row };
}

/** The row on which an address is drawn, counted from the start of the space; undefined in no segment. */
export function rowOf(
  segments: readonly SegmentFacts[],
  rowBytes: number,
  address: number,
): number | undefined {
  let row = 0;
  for (const { start, length } of segments) {
    if (length === 0) continue;
    if (row > 0) row++;
    const base = Math.floor(start / rowBytes) * rowBytes;
    if (address >= start && address < start + length) return row + Math.floor((address - base) / rowBytes);
    row += Math.ceil((start + length - base) / rowBytes);
  }
  return undefined;
}
