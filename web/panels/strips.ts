/** Draws the two strips of a compaction and the ribbons between them. */
import type { Pass } from "../state/compaction.ts";
import { PALETTES } from "../worker/palette.ts";
import type { Arrow, Compaction, Picture, ThemeName } from "../worker/protocol.ts";

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
  /** Steps of the pass done. */
  readonly at: number;
  readonly theme: ThemeName;
  readonly pass: Pass;
  readonly arrows: readonly Arrow[];
}

/** The strip below is what the moves have made so far; before there are any, the outlines of where they will lead. */
export function drawStrips(
  canvas: HTMLCanvasElement,
  compaction: Compaction,
  { before, after }: { readonly before: Picture; readonly after: Picture | undefined },
  { height, ratio, at, theme, pass, arrows }: StripOptions,
): void {
  canvas.width = before.width;
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  const top = Math.round(LABEL * ratio);
  const bottom = canvas.height - before.height - top;
  const perByte = before.width / compaction.extent.length;
  const x = (address: number) => (address - compaction.extent.start) * perByte;
  const { tones, hole, moved: hot } = PALETTES[theme];
  const place: Place = { x, perByte, ratio, y0: top + before.height + ratio, y1: bottom - ratio };
  context.putImageData(new ImageData(before.pixels, before.width, before.height), 0, top);
  if (after) context.putImageData(new ImageData(after.pixels, after.width, after.height), 0, bottom);
  else {
    context.fillStyle = hole;
    context.fillRect(0, bottom, before.width, before.height);
  }
  const reached =
    pass === "moves" || pass === "addresses" ? at : pass === "references" ? Number.POSITIVE_INFINITY : 0;
  for (const ribbon of ribbonsOf(compaction)) {
    const isDone = ribbon.last < reached;
    if (pass === "moves") {
      if (isDone) ghost(context, x(ribbon.from), top, ribbon.length * perByte, before.height, hole);
      context.globalAlpha = isDone ? 0.5 : 0.12;
    } else if (!isDone) continue;
    else context.globalAlpha = pass === "references" ? 0.1 : 0.3;
    context.fillStyle = tones[ribbon.tone];
    drawRibbon(context, ribbon, place);
    context.globalAlpha = 1;
    if (pass === "moves") continue;
    context.strokeStyle = tones[ribbon.tone];
    context.lineWidth = ratio;
    const [left, width] = [x(ribbon.to), Math.max(ratio, ribbon.length * perByte)];
    context.strokeRect(left + 0.5, bottom + 0.5, width - 1, before.height - 1);
  }
  if (pass === "references" || pass === "mark")
    for (const arrow of arrows) drawArrow(context, arrow, { pass, at, hot, faint: tones[0] }, place);
  caption(context, canvas, ratio);
}

interface Place {
  /** Device pixels of an address. */
  readonly x: (address: number) => number;
  readonly perByte: number;
  readonly ratio: number;
  /** The space between the strips. */
  readonly y0: number;
  readonly y1: number;
}

function drawRibbon(
  context: CanvasRenderingContext2D,
  { from, to, length }: Ribbon,
  { x, ratio, y0, y1 }: Place,
): void {
  const middle = (y0 + y1) / 2;
  const [a, b] = [x(from), x(from + length)];
  const [c, d] = [x(to), x(to + length)];
  context.beginPath();
  context.moveTo(a, y0);
  context.bezierCurveTo(a, middle, c, middle, c, y1);
  context.lineTo(Math.max(d, c + ratio), y1);
  context.bezierCurveTo(d, middle, b, middle, Math.max(b, a + ratio), y0);
  context.fill();
}

interface ArrowLook {
  readonly pass: Pass;
  readonly at: number;
  readonly hot: string;
  readonly faint: string;
}

/**
 * Marking follows a reference along the strip above. Rewriting turns it from its target's old place to the new one, on
 * the strip below.
 */
function drawArrow(
  context: CanvasRenderingContext2D,
  { turn, wave, source, from, to }: Arrow,
  { pass, at, hot, faint }: ArrowLook,
  { x, ratio, y0, y1 }: Place,
): void {
  const marking = pass === "mark";
  const isDone = marking ? wave < at : turn < at;
  if (marking && !isDone) return;
  const latest = marking ? wave === Math.ceil(at) - 1 : isDone;
  const [a, b] = [x(source), x(isDone && !marking ? to : from)];
  const end = isDone && !marking ? y1 : y0;
  const sag = Math.min(y1, y0 + (y1 - y0) * 0.75);
  const fresh = marking || at - turn < Math.max(6, at / 12);
  context.globalAlpha = latest ? (fresh ? 0.9 : 0.2) : 0.3;
  context.strokeStyle = latest ? hot : faint;
  context.fillStyle = context.strokeStyle;
  context.lineWidth = ratio;
  context.beginPath();
  context.moveTo(a, y0);
  if (end === y0) context.quadraticCurveTo((a + b) / 2, sag, b, y0);
  else context.bezierCurveTo(a, sag, b, y0, b, y1);
  context.stroke();
  const head = 3 * ratio;
  const tip = end === y0 ? [end + ratio, end + head + ratio] : [end - ratio, end - head - ratio];
  context.beginPath();
  context.moveTo(b, tip[0]);
  context.lineTo(b - head * 0.7, tip[1]);
  context.lineTo(b + head * 0.7, tip[1]);
  context.fill();
  context.globalAlpha = 1;
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
