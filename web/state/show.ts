/** Asks the worker for what is on screen: one question under way at a time, and always the newest next. */
import { batch, effect, signal } from "@preact/signals";
import type { Against, Picture, PictureRequest, View } from "../worker/protocol.ts";
import { against, colouring, filter } from "./appearance.ts";
import { engine, event, lanes, moments, top, zoom } from "./session.ts";
import { theme } from "./theme.ts";
import { unveil } from "./unveiled.ts";

/** Device pixels of each lane's map; undefined while it is not on the page. */
export interface Size {
  readonly width: number;
  readonly height: number;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
}

export const sizes = signal<readonly (Size | undefined)[]>([]);
/** Of each lane: how many moves of the last event's collection are shown as done; undefined for all. */
export const moves = signal<readonly (number | undefined)[]>([]);
/** Of each lane: how many waves of that collection's marking are done; undefined for all, and for what is not marked. */
export const waves = signal<readonly (number | undefined)[]>([]);
export const pictures = signal<readonly (Picture | undefined)[]>([]);
/** Milliseconds from the question to the pixels, for `bench:web`. */
export const latency = signal(0);

/** Bytes in the tallest heap that any lane reaches: what "the whole heap" is. */
function extent(): number {
  return Math.max(
    1,
    ...lanes.value.map(({ heap, metrics }) => (heap === "grow" ? metrics.peakHeapBytes : heap)),
  );
}

const LEAST_ROW_BYTES = 16;
/** Row heights that are tried for the whole heap, in CSS pixels: the tallest that leaves 6 bytes to a pixel. */
const ROW_HEIGHTS = [18, 15, 12, 9, 7, 5, 3];
const BYTES_A_PIXEL = 6;

/** The whole heap on the map, in rows as tall as can be. */
function wholeHeap(size: Size): { rowBytes: number; rowHeight: number } {
  const bytes = extent();
  for (const css of ROW_HEIGHTS) {
    const rowHeight = css * size.ratio;
    const rows = Math.max(1, Math.floor(size.height / rowHeight));
    const rowBytes = Math.max(LEAST_ROW_BYTES, 2 ** Math.ceil(Math.log2(bytes / rows)));
    const last = css === ROW_HEIGHTS[ROW_HEIGHTS.length - 1];
    if (!last && rowBytes / (size.width / size.ratio) > BYTES_A_PIXEL) continue;
    const used = Math.ceil(bytes / rowBytes);
    return { rowBytes, rowHeight: Math.min(30 * size.ratio, size.height / used) };
  }
  throw new Error("there are no row heights");
}

/** The same for every lane, so that rows can be compared. */
export function viewOf(size: Size): View {
  const whole = wholeHeap(sizes.value[0] ?? size);
  const steps = Math.min(zoom.value, Math.log2(whole.rowBytes / LEAST_ROW_BYTES));
  const rowHeight = Math.min(30 * size.ratio, Math.max(whole.rowHeight, steps > 0 ? 16 * size.ratio : 0));
  return { rowBytes: whole.rowBytes / 2 ** steps, rowHeight, top: top.value };
}

/** How far in the map can be zoomed. */
export function nearest(): number {
  const size = sizes.value[0];
  return size ? Math.log2(wholeHeap(size).rowBytes / LEAST_ROW_BYTES) : 0;
}

let asking = false;
let again = false;

async function show(): Promise<void> {
  again = true;
  if (asking) return;
  asking = true;
  try {
    while (again) {
      again = false;
      await showOnce();
    }
  } finally {
    asking = false;
  }
}

/** The lanes that `moments` speaks of. */
let shownLanes: typeof lanes.value | undefined;

/** The lane that others are compared with shows itself. */
const againstOf = (lane: number): Against | undefined =>
  against.value?.lane === lane ? undefined : against.value;

async function showOnce(): Promise<void> {
  const facts = lanes.value;
  const requests: PictureRequest[] = [];
  facts.forEach((_, lane) => {
    const size = sizes.value[lane];
    if (!size) return;
    const { width, height } = size;
    requests.push({
      lane,
      width,
      height,
      view: viewOf(size),
      theme: theme.value,
      colouring: colouring.value,
      filter: filter.value,
      moves: moves.value[lane],
      waves: waves.value[lane],
      against: againstOf(lane),
    });
  });
  if (facts.length === 0) return;
  if (requests.length === 0) {
    // Its maps have no place yet: meanwhile the worker goes to the moment that they will show.
    engine.call((laboratory) => laboratory.show(event.value, [])).catch(() => {});
    return;
  }
  const began = performance.now();
  const shown = await engine
    .call((laboratory) => laboratory.show(event.value, requests))
    .catch(() => undefined);
  if (!shown || facts !== lanes.value) return;
  const drawn: Picture[] = [];
  requests.forEach(({ lane }, i) => {
    drawn[lane] = shown.pictures[i];
  });
  batch(() => {
    // Zooming and panning change no moment: what depends on it stays as it is.
    if (facts !== shownLanes || shown.moments.some(({ event: at }, i) => at !== moments.value[i]?.event))
      moments.value = shown.moments;
    shownLanes = facts;
    pictures.value = drawn;
  });
  unveil();
  latency.value = performance.now() - began;
}

/** From now on every change of cursor, view, size, theme or lanes is drawn. */
export function startShowing(): void {
  effect(() => {
    void [event.value, zoom.value, top.value, theme.value, lanes.value, sizes.value, moves.value];
    void [colouring.value, filter.value, waves.value, against.value];
    show();
  });
}
