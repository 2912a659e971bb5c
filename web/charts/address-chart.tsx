/**
 * Time x address, linked with the map. A press goes to that event, and the map to that address; on the strip at the right
 * the part that the map shows can be moved, or another one marked out.
 */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { hex } from "../format.ts";
import { digitsFor } from "../map/geometry.ts";
import { centre, showRange } from "../map/view.ts";
import { playing } from "../state/cursor.ts";
import { engine, lanes, zoom } from "../state/session.ts";
import { pictures, sizes } from "../state/show.ts";
import { isWhole, span, wholeTime, zoomTime } from "../state/span.ts";
import { theme } from "../state/theme.ts";
import type { TimeByAddress } from "../worker/protocol.ts";
import { AddressTable } from "./address-table.tsx";
import { MARGIN, Plot, type Scales } from "./plot.tsx";
import { binaryTicks } from "./series.ts";
import { cutOf, paintTime, type Stack, stackOf } from "./time-painter.ts";

const HEIGHT = 196;
/** Milliseconds that whatever it depends on must rest. */
const REST = 120;
const MOST_COLUMNS = 1024;

export function AddressChart({ lane }: { lane: number }) {
  const picture = useSignal<TimeByAddress | undefined>(undefined);
  const width = useSignal(0);
  const near = useSignal(false);
  const shown = useComputed(() => rangeOf(lane));

  useSignalEffect(() => {
    const { from, to } = span.value;
    void lanes.value[lane];
    const range = near.value ? shown.value : undefined;
    const columns = Math.min(MOST_COLUMNS, Math.max(1, Math.floor(width.value)));
    if (width.value === 0 || playing.value) return;
    const timer = setTimeout(
      () =>
        engine
          .call((laboratory) => laboratory.timeByAddress(lane, { from, to, columns, range }))
          .then((found) => (picture.value = found))
          .catch(() => {}),
      REST,
    );
    return () => clearTimeout(timer);
  });

  const drawn = picture.value;
  const stack = drawn ? stackOf(drawn) : { low: 0, high: 1, mapped: undefined };
  const axis = axisOf(stack);
  const digits = digitsFor(stack.mapped?.high ?? stack.high);
  return (
    <Plot
      label={`Addresses of ${lanes.value[lane].policy} over events: what is in use, what is free, what is moved`}
      title={<Title near={near} lane={lane} />}
      height={HEIGHT}
      most={1}
      ticks={axis.ticks}
      format={(value) => hex(axis.addressAt(value), digits)}
      marked={[lane]}
      phased={false}
      table={() => drawn && <AddressTable picture={drawn} digits={digits} />}
      behind={(scales) => <Backdrop picture={drawn} scales={scales} width={width} />}
      beside={(scales) => <Brush lane={lane} scales={scales} axis={axis} shown={shown} />}
      onPoint={(value) => centre(lane, axis.addressAt(value))}
    >
      {(scales) => stack.mapped && <Cut scales={scales} at={cutOf(stack)} />}
    </Plot>
  );
}

function Title({ near, lane }: { near: { value: boolean }; lane: number }) {
  return (
    <>
      <b>Addresses over events</b>
      <span class="plot-tools">
        <label>
          <input
            type="checkbox"
            checked={near.value}
            onChange={(change) => (near.value = change.currentTarget.checked)}
          />
          only the map’s part
        </label>
        <span class="tools">
          <button
            type="button"
            aria-label={`Show more time, policy ${lane + 1}`}
            disabled={isWhole.value}
            onClick={() => zoomTime(2)}
          >
            −
          </button>
          <button
            type="button"
            aria-label={`Show less time, policy ${lane + 1}`}
            onClick={() => zoomTime(0.5)}
          >
            +
          </button>
          <button type="button" disabled={isWhole.value} onClick={wholeTime}>
            All
          </button>
        </span>
      </span>
    </>
  );
}

interface Axis {
  /** Shares of the height, from the bottom. */
  readonly ticks: readonly number[];
  addressAt(share: number): number;
  shareAt(address: number): number;
}

function axisOf(stack: Stack): Axis {
  const { low, high, mapped } = stack;
  const cut = cutOf(stack);
  const shareAt = (address: number) =>
    mapped && address >= mapped.low
      ? cut + ((address - mapped.low) / (mapped.high - mapped.low)) * (1 - cut)
      : Math.min(cut, ((address - low) / (high - low)) * cut);
  const addressAt = (share: number) =>
    Math.floor(
      mapped && share > cut
        ? mapped.low + ((share - cut) / (1 - cut)) * (mapped.high - mapped.low)
        : low + (share / cut) * (high - low),
    );
  const ticks = [
    low,
    ...binaryTicks(high - low, 4).map((tick) => Math.ceil(low / 16) * 16 + tick),
    ...(mapped ? [mapped.low] : []),
  ];
  const shares = [...new Set(ticks)].filter((tick) => tick <= high || mapped).map(shareAt);
  return { ticks: shares.filter((share, i) => i === 0 || share - shares[i - 1] > 0.07), addressAt, shareAt };
}

interface BackdropProps {
  readonly picture: TimeByAddress | undefined;
  readonly scales: Scales;
  readonly width: { value: number };
}

/** The picture itself. While another part of time is on its way, what there is of it is stretched. */
function Backdrop({ picture, scales: { x, y }, width }: BackdropProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [left, right] = x.range();
  const [bottom, top] = y.range();
  const colours = theme.value;
  const { from, to } = span.value;
  useEffect(() => {
    width.value = right - left;
  }, [right - left]);
  useEffect(() => {
    const target = canvas.current;
    const context = target?.getContext("2d");
    if (!target || !context || !picture) return;
    const ratio = Math.min(3, devicePixelRatio);
    target.width = Math.max(1, Math.round((right - left) * ratio));
    target.height = Math.max(1, Math.round((bottom - top) * ratio));
    const painted = new OffscreenCanvas(picture.columns, target.height);
    painted.getContext("2d")?.putImageData(paintTime(picture, target.height, colours), 0, 0);
    const scale = target.width / (to - from);
    context.imageSmoothingEnabled = false;
    context.drawImage(
      painted,
      (picture.from - from) * scale,
      0,
      (picture.to - picture.from) * scale,
      target.height,
    );
    target.dataset.span = `${picture.from}-${picture.to}`;
  }, [picture, colours, right - left, bottom - top, from, to]);
  return (
    <canvas
      ref={canvas}
      class="plot-picture"
      style={{ left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` }}
    />
  );
}

function Cut({ scales: { x, y }, at }: { scales: Scales; at: number }) {
  const [left, right] = x.range();
  let path = `M${left} ${y(at)}`;
  for (let i = 1; left + i * 6 <= right; i++) path += `L${left + i * 6} ${y(at) + (i % 2 === 0 ? -2 : 2)}`;
  return <path class="cut" d={path} />;
}

interface BrushProps {
  readonly lane: number;
  readonly scales: Scales;
  readonly axis: Axis;
  readonly shown: { readonly value: Range | undefined };
}

/** Narrower than this, in CSS pixels, a drag is a press. */
const PRESS = 4;

function Brush({ lane, scales: { x, y }, axis, shown }: BrushProps) {
  const drawing = useSignal<readonly [number, number] | undefined>(undefined);
  const held = useRef<number | undefined>(undefined);
  const [left, right] = x.range();
  const [bottom, top] = y.range();
  const strip = { x: right + 3, width: MARGIN.right - 6 };
  const place = (range: Range) => ({ y: y(axis.shareAt(range.high)), y1: y(axis.shareAt(range.low)) });
  const range = shown.value;
  const part = range && zoom.value > 0 ? place(range) : undefined;
  const drawn = drawing.value;
  const at = (pointer: PointerEvent) => {
    const box = (pointer.currentTarget as SVGElement).ownerSVGElement!.getBoundingClientRect();
    return Math.max(top, Math.min(bottom, pointer.clientY - box.top));
  };
  const addressAt = (pixel: number) => axis.addressAt(y.invert(pixel));
  return (
    <g class="brush">
      {part && <path class="brush-edge" d={`M${left} ${part.y}H${right}M${left} ${part.y1}H${right}`} />}
      <rect
        class="brush-strip"
        {...strip}
        y={top}
        height={bottom - top}
        onPointerDown={(pointer) => {
          pointer.stopPropagation();
          pointer.currentTarget.setPointerCapture(pointer.pointerId);
          const here = at(pointer);
          if (part && here >= part.y - 3 && here <= part.y1 + 3) held.current = here - (part.y + part.y1) / 2;
          else drawing.value = [here, here];
        }}
        onPointerMove={(pointer) => {
          pointer.stopPropagation();
          const here = at(pointer);
          if (held.current !== undefined) centre(lane, addressAt(here - held.current));
          else if (drawing.value) drawing.value = [drawing.value[0], here];
        }}
        onPointerUp={(pointer) => {
          pointer.stopPropagation();
          const marked = drawing.value;
          drawing.value = undefined;
          held.current = undefined;
          if (!marked) return;
          const [high, low] = [Math.min(...marked), Math.max(...marked)].map(addressAt);
          if (Math.abs(marked[0] - marked[1]) > PRESS) showRange(lane, low, high);
          else centre(lane, low);
        }}
      />
      {part && <rect class="brush-part" {...strip} y={part.y} height={Math.max(3, part.y1 - part.y)} />}
      {drawn && (
        <rect class="brush-drawn" {...strip} y={Math.min(...drawn)} height={Math.abs(drawn[0] - drawn[1])} />
      )}
    </g>
  );
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** The addresses on the lane's map. */
function rangeOf(lane: number): Range | undefined {
  const rows = pictures.value[lane]?.rows ?? [];
  if (rows.length === 0 || !sizes.value[lane]) return undefined;
  return { low: rows[0].start, high: rows[rows.length - 1].end };
}
