/** Moves the window through which all maps look. */
import { batch } from "@preact/signals";
import { remember } from "../state/cursor.ts";
import { moments, top, zoom } from "../state/session.ts";
import { nearest, pictures, type Size, sizes, viewOf } from "../state/show.ts";
import { rowOf } from "../worker/layout.ts";

/** One power of two nearer or farther; `address` stays where it is, `y` device pixels below the map's top. */
export function zoomBy(lane: number, size: Size, by: 1 | -1, address?: number, y = size.height / 2): void {
  const before = viewOf(size);
  const next = Math.max(0, Math.min(nearest(), zoom.value + by));
  if (next === zoom.value) return;
  const segments = moments.value[lane]?.segments ?? [];
  const at = address ?? middle(lane, before.rowHeight, y);
  batch(() => {
    zoom.value = next;
    const after = viewOf(size);
    const row = rowOf(segments, after.rowBytes, at) ?? 0;
    top.value = next === 0 ? 0 : limit(row - Math.floor(y / after.rowHeight), lane, size);
  });
  remember();
}

export function panBy(lane: number, size: Size, rows: number): void {
  top.value = limit(top.value + rows, lane, size);
  remember();
}

export function fitAll(): void {
  batch(() => {
    zoom.value = 0;
    top.value = 0;
  });
  remember();
}

/** Rows that a map shows. */
export const rowsShown = (size: Size): number => Math.floor(size.height / viewOf(size).rowHeight + 1e-6);

/** Scrolls until `address` is in the middle, where not all of the heap is on the map. */
export function centre(lane: number, address: number): void {
  const size = sizes.value[lane];
  if (!size || zoom.value === 0) return;
  const row = rowOf(moments.value[lane]?.segments ?? [], viewOf(size).rowBytes, address);
  if (row !== undefined) top.value = limit(row - Math.floor(rowsShown(size) / 2), lane, size);
  remember();
}

/** Zooms until [low, high) fills the map as well as powers of two allow. */
export function showRange(lane: number, low: number, high: number): void {
  const size = sizes.value[lane];
  if (!size) return;
  batch(() => {
    zoom.value = nearest();
    while (zoom.value > 0 && viewOf(size).rowBytes * rowsShown(size) < high - low) zoom.value--;
    const row = rowOf(moments.value[lane]?.segments ?? [], viewOf(size).rowBytes, low) ?? 0;
    top.value = zoom.value === 0 ? 0 : limit(row, lane, size);
  });
  remember();
}

/** CSS pixels of a range that was asked for, at least. */
const SEEN = 10;

/** Zooms in until [start, start + length) can be seen, and scrolls until it is on the map. */
export function reveal(lane: number, size: Size, start: number, length: number): void {
  const { rowBytes } = viewOf(size);
  const wanted = (length * size.width) / size.ratio / SEEN;
  const steps = Math.max(0, Math.ceil(Math.log2(rowBytes / wanted)));
  batch(() => {
    zoom.value = Math.min(nearest(), zoom.value + steps);
    const row = rowOf(moments.value[lane]?.segments ?? [], viewOf(size).rowBytes, start);
    if (row === undefined) return;
    if (row < top.value || row >= top.value + rowsShown(size))
      top.value = limit(row - Math.floor(rowsShown(size) / 2), lane, size);
  });
  remember();
}

function limit(row: number, lane: number, size: Size): number {
  const view = viewOf(size);
  const segments = moments.value[lane]?.segments ?? [];
  const last = segments[segments.length - 1];
  const rows = last ? (rowOf(segments, view.rowBytes, last.start + last.length - 1) ?? 0) + 1 : 0;
  return Math.max(0, Math.min(row, rows - rowsShown(size)));
}

function middle(lane: number, rowHeight: number, y: number): number {
  const rows = pictures.value[lane]?.rows ?? [];
  return (rows.find((row) => row.y + rowHeight > y) ?? rows[rows.length - 1])?.start ?? 0;
}
