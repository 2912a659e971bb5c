/** The whole trace as a line: phases, every refusal and collection, and the cursor, which can be dragged. */
import { count } from "../format.ts";
import { pause, seek } from "../state/cursor.ts";
import { event, events, lanes, trace } from "../state/session.ts";

/** Marks closer than this share of the line are one. */
const RESOLUTION = 1 / 1500;

export function Scrubber() {
  const last = Math.max(1, events.value);
  return (
    <div class="scrubber">
      <svg class="scrubber-marks" viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">
        {trace.value?.phases.slice(1).map(({ event: at }) => (
          <rect key={at} class="phase-edge" x={(at / last) * 1000} width="1" y="0" height="16" />
        ))}
        {lanes.value.map(({ refusals, collections }, lane) => (
          <g key={lane}>
            <path class="mark-refusal" d={ticks(refusals, last, lane)} />
            <path class="mark-collection" d={ticks(collections, last, lane)} />
          </g>
        ))}
      </svg>
      <input
        type="range"
        min={0}
        max={events.value}
        value={event.value}
        aria-label="Cursor"
        aria-valuetext={`event ${count(event.value)} of ${count(events.value)}`}
        onInput={(input) => {
          pause();
          seek(Number(input.currentTarget.value));
        }}
      />
    </div>
  );
}

/** A line of its own for each lane. */
function ticks(entries: readonly { readonly event: number }[], last: number, lane: number): string {
  const height = 16 / lanes.value.length;
  const y = (lane * height).toFixed(2);
  const down = Math.max(1.5, height - 1).toFixed(2);
  let path = "";
  let before = -1;
  for (const { event: at } of entries) {
    const x = (at + 1) / last;
    if (x - before < RESOLUTION) continue;
    before = x;
    path += `M${(x * 1000).toFixed(2)} ${y}v${down}`;
  }
  return path;
}
