/**
 * What a heap holds at one moment, ready to be painted. The first picture of a moment looks at what is on it, for the
 * cursor may be on its way; from the second on all runs are kept, so that zooming and panning only look them up, and
 * where more of them are on the picture than it has pixels to show, it comes from a pyramid.
 */
import type { Space } from "../../src/space/space.ts";
import { paintPyramid } from "./cell-painter.ts";
import { layOut } from "./layout.ts";
import { paint } from "./painter.ts";
import { type Inks, inksOf } from "./palette.ts";
import type { Picture, PictureRequest, SegmentFacts } from "./protocol.ts";
import { Pyramid } from "./pyramid.ts";
import { Runs } from "./runs.ts";

/** Runs on a picture from which on a pyramid pays: some 0.4 us each. */
const MANY = 10_000;

/** The whole of a request but what changes with zooming and panning. */
type Appearance = Pick<PictureRequest, "colouring" | "filter" | "theme" | "width" | "against">;

/** Bytes [from, to). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export class Scene {
  readonly #space: Space;
  readonly #runs = new Runs();
  /** What #runs were made for; undefined when the moment is another. */
  #appearance: Appearance | undefined;
  /** #runs are those of the whole space. */
  #whole = false;
  #pyramid: Pyramid | undefined;

  constructor(space: Space) {
    this.#space = space;
  }

  /** The cursor has moved. */
  forget(): void {
    this.#appearance = undefined;
  }

  /** `fill` adds the runs of some ranges, which ascend. */
  picture(
    request: PictureRequest,
    segments: readonly SegmentFacts[],
    fill: (runs: Runs, ranges: readonly Range[]) => void,
  ): Picture {
    const { width, height, view, theme, colouring } = request;
    const layout = layOut(segments, view, width, height);
    const seen = stretches(layout.rows);
    const first = !same(this.#appearance, request);
    if (first) {
      this.#appearance = request;
      this.#pyramid = undefined;
      this.#whole = seen.length === segments.length && seen.every((range, i) => covers(range, segments[i]));
      this.#runs.clear();
      fill(this.#runs, seen);
    } else if (!this.#whole) {
      this.#whole = true;
      const all = segments.map(({ start, length }) => ({ from: start, to: start + length }));
      this.#runs.clear();
      fill(this.#runs, all);
    }
    const canvas = { width, height, words: new Uint32Array(width * height) };
    const inks = inksOf(theme, request.against ? "difference" : colouring);
    const pyramid = this.#whole && !first ? this.#pyramidFor(request, segments, seen, inks) : undefined;
    if (pyramid) paintPyramid(pyramid, canvas, layout, segments, view, inks);
    else paint(canvas, layout, this.#runs, { ...view, granule: this.#space.granule }, inks);
    return { width, height, view, pixels: new Uint8ClampedArray(canvas.words.buffer), ...layout };
  }

  /** Undefined where the runs themselves do as well, or the view is nearer than any level. */
  #pyramidFor(
    { view: { rowBytes }, width }: PictureRequest,
    segments: readonly SegmentFacts[],
    seen: readonly Range[],
    inks: Inks,
  ): Pyramid | undefined {
    const runs = this.#runs;
    const shown = seen.reduce((sum, { from, to }) => sum + runs.indexAt(to) - runs.indexAt(from), 0);
    if (shown < MANY || rowBytes / width <= this.#space.granule) return undefined;
    this.#pyramid ??= new Pyramid(runs, segments, { rowBytes, width, inks });
    return rowBytes >= this.#pyramid.rowBytes ? this.#pyramid : undefined;
  }
}

const covers = ({ from, to }: Range, { start, length }: SegmentFacts): boolean =>
  from <= start && to >= start + length;

const same = (a: Appearance | undefined, b: Appearance): boolean =>
  a !== undefined &&
  a.colouring === b.colouring &&
  a.theme === b.theme &&
  a.width === b.width &&
  a.against?.lane === b.against?.lane &&
  a.against?.event === b.against?.event &&
  a.filter?.kind === b.filter?.kind &&
  a.filter?.low === b.filter?.low &&
  a.filter?.high === b.filter?.high;

/** Visible rows as ranges of addresses without a gap. */
function stretches(rows: readonly { readonly start: number; readonly end: number }[]): Range[] {
  const found: { from: number; to: number }[] = [];
  for (const { start, end } of rows) {
    const last = found[found.length - 1];
    if (last?.to === start) last.to = end;
    else found.push({ from: start, to: end });
  }
  return found;
}
