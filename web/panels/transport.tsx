/** The cursor of all lanes: number field, scrubber, steps, play and speed, jumps. */
import { count } from "../format.ts";
import {
  jump,
  type Landmark,
  landmarks,
  pause,
  play,
  playing,
  SPEEDS,
  seek,
  speed,
  step,
} from "../state/cursor.ts";
import { event, events } from "../state/session.ts";
import { Scrubber } from "./scrubber.tsx";

export function Transport() {
  const last = events.value;
  return (
    <section class="transport" aria-label="Cursor">
      <fieldset class="transport-row" aria-label="Moves the cursor">
        <button type="button" aria-label="First event" disabled={event.value === 0} onClick={() => seek(0)}>
          ⇤
        </button>
        <button
          type="button"
          aria-label="One event back"
          disabled={event.value === 0}
          onClick={() => step(-1)}
        >
          ◂
        </button>
        <button type="button" class="strong play" onClick={() => (playing.value ? pause() : play())}>
          {playing.value ? "Pause" : "Play"}
        </button>
        <button
          type="button"
          aria-label="One event forward"
          disabled={event.value === last}
          onClick={() => step(1)}
        >
          ▸
        </button>
        <button
          type="button"
          aria-label="Last event"
          disabled={event.value === last}
          onClick={() => seek(last)}
        >
          ⇥
        </button>
        <label class="setting setting-event">
          Event
          <input
            type="text"
            inputMode="numeric"
            value={String(event.value)}
            onChange={(change) => {
              const wanted = Number(change.currentTarget.value.replace(/[, ]/g, ""));
              if (Number.isFinite(wanted)) {
                pause();
                seek(wanted);
              }
              change.currentTarget.value = String(event.value);
            }}
          />
          <span class="quiet wide">of {count(last)}</span>
        </label>
        <label class="setting setting-speed">
          <span class="wide">Speed</span>
          <select
            aria-label="Speed"
            value={speed.value}
            onChange={(change) => (speed.value = Number(change.currentTarget.value))}
          >
            {SPEEDS.map((each) => (
              <option key={each} value={each}>
                {count(each)}/s
              </option>
            ))}
          </select>
        </label>
        <span class="spring" />
        <Jump kind="refusal" />
        <Jump kind="collection" />
      </fieldset>
      <Scrubber />
    </section>
  );
}

function Jump({ kind }: { kind: Landmark }) {
  const number = landmarks(kind).length;
  return (
    <button
      type="button"
      class={`jump jump-${kind}`}
      aria-label={number === 0 ? `No ${kind}s` : `Next ${kind}`}
      disabled={number === 0}
      onClick={() => jump(kind)}
    >
      {number === 0 ? (
        `No ${kind}s`
      ) : (
        <>
          <span class="wide">Next </span>
          {kind}
        </>
      )}
    </button>
  );
}
