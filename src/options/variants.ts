/**
 * One call for many: `tlsf:sl=3|4|5` is three calls, `tlsf:sl=3..5` the same three, and `first-fit:order=*` one for each
 * value that there is. Two options with several values are every pair of them; the last one varies fastest.
 */
import { OptionError, type OptionSpec, type OptionSpecs } from "./options.ts";

/** Most calls that one may stand for. */
const MOST_VARIANTS = 100_000;

/** The calls that `options`, the text behind a name's colon, stands for; as texts, in order. `owner` is for messages. */
export function variantsOf(owner: string, specs: OptionSpecs, options: string): string[] {
  let calls = [""];
  for (const part of options === "" ? [] : options.split(",")) {
    const equals = part.indexOf("=");
    const key = part.slice(0, Math.max(equals, 0));
    const values = Object.hasOwn(specs, key)
      ? valuesOf(`${owner}: ${key}`, specs[key], part.slice(equals + 1))
      : undefined;
    const parts = values ? values.map((value) => `${key}=${value}`) : [part];
    if (calls.length * parts.length > MOST_VARIANTS)
      throw new OptionError(`${owner}: "${options}" stands for more than ${MOST_VARIANTS} calls`);
    calls = calls.flatMap((call) => parts.map((each) => (call === "" ? each : `${call},${each}`)));
  }
  return calls;
}

function valuesOf(what: string, spec: OptionSpec, text: string): string[] {
  if (text === "*") return every(what, spec);
  return text.split("|").flatMap((value) => {
    const range = spec.type === "integer" && /^(-?\d+)\.\.(-?\d+)$/.exec(value);
    return range ? between(what, Number(range[1]), Number(range[2]), spec.powerOfTwo ?? false) : [value];
  });
}

function every(what: string, spec: OptionSpec): string[] {
  switch (spec.type) {
    case "choice":
      return [...spec.choices];
    case "flag":
      return ["0", "1"];
    case "integer":
      return between(what, spec.min, spec.max, spec.powerOfTwo ?? false);
    case "text":
      throw new OptionError(`${what} is "*"; it takes ${spec.form}, of which there is no end`);
  }
}

/** The whole numbers from `low` to `high`, or the powers of two among them. */
function between(what: string, low: number, high: number, powers: boolean): string[] {
  if (low > high) throw new OptionError(`${what} is "${low}..${high}"; it must go up`);
  const values: string[] = [];
  for (let value = powers ? 1 : low; value <= high; value = powers ? 2 * value : value + 1) {
    if (value >= low) values.push(String(value));
    if (values.length > MOST_VARIANTS)
      throw new OptionError(`${what} from ${low} to ${high} is more than ${MOST_VARIANTS} values`);
  }
  if (values.length === 0) throw new OptionError(`${what}: there is no power of two from ${low} to ${high}`);
  return values;
}
