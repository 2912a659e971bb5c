/** The map's second canvas: addresses at the edge, breaks between segments, and whatever is pointed at. */
import type { Detail, Internals, Mark } from "../worker/protocol.ts";
import { type Box, boxesOf, label, type Sheet, strokeRange } from "./geometry.ts";
import { drawLists } from "./lists-overlay.ts";

export interface OverlayColours {
  readonly ink: string;
  readonly faint: string;
  readonly hot: string;
  readonly page: string;
}

export interface Overlay {
  readonly sheet: Sheet;
  readonly marks: readonly Mark[];
  readonly internals: Internals | undefined;
  readonly hovered: Detail | undefined;
  readonly pinned: Detail | undefined;
  /** CSS pixels left of the picture. */
  readonly gutter: number;
  readonly digits: number;
  /** Said where the heap ends above the map's lower edge. */
  readonly ending: string;
  readonly colours: OverlayColours;
}

/** CSS pixels between two addresses at least. */
const LABEL_STEP = 15;
const FONT = '11px ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace';

/** The width of the gutter for addresses of so many digits. */
export const gutterFor = (digits: number): number => Math.ceil((digits + 2) * 6.65) + 10;

export function drawOverlay(canvas: HTMLCanvasElement, overlay: Overlay): void {
  const { sheet, gutter, colours } = overlay;
  const context = canvas.getContext("2d");
  if (!context) return;
  const { ratio } = sheet;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, canvas.width / ratio, canvas.height / ratio);
  drawLabels(context, overlay);
  drawEnding(context, overlay);
  context.translate(gutter, 0);
  if (overlay.internals) drawLists(context, overlay.internals, sheet);
  for (const mark of overlay.marks) drawMark(context, mark, boxesOf(sheet, mark.start, mark.length), colours);
  if (overlay.hovered) outline(context, overlay.hovered, sheet, colours.ink, 1);
  if (overlay.pinned) outline(context, overlay.pinned, sheet, colours.ink, 2);
}

function drawLabels(context: CanvasRenderingContext2D, { sheet, gutter, digits, colours }: Overlay): void {
  const { picture, ratio } = sheet;
  const height = picture.view.rowHeight / ratio;
  context.font = FONT;
  context.textAlign = "right";
  context.textBaseline = "middle";
  // Every second row, or fourth: the addresses stay round.
  const every = 2 ** Math.max(0, Math.ceil(Math.log2(LABEL_STEP / height)));
  let free = Number.NEGATIVE_INFINITY;
  for (const row of picture.rows) {
    const y = row.y / ratio;
    if (row.first && row.start > 0 && y > 0)
      drawBreak(context, y - height / 2, gutter + picture.width / ratio, colours);
    const middle = y + Math.max(6, (height - 1) / 2);
    if (!row.first && Math.floor(row.start / picture.view.rowBytes) % every !== 0) continue;
    if (y < free || middle < 6 || middle + 5 > picture.height / ratio) continue;
    free = y + LABEL_STEP;
    context.fillStyle = row.first ? colours.ink : colours.faint;
    context.fillText(label(row.start, digits), gutter - 8, middle);
  }
}

/** Why there is nothing below the last row. */
function drawEnding(context: CanvasRenderingContext2D, { sheet, gutter, ending, colours }: Overlay): void {
  const { picture, ratio } = sheet;
  const last = picture.rows[picture.rows.length - 1];
  const y = last && (last.y + picture.view.rowHeight) / ratio + LABEL_STEP;
  if (y === undefined || y > picture.height / ratio - 6) return;
  context.font = "12px sans-serif";
  context.textAlign = "left";
  context.fillStyle = colours.faint;
  context.fillText(ending, gutter, y);
}

/** Addresses between two segments are left out: a torn edge. */
function drawBreak(
  context: CanvasRenderingContext2D,
  y: number,
  width: number,
  { faint }: OverlayColours,
): void {
  context.strokeStyle = faint;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = 0; x <= width; x += 6) context.lineTo(x, y + (x % 12 === 0 ? -2 : 2));
  context.stroke();
}

function drawMark(
  context: CanvasRenderingContext2D,
  { kind }: Mark,
  boxes: readonly Box[],
  { hot, page }: OverlayColours,
): void {
  if (kind === "request") {
    for (const box of boxes) hatch(context, box, hot);
    return;
  }
  if (kind === "excess") {
    for (const box of boxes) fillExcess(context, box, hot);
    return;
  }
  if (kind !== "freed") {
    context.strokeStyle = page;
    context.lineWidth = 4;
    strokeRange(context, boxes, 0);
  }
  context.setLineDash(kind === "freed" ? [3, 2] : []);
  context.strokeStyle = hot;
  context.lineWidth = 2;
  strokeRange(context, boxes, 0);
  context.setLineDash([]);
}

function fillExcess(context: CanvasRenderingContext2D, { x, y, width, height }: Box, hot: string): void {
  const least = Math.max(width, 3);
  context.globalAlpha = least > 12 ? 0.5 : 0.9;
  context.fillStyle = hot;
  context.fillRect(x, y - 1, least, height + 2);
  context.globalAlpha = 1;
}

/** The refused request, for scale: it lies over whatever is in its way. */
function hatch(context: CanvasRenderingContext2D, box: Box, hot: string): void {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.globalAlpha = 0.16;
  context.fillStyle = hot;
  context.fill();
  context.globalAlpha = 0.85;
  context.strokeStyle = hot;
  context.lineWidth = 1.25;
  for (let x = box.x - box.height - ((box.x - box.y) % 7); x < box.x + box.width; x += 7) {
    context.beginPath();
    context.moveTo(x, box.y + box.height);
    context.lineTo(x + box.height, box.y);
    context.stroke();
  }
  context.restore();
  context.globalAlpha = 1;
}

function outline(
  context: CanvasRenderingContext2D,
  { start, length }: Detail,
  sheet: Sheet,
  ink: string,
  width: number,
): void {
  context.strokeStyle = ink;
  context.lineWidth = width;
  strokeRange(context, boxesOf(sheet, start, length), 0.5);
}
