/** Draws a policy's own lists over the map: every entry outlined, and a line from each to the next where they are few. */
import type { Internals } from "../worker/protocol.ts";
import { boxesOf, type Sheet, strokeRange } from "./geometry.ts";

export const LIST_COLOURS = ["#dc267f", "#fe6100", "#785ef0", "#00856f", "#a07800", "#1c5fae"] as const;

/** Of more entries than this the order is not drawn. */
const MOST_LINKED = 60;

export const colourOfList = (index: number): string => LIST_COLOURS[index % LIST_COLOURS.length];

/** The context's origin is the picture's. */
export function drawLists(context: CanvasRenderingContext2D, { lists }: Internals, sheet: Sheet): void {
  lists.forEach(({ name, entries }, index) => {
    context.strokeStyle = colourOfList(index);
    context.fillStyle = context.strokeStyle;
    context.lineWidth = 1.5;
    const linked = entries.length <= MOST_LINKED;
    let before: { x: number; y: number } | undefined;
    for (const { start, length } of entries) {
      const boxes = boxesOf(sheet, start, length);
      strokeRange(context, boxes, 0.75);
      const [first] = boxes;
      if (first && linked && !before && first.width > 7 * name.length && first.height >= 12) {
        context.font = "600 10px sans-serif";
        context.textBaseline = "middle";
        context.fillText(name, first.x + 5, first.y + first.height / 2);
      }
      const here = first && { x: first.x + Math.min(4, first.width / 2), y: first.y + first.height / 2 };
      if (linked && before && here) {
        context.beginPath();
        context.moveTo(before.x, before.y);
        context.lineTo(here.x, here.y);
        context.globalAlpha = 0.6;
        context.stroke();
        context.globalAlpha = 1;
      }
      before = here ?? before;
    }
  });
}
