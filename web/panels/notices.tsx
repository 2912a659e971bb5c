/** What goes wrong, what takes long, and what a screen reader is told. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { count, plural } from "../format.ts";
import { playing } from "../state/cursor.ts";
import { busy, cancel, event, lanes, moments, problem } from "../state/session.ts";
import { LETTERS } from "./letters.ts";

export function Problem() {
  if (problem.value === undefined) return null;
  return (
    <div class="problem" role="alert">
      <p>{problem.value}</p>
      <button type="button" onClick={() => (problem.value = undefined)}>
        Dismiss
      </button>
    </div>
  );
}

export function Progress() {
  if (!busy.value) return null;
  const { doing, share } = busy.value;
  return (
    <div class="progress" role="status">
      <span>{doing}</span>
      <progress value={share} max={1} aria-label={doing} />
      <button type="button" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}

/** Milliseconds between two messages at least. */
const PAUSE = 1200;

/** Says where the cursor came to rest. */
export function LiveRegion() {
  const said = useSignal("");
  useSignalEffect(() => {
    const [at, now] = [event.value, moments.value];
    if (playing.value) return;
    const timer = setTimeout(() => (said.value = sentence(at, now)), PAUSE);
    return () => clearTimeout(timer);
  });
  return (
    <p class="unseen" aria-live="polite">
      {said.value}
    </p>
  );
}

function sentence(at: number, now: typeof moments.value): string {
  const parts = now.map(({ refusal, collection, values }, lane) => {
    const policy = `${LETTERS[lane]}, ${lanes.value[lane]?.policy}`;
    if (refusal) return `${policy}: request of ${count(refusal.bytes)} bytes refused, ${refusal.kind}.`;
    if (collection) return `${policy}: collection, ${plural(collection.moves, "object")} moved.`;
    return `${policy}: ${plural(values.holes, "hole")}, the largest of ${count(values.largestHole)} bytes.`;
  });
  return `Event ${count(at)}. ${parts.join(" ")}`;
}
