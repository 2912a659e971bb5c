/** The keys of a map that has the focus. */
import { helping, listed } from "../state/appearance.ts";
import { jump, pause, play, playing, seek, step } from "../state/cursor.ts";
import { events } from "../state/session.ts";
import type { Size } from "../state/show.ts";
import { fitAll, panBy, rowsShown, zoomBy } from "./view.ts";

/** Shown by the help, in this order. */
export const KEYS: readonly (readonly [key: string, does: string])[] = [
  ["W S", "zoom in, out"],
  ["A D", "pan up, down"],
  ["F", "fit the whole heap"],
  [", .", "one event back, forward"],
  ["Space", "play, pause"],
  ["Home End", "first, last event"],
  ["R", "next refusal; with Shift the one before"],
  ["C", "next collection; with Shift the one before"],
  ["L", "the policies’ own lists, over the maps"],
  ["Esc", "let go of the pinned block"],
  ["?", "these keys"],
];

export function onMapKey(press: KeyboardEvent, lane: number, size: Size, clear: () => void): void {
  if (press.ctrlKey || press.metaKey || press.altKey) return;
  const act = actionOf(press, lane, size, clear);
  if (!act) return;
  press.preventDefault();
  act();
}

function actionOf(
  press: KeyboardEvent,
  lane: number,
  size: Size,
  clear: () => void,
): (() => void) | undefined {
  const page = Math.max(1, Math.floor(rowsShown(size) / 3));
  switch (press.key.toLowerCase()) {
    case "w":
      return () => zoomBy(lane, size, 1);
    case "s":
      return () => zoomBy(lane, size, -1);
    case "a":
      return () => panBy(lane, size, -page);
    case "d":
      return () => panBy(lane, size, page);
    case "f":
      return fitAll;
    case ",":
      return () => step(-1);
    case ".":
      return () => step(1);
    case " ":
      return playing.value ? pause : play;
    case "home":
      return () => seek(0);
    case "end":
      return () => seek(events.value);
    case "r":
      return () => jump("refusal", press.shiftKey);
    case "c":
      return () => jump("collection", press.shiftKey);
    case "l":
      return () => (listed.value = !listed.value);
    case "escape":
      return clear;
    case "?":
      return () => (helping.value = true);
    default:
      return undefined;
  }
}
