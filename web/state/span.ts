/** The part of time that the charts show. */
import { computed } from "@preact/signals";
import { part } from "./appearance.ts";
import type { Span } from "./place.ts";
import { event, events } from "./session.ts";

/** Fewer events than this are not worth a chart. */
const LEAST = 16;

export const span = computed<Span>(() => {
  const all = { from: 0, to: Math.max(1, events.value) };
  const chosen = part.value;
  return chosen && chosen.from < chosen.to && chosen.to <= all.to ? chosen : all;
});

export const isWhole = computed(() => span.value.from === 0 && span.value.to >= events.value);

/** Shows `factor` times as many events as now, around `at`, which keeps its place. */
export function zoomTime(factor: number, at = event.value): void {
  const { from, to } = span.value;
  const length = Math.min(events.value, Math.max(LEAST, Math.round((to - from) * factor)));
  if (length >= events.value) part.value = undefined;
  else {
    const anchor = at >= from && at <= to ? (at - from) / (to - from) : 0.5;
    const begin = anchor === 0.5 && (at < from || at > to) ? at - length / 2 : at - anchor * length;
    part.value = within(begin, length);
  }
}

export function wholeTime(): void {
  part.value = undefined;
}

/** What the cursor moves to comes into view. */
export function followCursor(): void {
  const { from, to } = span.value;
  if (event.value < from || event.value > to) part.value = within(event.value - (to - from) / 2, to - from);
}

function within(begin: number, length: number): Span {
  const from = Math.round(Math.max(0, Math.min(events.value - length, begin)));
  return { from, to: from + length };
}
