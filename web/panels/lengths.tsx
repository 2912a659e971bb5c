/**
 * Live blocks and holes by length, in powers of two: blocks upward, holes downward, on a logarithmic scale. A bar is a
 * button: the maps then show what is of that length, and all else faintly.
 */
import { useSignal, useSignalEffect } from "@preact/signals";
import { formatSize } from "../../src/options/size.ts";
import { count, plural } from "../format.ts";
import { filter } from "../state/appearance.ts";
import { playing } from "../state/cursor.ts";
import { engine, moments } from "../state/session.ts";
import type { Filter, Histogram } from "../worker/protocol.ts";
import { LETTERS } from "./letters.ts";

const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** Milliseconds that the cursor must rest. */
const REST = 80;

export function Lengths({ lane }: { lane: number }) {
  const open = useSignal(false);
  const found = useSignal<Histogram | undefined>(undefined);
  useSignalEffect(() => {
    const moment = moments.value[lane];
    if (!moment || !open.value || playing.value) return;
    const timer = setTimeout(
      () =>
        engine
          .call((laboratory) => laboratory.histogram(lane))
          .then((histogram) => (found.value = histogram))
          .catch(() => {}),
      REST,
    );
    return () => clearTimeout(timer);
  });
  return (
    <div class="lengths">
      <h2>
        <button
          type="button"
          class="unfold"
          aria-expanded={open.value}
          aria-label={`Lengths of blocks and holes of policy ${LETTERS[lane]}`}
          onClick={() => (open.value = !open.value)}
        >
          Lengths of blocks and holes
        </button>
        {filter.value && (
          <span>
            the maps show {nameOf(filter.value)}{" "}
            <button type="button" class="link" onClick={() => (filter.value = undefined)}>
              show all
            </button>
          </span>
        )}
      </h2>
      {open.value && found.value && <Bars histogram={found.value} />}
    </div>
  );
}

function Bars({ histogram: { live, holes } }: { histogram: Histogram }) {
  const bins = Math.max(live.counts.length, holes.counts.length);
  const most = Math.log2(1 + Math.max(1, ...live.counts, ...holes.counts));
  const first = Array.from({ length: bins }).findIndex((_, i) => live.counts[i] || holes.counts[i]);
  if (first < 0) return <p class="quiet">There is neither a live block nor a hole.</p>;
  return (
    <div class="bars-scroll">
      <ol class="bars" aria-label="Lengths, in bytes">
        {Array.from({ length: bins - first }, (_, i) => first + i).map((bin) => (
          <li key={bin}>
            <Bar kind="live" bin={bin} counts={live} most={most} />
            <span class="figure" aria-hidden="true">
              {formatSize(2 ** bin)
                .replace(/ ?B$/, "")
                .replace(/ ?i$/, "")}
            </span>
            <Bar kind="hole" bin={bin} counts={holes} most={most} />
          </li>
        ))}
      </ol>
      <p class="bars-key">
        <span>
          <i class="key" /> blocks
        </span>
        <span>
          <i class="key key-found" /> holes
        </span>
        <span class="quiet">of so many bytes or up to twice as many; bars on a logarithmic scale</span>
      </p>
    </div>
  );
}

interface BarProps {
  readonly kind: Filter["kind"];
  readonly bin: number;
  readonly counts: Histogram["live"];
  /** Of the longest bar, as a logarithm. */
  readonly most: number;
}

function Bar({ kind, bin, counts, most }: BarProps) {
  const number = counts.counts[bin] ?? 0;
  const range: Filter = { kind, low: 2 ** bin, high: 2 ** (bin + 1) };
  const pressed = filter.value?.kind === kind && filter.value.low === range.low;
  const said = `${plural(number, kind === "live" ? "live block" : "hole")} of ${count(range.low)} to ${count(range.high - 1)} bytes, ${count(counts.bytes[bin] ?? 0)} bytes in all`;
  return (
    <button
      type="button"
      class={`bar-${kind}`}
      aria-label={said}
      title={said}
      aria-pressed={pressed}
      disabled={number === 0}
      data-count={number}
      onClick={() => (filter.value = pressed ? undefined : range)}
    >
      {number > 0 && (
        <>
          <i style={{ height: `max(2px, ${(Math.log2(1 + number) / most).toFixed(3)} * (100% - 14px))` }} />
          <span class="figure">{SHORT.format(number)}</span>
        </>
      )}
    </button>
  );
}

const nameOf = ({ kind, low, high }: Filter): string =>
  `${kind === "live" ? "blocks" : "holes"} of ${count(low)} to ${count(high - 1)} bytes`;
