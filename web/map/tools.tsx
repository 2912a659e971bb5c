/** The map's buttons: zoom, pan, fit, and the table in its place. */
import type { Signal } from "@preact/signals";
import { listed } from "../state/appearance.ts";
import { zoom } from "../state/session.ts";
import { nearest, type Size } from "../state/show.ts";
import { fitAll, panBy, rowsShown, zoomBy } from "./view.ts";

export function MapTools({ lane, size, tabled }: { lane: number; size: Size; tabled: Signal<boolean> }) {
  const page = () => Math.max(1, Math.floor(rowsShown(size) / 2));
  const whole = zoom.value === 0;
  return (
    <fieldset class="tools" aria-label="Map">
      <button type="button" aria-label="Zoom out" disabled={whole} onClick={() => zoomBy(lane, size, -1)}>
        −
      </button>
      <button
        type="button"
        aria-label="Zoom in"
        disabled={zoom.value >= nearest()}
        onClick={() => zoomBy(lane, size, 1)}
      >
        +
      </button>
      <button type="button" aria-label="Pan up" disabled={whole} onClick={() => panBy(lane, size, -page())}>
        ↑
      </button>
      <button type="button" aria-label="Pan down" disabled={whole} onClick={() => panBy(lane, size, page())}>
        ↓
      </button>
      <button type="button" disabled={whole} onClick={fitAll}>
        Fit
      </button>
      <button
        type="button"
        aria-pressed={listed.value}
        title="The policy’s own lists, over the map"
        onClick={() => (listed.value = !listed.value)}
      >
        Lists
      </button>
      <button type="button" aria-pressed={tabled.value} onClick={() => (tabled.value = !tabled.value)}>
        Table
      </button>
    </fieldset>
  );
}
