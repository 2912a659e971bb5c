/** Chooses the policy of a lane and its options; the form is made from what the policy declares. */
import type { Options } from "../../src/options/options.ts";
import { choosePolicy, formatChoice, POLICIES, type PolicyFacts } from "../state/catalogue.ts";
import { event, go, lanes, place } from "../state/session.ts";
import { OptionFields } from "./option-fields.tsx";
import { Sheet } from "./sheet.tsx";

export function PolicyPicker({ lane }: { lane: number }) {
  const text = lanes.value[lane].policy;
  const { policy, options } = choosePolicy(text);
  const letter = "AB"[lane];
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
      {lane === 1 && (
        <button type="button" aria-label="Remove policy B" onClick={() => replace(1, undefined)}>
          ×
        </button>
      )}
    </div>
  );
}

/** Beside one policy there is room for a second. */
export function AddPolicy() {
  const first = lanes.value[0]?.policy;
  const other = POLICIES.find(({ name }) => name !== first && name === "mark-compact") ?? POLICIES[0];
  return (
    <button type="button" class="add-lane" onClick={() => replace(1, other.name)}>
      Compare with a second policy
    </button>
  );
}

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
