/** Chooses whether the maps show heaps, or where two of them differ. */
import { count, plural } from "../format.ts";
import { against } from "../state/appearance.ts";
import { event, lanes } from "../state/session.ts";
import { theme } from "../state/theme.ts";
import { tonesFor } from "../worker/palette.ts";
import { LETTERS } from "./letters.ts";

export function MapsShow() {
  const now = against.value;
  const value = now?.lane !== undefined ? `lane ${now.lane}` : now?.event !== undefined ? "event" : "heap";
  return (
    <label class="setting setting-show">
      Maps show
      <select
        value={value}
        onChange={(change) => {
          const [kind, lane] = change.currentTarget.value.split(" ");
          against.value =
            kind === "heap" ? undefined : kind === "lane" ? { lane: Number(lane) } : { event: event.value };
        }}
      >
        <option value="heap">what lives where</option>
        {lanes.value.length > 1 &&
          lanes.value.map((_, lane) => (
            <option key={LETTERS[lane]} value={`lane ${lane}`}>
              what differs from {LETTERS[lane]}
            </option>
          ))}
        <option value="event">what changes from event {count(now?.event ?? event.value)} on</option>
      </select>
    </label>
  );
}

/** The legend of a difference. */
export function DifferenceKeys() {
  const now = against.value;
  if (!now) return null;
  const [both, here, there] = tonesFor(theme.value, "difference");
  const other =
    now.lane !== undefined ? `in ${LETTERS[now.lane]}` : `after ${plural(now.event ?? 0, "event")}`;
  const keys = [
    [both, "live in both"],
    [here, "live here only"],
    [there, `live ${other} only`],
  ] as const;
  return (
    <>
      {keys.map(([colour, words]) => (
        <li key={words}>
          <i class="key" style={{ background: colour }} /> {words}
        </li>
      ))}
      <li>
        <i class="key key-hole" /> live in neither
      </li>
    </>
  );
}
