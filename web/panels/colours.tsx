/** Chooses what colours stand for, and says what each of them does. */
import { count, shortSite } from "../format.ts";
import { against, colouring } from "../state/appearance.ts";
import { phaseName } from "../state/phases.ts";
import { events, trace } from "../state/session.ts";
import { theme } from "../state/theme.ts";
import { boundsOf, CLASSES, COLOURINGS, type Colouring } from "../worker/colouring.ts";
import { tonesFor } from "../worker/palette.ts";

const WORDS: Readonly<Record<Colouring, string>> = {
  object: "object",
  age: "age",
  size: "size",
  lifetime: "lifetime",
  moves: "times moved",
  phase: "phase of birth",
  thread: "thread",
  site: "call site",
};

const UNITS: Readonly<Record<Colouring, string>> = {
  object: "",
  age: "events old",
  size: "bytes asked for",
  lifetime: "events from birth to death",
  moves: "moves so far",
  phase: "",
  thread: "",
  site: "",
};

export function Colours() {
  return (
    <label class="setting setting-colour">
      Colour by
      <select
        value={colouring.value}
        disabled={against.value !== undefined}
        onChange={(change) => (colouring.value = change.currentTarget.value as Colouring)}
      >
        {COLOURINGS.map((each) => (
          <option key={each} value={each} disabled={!isKnown(each)}>
            {WORDS[each]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The classes of live blocks; undefined where colours only tell objects apart. */
export function ColourKeys() {
  const chosen = colouring.value;
  const tones = tonesFor(theme.value, chosen);
  if (chosen === "object")
    return (
      <li>
        <span class="key key-tones">
          {tones.slice(0, 4).map((tone) => (
            <i key={tone} style={{ background: tone }} />
          ))}
        </span>
        live, a colour an object
      </li>
    );
  const labels = labelsOf(chosen);
  if (labels.length === 0)
    return (
      <li>
        <span class="key" style={{ background: tones[0] }} /> live; of this trace no {WORDS[chosen]} is known
      </li>
    );
  return (
    <li class="scale-keys">
      {labels.map((label, i) => (
        <span key={label} class="scale-key" title={label}>
          <i style={{ background: tones[i] }} />
          <span class="scale-name">{chosen === "site" ? shortSite(label) : label}</span>
        </span>
      ))}
      {UNITS[chosen]}
    </li>
  );
}

/** Whether the trace says anything of it. */
function isKnown(chosen: Colouring): boolean {
  if (chosen === "phase") return (trace.value?.phases.length ?? 0) > 0;
  if (chosen === "thread" || chosen === "site") return (trace.value?.origins[chosen].length ?? 0) > 0;
  return true;
}

function labelsOf(chosen: Colouring): readonly string[] {
  if (chosen === "phase") return phaseLabels();
  if (chosen === "thread" || chosen === "site") return trace.value?.origins[chosen] ?? [];
  return classLabels(boundsOf(chosen, events.value), chosen);
}

/** `0`, `1`, `2`, `3–4`, ... and what is beyond the last bound. */
function classLabels(bounds: readonly number[], chosen: Colouring): string[] {
  const last = bounds[bounds.length - 1];
  const labels = bounds.map((bound, i) => {
    const low = bounds[i - 1] ?? 0;
    if (bound - low === 1) return count(low);
    return `≤ ${count(bound - 1)}`;
  });
  return [...labels, chosen === "lifetime" ? "more, or to the end" : `≥ ${count(last)}`];
}

function phaseLabels(): string[] {
  const names = trace.value?.phases.map(phaseName) ?? [];
  return Array.from({ length: Math.min(CLASSES, names.length) }, (_, tone) =>
    names.filter((__, i) => i % CLASSES === tone).join(", "),
  );
}
