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

type RangeOf = (low: number, high: number) => string[];

/** The values that an option's text stands for; `range` says which of the whole numbers from one to another those are. */
export function valuesOf(
  what: string,
  spec: OptionSpec,
  text: string,
  range: RangeOf = (low, high) =>
    between(what, low, high, (spec.type === "integer" && spec.powerOfTwo) ?? false),
): string[] {
  if (text === "*") return every(what, spec, range);
  return text.split("|").flatMap((value) => {
    const ends = spec.type === "integer" && /^(-?\d+)\.\.(-?\d+)$/.exec(value);
    return ends ? range(Number(ends[1]), Number(ends[2])) : [value];
  });
}

function every(what: string, spec: OptionSpec, range: RangeOf): string[] {
  switch (spec.type) {
    case "choice":
      return [...spec.choices];
    case "flag":
      return ["0", "1"];
    case "integer":
      return range(spec.min, spec.max);
    case "text":
      throw new OptionError(`${what} is "*"; it takes ${spec.form}, of which there is no end`);
  }
}

/** The whole numbers from `low` to `high`, or the powers of two among them. */
export function between(what: string, low: number, high: number, powers: boolean): string[] {
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
