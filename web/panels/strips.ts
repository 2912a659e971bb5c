/** Draws the two strips of a compaction and the ribbons between them. */
import { PALETTES } from "../worker/palette.ts";
import type { Compaction, Picture, ThemeName } from "../worker/protocol.ts";

/** More moves than this are drawn region by region. */
const MOST_RIBBONS = 200;
const LABEL = 13;

interface Ribbon {
  from: number;
  to: number;
  length: number;
  readonly tone: number;
  /** Moves before its last one. */
  last: number;
}

export interface StripOptions {
  readonly height: number;
  readonly ratio: number;
  /** Moves done. */
  readonly at: number;
  readonly theme: ThemeName;
}

export function drawStrips(
  canvas: HTMLCanvasElement,
  compaction: Compaction,
  before: Picture,
  after: Picture,
  { height, ratio, at, theme }: StripOptions,
): void {
  canvas.width = before.width;
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  const top = Math.round(LABEL * ratio);
  const bottom = canvas.height - after.height - top;
  context.putImageData(new ImageData(before.pixels, before.width, before.height), 0, top);
  context.putImageData(new ImageData(after.pixels, after.width, after.height), 0, bottom);
  const perByte = before.width / compaction.extent.length;
  const x = (address: number) => (address - compaction.extent.start) * perByte;
  const { tones, hole } = PALETTES[theme];
  for (const ribbon of ribbonsOf(compaction)) {
    const moved = ribbon.last < at;
    if (moved) ghost(context, x(ribbon.from), top, ribbon.length * perByte, before.height, hole);
    context.globalAlpha = moved ? 0.5 : 0.12;
    context.fillStyle = tones[ribbon.tone];
    const [y0, y1] = [top + before.height + ratio, bottom - ratio];
    const middle = (y0 + y1) / 2;
    const [a, b] = [x(ribbon.from), x(ribbon.from + ribbon.length)];
    const [c, d] = [x(ribbon.to), x(ribbon.to + ribbon.length)];
    context.beginPath();
    context.moveTo(a, y0);
    context.bezierCurveTo(a, middle, c, middle, c, y1);
    context.lineTo(Math.max(d, c + ratio), y1);
    context.bezierCurveTo(d, middle, b, middle, Math.max(b, a + ratio), y0);
    context.fill();
    context.globalAlpha = 1;
  }
  caption(context, canvas, ratio);
}

/** Moves by the same distance, one behind the other, are one region when there are too many to see. */
function ribbonsOf({ moves }: Compaction): Ribbon[] {
  const ribbons: Ribbon[] = [];
  const merge = moves.count > MOST_RIBBONS;
  for (let i = 0; i < moves.count; i++) {
    const last = ribbons[ribbons.length - 1];
    const [from, to, length] = [moves.from[i], moves.to[i], moves.length[i]];
    if (merge && last && last.from + last.length === from && last.to + last.length === to) {
      last.length += length;
      last.last = i;
    } else ribbons.push({ from, to, length, tone: moves.tone[i], last: i });
  }
  return ribbons;
}

/** Where a block was: hatched. */
function ghost(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  hole: string,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, Math.max(1, width), height);
  context.clip();
  context.globalAlpha = 0.45;
  context.fillStyle = hole;
  context.fill();
  context.strokeStyle = hole;
  context.globalAlpha = 0.75;
  context.lineWidth = 2;
  for (let at = x - height - ((x - y) % 6); at < x + width; at += 6) {
    context.beginPath();
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
    context.stroke();
  }
  context.restore();
}

function caption(context: CanvasRenderingContext2D, canvas: HTMLCanvasElement, ratio: number): void {
  const style = getComputedStyle(canvas);
  context.fillStyle = style.getPropertyValue("--ink-3");
  context.font = `${11 * ratio}px ${style.fontFamily}`;
  context.textBaseline = "top";
  context.fillText("before", 0, 0);
  context.textBaseline = "bottom";
  context.fillText("after", 0, canvas.height);
}
