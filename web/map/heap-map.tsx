/** The heap of one policy at the cursor: what the worker painted, and what is pointed at. */
import { untracked, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { bytes } from "../format.ts";
import { listed } from "../state/appearance.ts";
import { playing } from "../state/cursor.ts";
import { pointed } from "../state/pointed.ts";
import { engine, event, lanes, moments } from "../state/session.ts";
import { moves, pictures, type Size, sizes, viewOf } from "../state/show.ts";
import { theme } from "../state/theme.ts";
import type { Detail, Internals, Picture } from "../worker/protocol.ts";
import { BlockTable } from "./block-table.tsx";
import { DetailLine } from "./detail-line.tsx";
import { useDrawing } from "./drawing.ts";
import { addressAt, digitsFor, type Sheet } from "./geometry.ts";
import { onMapKey } from "./keys.ts";
import { ListsTable } from "./lists-table.tsx";
import { drawOverlay, gutterFor, type OverlayColours } from "./overlay.ts";
import { Pinch } from "./pinch.ts";
import { MapTools } from "./tools.tsx";
import { panBy, reveal, zoomBy } from "./view.ts";

export function HeapMap({ lane }: { lane: number }) {
  const box = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const hovered = useSignal<Detail | undefined>(undefined);
  const pinned = useSignal<Detail | undefined>(undefined);
  const tabled = useSignal(false);
  const internals = useSignal<Internals | undefined>(undefined);
  const drag = useRef<{ y: number; moved: boolean } | undefined>(undefined);
  const pinch = useRef(new Pinch()).current;
  /** Goes up with every wish to see something else: answers that come late are dropped. */
  const hovers = useRef(0);
  const digits = digitsFor(endOf(lane));
  const gutter = gutterFor(digits);

  useEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => {
      const ratio = Math.min(3, devicePixelRatio);
      setSize(lane, {
        width: Math.max(1, Math.round((element.clientWidth - gutter) * ratio)),
        height: Math.max(1, Math.round(element.clientHeight * ratio)),
        ratio,
      });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      setSize(lane, undefined);
    };
  }, [lane, gutter]);

  useDrawing(() => {
    const drawn = pictures.value[lane];
    const canvas = picture.current;
    if (!drawn || !canvas) return;
    resize(canvas, drawn.width, drawn.height);
    canvas.getContext("2d")?.putImageData(new ImageData(drawn.pixels, drawn.width, drawn.height), 0, 0);
    canvas.dataset.event = String(moments.value[lane]?.event ?? 0);
  });

  useDrawing(() => {
    const sheet = sheetOf(lane);
    const canvas = overlay.current;
    if (!sheet || !canvas) return;
    // Of the moment that is drawn: the component itself comes a little later.
    const digits = digitsFor(endOf(lane));
    const gutter = gutterFor(digits);
    resize(
      canvas,
      Math.round((sheet.picture.width / sheet.ratio + gutter) * sheet.ratio),
      sheet.picture.height,
    );
    drawOverlay(canvas, {
      sheet,
      marks: moves.value[lane] === undefined ? (moments.value[lane]?.marks ?? []) : [],
      internals: internalsHere(),
      hovered: hovered.value,
      pinned: pinned.value,
      gutter,
      digits,
      ending: endingOf(lane),
      colours: coloursOf(canvas, theme.value),
    });
  });

  useSignalEffect(() => {
    if (!moments.value[lane] || !listed.value || playing.value) return;
    engine
      .call((laboratory) => laboratory.internals(lane))
      .then((found) => (internals.value = found))
      .catch(() => {});
  });

  /** Of the moment that is drawn. */
  const internalsHere = () =>
    listed.value && internals.value?.event === moments.value[lane]?.event ? internals.value : undefined;

  // What was pointed at is asked for again: at another event something else may lie there.
  useSignalEffect(() => {
    void event.value;
    const start = pinned.peek()?.start;
    hovered.value = undefined;
    if (start !== undefined) inspect(lane, start).then((found) => (pinned.value = found));
  });

  // A panel points at a block.
  useSignalEffect(() => {
    const at = pointed.value;
    const size = sizes.peek()[lane];
    if (at?.lane !== lane || !size) return;
    untracked(() => reveal(lane, size, at.start, at.length));
    box.current?.scrollIntoView({ block: "nearest" });
    inspect(lane, at.start).then((found) => (pinned.value = found));
  });

  function addressUnder(at: { clientX: number; clientY: number }): number | undefined {
    const sheet = sheetOf(lane);
    const bounds = picture.current!.getBoundingClientRect();
    return sheet && addressAt(sheet, at.clientX - bounds.left, at.clientY - bounds.top);
  }

  /** The address at that point stays where it is. */
  function zoomAt(at: { clientX: number; clientY: number }, size: Size, by: 1 | -1) {
    const y = (at.clientY - box.current!.getBoundingClientRect().top) * size.ratio;
    zoomBy(lane, size, by, addressUnder(at), y);
  }

  async function onPointerMove(at: PointerEvent) {
    const size = sizes.value[lane];
    const by = pinch.move(at);
    if (by !== 0 && size) zoomAt(pinch.middle(), size, by);
    if (pinch.active) return;
    if (drag.current && size) {
      const rows = Math.trunc(((drag.current.y - at.clientY) * size.ratio) / viewOf(size).rowHeight);
      if (rows !== 0) {
        drag.current = { y: at.clientY, moved: true };
        panBy(lane, size, rows);
      }
      return;
    }
    const address = addressUnder(at);
    const turn = ++hovers.current;
    const found = address === undefined ? undefined : await inspect(lane, address);
    if (turn === hovers.current) hovered.value = found;
  }

  async function onPointerUp(at: PointerEvent) {
    const moved = drag.current?.moved || pinch.active;
    drag.current = undefined;
    pinch.up(at);
    if (moved) return;
    const address = addressUnder(at);
    const found = address === undefined ? undefined : await inspect(lane, address);
    pinned.value = found?.start === pinned.value?.start ? undefined : found;
  }

  function onWheel(at: WheelEvent) {
    const size = sizes.value[lane];
    const focused = box.current?.contains(document.activeElement) ?? false;
    if (!size || !(at.ctrlKey || focused) || at.deltaY === 0) return;
    at.preventDefault();
    if (at.shiftKey) panBy(lane, size, Math.sign(at.deltaY) * 3);
    else zoomAt(at, size, at.deltaY < 0 ? 1 : -1);
  }

  const size = sizes.value[lane];
  const drawn = pictures.value[lane];
  const name = lanes.value[lane]?.policy ?? "";
  return (
    <div class="map">
      <div
        class="map-stage"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keys that its label names
        tabIndex={0}
        role="application"
        aria-label={`Heap of ${name}, ${drawn?.rowCount ?? 0} rows. Keys: W and S zoom, A and D pan, F fits, comma and full stop step, Space plays, R refusal, C collection.`}
        onKeyDown={(key) => size && onMapKey(key, lane, size, () => (pinned.value = undefined))}
        onPointerDown={(at) => {
          if (at.pointerType === "mouse") drag.current = { y: at.clientY, moved: false };
          else pinch.down(at);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={(at) => pinch.up(at)}
        onPointerLeave={() => {
          hovers.current++;
          hovered.value = undefined;
          drag.current = undefined;
        }}
        onWheel={onWheel}
      >
        <canvas
          class="map-picture"
          ref={picture}
          style={{ left: `${gutter}px`, width: `calc(100% - ${gutter}px)` }}
        />
        <canvas class="map-overlay" ref={overlay} />
        {drawn && <Thumb picture={drawn} />}
      </div>
      <div class="map-foot">
        <DetailLine
          detail={hovered.value ?? pinned.value}
          pinned={!hovered.value && !!pinned.value}
          digits={digits}
        />
        {size && <MapTools lane={lane} size={size} tabled={tabled} />}
      </div>
      {listed.value && internals.value && (
        <ListsTable internals={internals.value} policy={name} digits={digits} />
      )}
      {tabled.value && <BlockTable lane={lane} digits={digits} />}
    </div>
  );
}

/** How much of the heap is on the map, and where. */
function Thumb({ picture: { height, view, rowCount } }: { picture: Picture }) {
  const { top, rowHeight } = view;
  const shown = height / rowHeight / rowCount;
  if (shown > 0.999) return null;
  return <i class="map-thumb" style={{ top: `${(top / rowCount) * 100}%`, height: `${shown * 100}%` }} />;
}

/** The highest address of the lane at any time. */
function endOf(lane: number): number {
  const facts = lanes.value[lane];
  if (!facts) return 0;
  const segments = moments.value[lane]?.segments ?? [];
  const last = segments[segments.length - 1];
  return Math.max(
    facts.heap === "grow" ? facts.metrics.peakHeapBytes : facts.heap,
    (last?.start ?? 0) + (last?.length ?? 0),
  );
}

/** A map that keeps its scale has room below a heap that is still to grow, or has shrunk. */
function endingOf(lane: number): string {
  const now = moments.value[lane]?.values.heapBytes ?? 0;
  const peak = lanes.value[lane]?.metrics.peakHeapBytes ?? 0;
  return now < peak ? `Heap: ${bytes(now)}; at its peak ${bytes(peak)}` : "";
}

const inspect = (lane: number, address: number): Promise<Detail | undefined> =>
  engine.call((laboratory) => laboratory.detail(lane, address, moves.value[lane])).catch(() => undefined);

function sheetOf(lane: number): Sheet | undefined {
  const drawn = pictures.value[lane];
  const size = sizes.value[lane];
  return drawn && size ? { picture: drawn, ratio: size.ratio } : undefined;
}

/** A canvas that is given a size is made anew, also if it is the one that it has. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function setSize(lane: number, size: Size | undefined): void {
  const next = [...sizes.peek()];
  next[lane] = size;
  sizes.value = next;
}

/** Kept for a theme: asking for them makes the browser lay the page out. */
let known: { readonly theme: string; readonly colours: OverlayColours } | undefined;

function coloursOf(element: Element, theme: string): OverlayColours {
  if (known?.theme === theme) return known.colours;
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const colours = {
    ink: colour("--ink"),
    faint: colour("--ink-3"),
    hot: colour("--hot-fill"),
    page: colour("--panel"),
  };
  known = { theme, colours };
  return colours;
}
