/** Chooses the policy of a lane and its options; the form is made from what the policy declares. */
import type { Options } from "../../src/options/options.ts";
import { choosePolicy, formatChoice, POLICIES, type PolicyFacts } from "../state/catalogue.ts";
import { event, go, lanes, place, scenario } from "../state/session.ts";
import { LETTERS } from "./letters.ts";
import { OptionFields } from "./option-fields.tsx";
import { Sheet } from "./sheet.tsx";

export function PolicyPicker({ lane }: { lane: number }) {
  const text = lanes.value[lane].policy;
  const { policy, options } = choosePolicy(text);
  const letter = LETTERS[lane];
  const given = text.includes(":") ? text.slice(text.indexOf(":") + 1) : "";
  return (
    <div class="picker">
      <select
        aria-label={`Policy ${letter}`}
        value={policy.name}
        onChange={(change) => replace(lane, change.currentTarget.value)}
      >
        {families().map(([family, policies]) => (
          <optgroup key={family} label={family}>
            {policies.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <Sheet
        label={
          <>
            Options
            {given && <span class="given"> {given}</span>}
          </>
        }
      >
        {() => (
          <>
            <p>{policy.summary}</p>
            <OptionFields
              id={`policy-${letter}`}
              specs={policy.options}
              values={options}
              onChange={(values: Options) => replace(lane, formatChoice({ policy, options: values }))}
            />
            <p class="source">
              {policy.source}. {policy.departs}{" "}
              <a href={`handbook/${policy.name}.html`}>More in the handbook</a>
            </p>
          </>
        )}
      </Sheet>
      {lanes.value.length > 1 && (
        <button type="button" aria-label={`Remove policy ${letter}`} onClick={() => replace(lane, undefined)}>
          ×
        </button>
      )}
    </div>
  );
}

/** One policy more, while there is a letter for it: the next of the scenario, or one that moves. */
export function AddPolicy() {
  const shown = lanes.value.map(({ policy }) => policy);
  if (shown.length >= LETTERS.length) return null;
  const candidates = [...(scenario.value?.policies ?? []), "mark-compact", "best-fit", ...names];
  const next = candidates.find((name) => !shown.includes(name)) ?? names[0];
  return (
    <button
      type="button"
      class="add-lane"
      title={`With ${next} to begin with`}
      onClick={() => replace(shown.length, next)}
    >
      {shown.length === 1 ? "Compare with a second policy" : "Add a policy"}
    </button>
  );
}

const names = POLICIES.map(({ name }) => name);

function replace(lane: number, text: string | undefined): void {
  const policies = [...(place.value?.policies ?? [])];
  if (text === undefined) policies.splice(lane, 1);
  else policies[lane] = text;
  go({ policies, event: event.value });
}

function families(): [string, PolicyFacts[]][] {
  const found = new Map<string, PolicyFacts[]>();
  for (const policy of POLICIES) found.set(policy.family, [...(found.get(policy.family) ?? []), policy]);
  return [...found];
}
