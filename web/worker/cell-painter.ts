/** Paints cells (cells.ts) into the rows of a picture: those of one row, or those of a whole pyramid. */
import type { Cells } from "./cells.ts";
import type { Layout } from "./layout.ts";
import type { Inks } from "./palette.ts";
import type { SegmentFacts } from "./protocol.ts";
import type { Pyramid } from "./pyramid.ts";

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** RGBA as words, row by row. Transparent where nothing is drawn. */
  readonly words: Uint32Array;
}

/** Pixels [x0, x1) of lines [top, bottom). */
interface Band {
  readonly top: number;
  readonly bottom: number;
  readonly x0: number;
  readonly x1: number;
}

/** Device pixels left free below each row. */
export const gapBelow = (rowHeight: number): number =>
  rowHeight >= 7 ? Math.max(1, Math.round(rowHeight / 9)) : 0;

/** Pixel x of the band shows cell `first` + x. */
export function paintCells(
  { words, width }: Canvas,
  { top, bottom, x0, x1 }: Band,
  cells: Cells,
  first: number,
  inks: Inks,
): void {
  const line = top * width;
  for (let x = x0; x < x1; x++) words[line + x] = cells.shade(first + x, inks);
  for (let y = top + 1; y < bottom; y++) words.copyWithin(y * width + x0, line + x0, line + x1);
  const stripe = bottom - Math.max(1, Math.round((bottom - top) / 4));
  for (let x = x0; x < x1; x++)
    if (cells.moved(first + x)) for (let y = stripe; y < bottom; y++) words[y * width + x] = inks.moved;
}

/** The picture that `paint` makes of the runs, from a pyramid that was made for this width. */
export function paintPyramid(
  pyramid: Pyramid,
  canvas: Canvas,
  layout: Layout,
  segments: readonly SegmentFacts[],
  { rowBytes, rowHeight }: { readonly rowBytes: number; readonly rowHeight: number },
  inks: Inks,
): void {
  const gap = gapBelow(rowHeight);
  let segment = 0;
  for (const { start, y, x0, x1 } of layout.rows) {
    while (start >= segments[segment].start + segments[segment].length) segment++;
    const top = Math.max(0, y);
    const bottom = Math.min(canvas.height, y + Math.round(rowHeight) - gap);
    if (bottom <= top) continue;
    const { cells, origin } = pyramid.level(segment, rowBytes);
    const first = (Math.floor(start / rowBytes) - origin / rowBytes) * canvas.width;
    paintCells(canvas, { top, bottom, x0, x1: Math.max(x1, x0 + 1) }, cells, first, inks);
  }
}
