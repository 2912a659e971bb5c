/** The frame of every chart over events: axes, phases, marks, the cursor, and seeking by click or drag. */
import { useSignal } from "@preact/signals";
import { type ScaleLinear, scaleLinear } from "d3-scale";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { count } from "../format.ts";
import { pause, seek } from "../state/cursor.ts";
import { phaseName } from "../state/phases.ts";
import { event, events, lanes, trace } from "../state/session.ts";
import { span, zoomTime } from "../state/span.ts";

export interface Scales {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
}

interface Props {
  readonly label: string;
  readonly title: ComponentChildren;
  readonly height: number;
  /** The largest value of the vertical axis, from 0. */
  readonly most: number;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  /** Lanes whose refusals and collections are marked. */
  readonly marked: readonly number[];
  /** Phases shade the plot. Default: yes. */
  readonly phased?: boolean;
  /** HTML behind the axes. */
  readonly behind?: (scales: Scales) => ComponentChildren;
  /** SVG that may reach over the right margin. */
  readonly beside?: (scales: Scales) => ComponentChildren;
  /** A press or drag is at that value of the vertical axis. */
  readonly onPoint?: (value: number) => void;
  /** What the chart shows, in words and figures. */
  readonly table: () => ComponentChildren;
  readonly children: (scales: Scales) => ComponentChildren;
}

export const MARGIN = { left: 60, right: 26, top: 16, bottom: 20 };

export function Plot(props: Props) {
  const {
    label,
    title,
    height,
    most,
    ticks,
    format,
    marked,
    phased = true,
    behind,
    beside,
    onPoint,
    table,
    children,
  } = props;
  const clip = useId();
  const figure = useRef<HTMLElement>(null);
  const width = useSignal(0);
  const tabled = useSignal(false);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => (width.value = entry.contentRect.width));
    observer.observe(figure.current!);
    return () => observer.disconnect();
  }, []);

  const bottom = height - MARGIN.bottom;
  const right = Math.max(MARGIN.left + 1, width.value - MARGIN.right);
  const { from, to } = span.value;
  const x = scaleLinear([from, to], [MARGIN.left, right]);
  const y = scaleLinear([0, most || 1], [bottom, MARGIN.top]);
  const seekTo = (at: PointerEvent) => {
    pause();
    const box = at.currentTarget as SVGElement;
    const { left, top } = box.getBoundingClientRect();
    seek(Math.max(from, Math.min(to, x.invert(at.clientX - left))));
    onPoint?.(Math.max(0, Math.min(most, y.invert(at.clientY - top))));
  };
  return (
    <figure class="plot" ref={figure}>
      <figcaption>
        {title}
        <button
          type="button"
          class="to-table"
          aria-pressed={tabled.value}
          aria-label={`Table: ${label}`}
          onClick={() => (tabled.value = !tabled.value)}
        >
          Table
        </button>
      </figcaption>
      <div class="plot-stage">
        {width.value > 0 && behind?.({ x, y })}
        <svg
          width={width.value}
          height={height}
          role="img"
          aria-label={label}
          onPointerDown={(at) => {
            at.currentTarget.setPointerCapture(at.pointerId);
            seekTo(at);
          }}
          onPointerMove={(at) => at.buttons === 1 && seekTo(at)}
          onWheel={(wheel) => {
            if (!wheel.ctrlKey || wheel.deltaY === 0) return;
            wheel.preventDefault();
            const { left } = wheel.currentTarget.getBoundingClientRect();
            zoomTime(wheel.deltaY < 0 ? 0.5 : 2, x.invert(wheel.clientX - left));
          }}
        >
          {ticks.map((tick) => (
            <g key={tick} class="tick" transform={`translate(0 ${y(tick)})`}>
              <line x1={MARGIN.left} x2={right} />
              <text x={MARGIN.left - 6} dy="0.32em" text-anchor="end">
                {format(tick)}
              </text>
            </g>
          ))}
          <clipPath id={clip}>
            <rect x={MARGIN.left} width={right - MARGIN.left} y={0} height={height} />
          </clipPath>
          <g clip-path={`url(#${clip})`}>
            {width.value > 0 && children({ x, y })}
            {phased && <Phases x={x} top={MARGIN.top} bottom={bottom} />}
            <Marks x={x} marked={marked} top={MARGIN.top} bottom={bottom} />
          </g>
          {width.value > 0 && beside?.({ x, y })}
          {x.ticks(Math.max(2, Math.floor(width.value / 110))).map((tick) => (
            <text key={tick} class="tick-event" x={x(tick)} y={height - 6} text-anchor="middle">
              {count(tick)}
            </text>
          ))}
          <Cursor x={x} top={MARGIN.top} bottom={bottom} />
        </svg>
      </div>
      {tabled.value && table()}
    </figure>
  );
}

interface Along {
  readonly x: ScaleLinear<number, number>;
  readonly top: number;
  readonly bottom: number;
}

/** Of its own, so that moving it draws nothing else again. */
function Cursor({ x, top, bottom }: Along) {
  const [least, most] = x.domain();
  if (event.value < least || event.value > most) return null;
  return <line class="cursor" x1={x(event.value)} x2={x(event.value)} y1={top - 2} y2={bottom} />;
}

/** A label where there is room for it. */
function Phases({ x, top, bottom }: Along) {
  const phases = trace.value?.phases ?? [];
  if (phases.length < 2) return null;
  return (
    <g class="phases">
      {phases.map((phase, i) => {
        const { event: from } = phase;
        const name = phaseName(phase);
        const to = phases[i + 1]?.event ?? events.value;
        const room = x(to) - x(from);
        return (
          <g key={from}>
            {i % 2 === 1 && <rect x={x(from)} width={Math.max(0, room)} y={top} height={bottom - top} />}
            {room > name.length * 6.2 + 6 && (
              <text x={x(from) + 3} y={top - 5}>
                {name}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

function Marks({ x, marked, top, bottom }: Along & { readonly marked: readonly number[] }) {
  return (
    <g class="marks">
      {marked.map((lane) => {
        const { refusals, collections } = lanes.value[lane];
        return (
          <g key={lane}>
            <path class="mark-collection" d={ticksAt(collections, x, bottom - 5, 5)} />
            <path class="mark-refusal" d={ticksAt(refusals, x, top, 7)} />
          </g>
        );
      })}
    </g>
  );
}

/** At most one to a pixel. */
function ticksAt(
  entries: readonly { readonly event: number }[],
  x: ScaleLinear<number, number>,
  y: number,
  length: number,
): string {
  let path = "";
  let before = Number.NEGATIVE_INFINITY;
  for (const { event: at } of entries) {
    const place = x(at + 1);
    if (place - before < 1) continue;
    before = place;
    path += `M${place.toFixed(1)} ${y}v${length}`;
  }
  return path;
}
