/** Between addresses and CSS pixels, on the rows of a picture. */
import { hex } from "../format.ts";
import type { Picture, Row, View } from "../worker/protocol.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Sheet {
  readonly picture: Picture;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
}

/** The address at x = 0 of the row, which may lie before the segment's start. */
const originOf = (row: Row, { width, view }: Picture): number =>
  Math.round(row.start - (row.x0 * view.rowBytes) / width);

/** The address under a point of the picture, in CSS pixels; undefined outside every segment. */
export function addressAt(sheet: Sheet, x: number, y: number): number | undefined {
  const { picture, ratio } = sheet;
  const { view } = picture;
  const row = picture.rows.find((each) => y * ratio >= each.y && y * ratio < each.y + view.rowHeight);
  if (!row) return undefined;
  const address = Math.floor(originOf(row, picture) + (x * ratio * view.rowBytes) / picture.width);
  return address >= row.start && address < row.end ? address : undefined;
}

/** The boxes that [start, start + length) covers on the visible rows. A range of no width still has a box. */
export function boxesOf(sheet: Sheet, start: number, length: number): Box[] {
  const { picture, ratio } = sheet;
  const { view } = picture;
  const scale = picture.width / view.rowBytes;
  const boxes: Box[] = [];
  for (const row of picture.rows) {
    const origin = originOf(row, picture);
    const low = Math.max(start, origin);
    const high = Math.min(start + length, origin + view.rowBytes);
    if (high <= low) continue;
    const x = (low - origin) * scale;
    const width = Math.max(ratio, (high - low) * scale);
    boxes.push({
      x: x / ratio,
      y: row.y / ratio,
      width: width / ratio,
      height: (view.rowHeight - gapOf(view)) / ratio,
    });
  }
  return boxes;
}

/**
 * The boxes of one range, in order, as few outlines: rows that lie below one another are one shape with two steps. Corners
 * in CSS pixels, `inset` within the boxes.
 */
export function outlinesOf(boxes: readonly Box[], inset: number): (readonly [x: number, y: number])[][] {
  const [first] = boxes;
  const last = boxes[boxes.length - 1];
  if (!first) return [];
  if (boxes.length === 1 || (boxes.length === 2 && first.x >= last.x + last.width))
    return boxes.map((box) => cornersOf(box, inset));
  const [left, right] = [last.x + inset, first.x + first.width - inset];
  const [from, to] = [first.x + inset, Math.max(left, last.x + last.width - inset)];
  const [top, bottom] = [first.y + inset, last.y + last.height - inset];
  const second = boxes[1].y + inset;
  const end = boxes[boxes.length - 2];
  const upper = end.y + end.height - inset;
  return [
    [
      [from, top],
      [right, top],
      [right, upper],
      [to, upper],
      [to, bottom],
      [left, bottom],
      [left, second],
      [from, second],
    ],
  ];
}

/** CSS pixels of an outline at least. */
const LEAST = 3;

function cornersOf({ x, y, width, height }: Box, inset: number): (readonly [number, number])[] {
  const [right, bottom] = [x + Math.max(LEAST, width) - inset, y + Math.max(LEAST, height) - inset];
  return [
    [x + inset, y + inset],
    [right, y + inset],
    [right, bottom],
    [x + inset, bottom],
  ];
}

/** Draws the outline of a range with the context's pen. */
export function strokeRange(context: CanvasRenderingContext2D, boxes: readonly Box[], inset: number): void {
  for (const corners of outlinesOf(boxes, inset)) {
    context.beginPath();
    for (const [x, y] of corners) context.lineTo(x, y);
    context.closePath();
    context.stroke();
  }
}

/** Device pixels left free below each row; as the painter leaves them. */
export const gapOf = ({ rowHeight }: View): number =>
  rowHeight >= 7 ? Math.max(1, Math.round(rowHeight / 9)) : 0;

/** Hexadecimal digits that every address up to `end` fits into. */
export const digitsFor = (end: number): number => Math.max(4, Math.ceil(Math.log2(end + 1) / 4));

export const label = (address: number, digits: number): string => hex(address, digits);
