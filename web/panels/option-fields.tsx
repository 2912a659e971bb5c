/** A form for declared options: of policies and of workloads alike. */
import type { OptionSpec, OptionSpecs, Options } from "../../src/options/options.ts";

interface Props {
  /** Begins the ids of the fields. */
  readonly id: string;
  readonly specs: OptionSpecs;
  readonly values: Options;
  readonly onChange: (values: Options) => void;
}

export function OptionFields({ id, specs, values, onChange }: Props) {
  const entries = Object.entries(specs);
  if (entries.length === 0) return <p class="quiet">It has no options.</p>;
  return (
    <div class="options">
      {entries.map(([key, spec]) => (
        <div class="option" key={key}>
          <label for={`${id}-${key}`}>{key}</label>
          <Field
            id={`${id}-${key}`}
            spec={spec}
            value={values[key]}
            onChange={(value) => onChange({ ...values, [key]: value } as Options)}
          />
          <small id={`${id}-${key}-about`}>
            {spec.about}
            {spec.type === "integer" && spec.unit ? `, in ${spec.unit}` : ""}
          </small>
        </div>
      ))}
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly spec: OptionSpec;
  readonly value: number | string | boolean;
  readonly onChange: (value: number | string | boolean) => void;
}

function Field({ id, spec, value, onChange }: FieldProps) {
  const about = `${id}-about`;
  switch (spec.type) {
    case "flag":
      return (
        <input
          id={id}
          type="checkbox"
          aria-describedby={about}
          checked={value === true}
          onChange={(change) => onChange(change.currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <select
          id={id}
          aria-describedby={about}
          value={String(value)}
          onChange={(change) => onChange(change.currentTarget.value)}
        >
          {spec.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      );
    case "integer":
      return (
        <input
          id={id}
          type="text"
          inputMode="numeric"
          aria-describedby={about}
          value={String(value)}
          // As text: what is wrong with it, the policy's own check says.
          onChange={(change) => onChange(change.currentTarget.value)}
        />
      );
  }
}
