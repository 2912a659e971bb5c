/**
 * Named things with options: policies, workloads and planners are all called as `NAME[:key=value,...]`.
 * Each declares its options once; the command line, the page, the docs and the JSON Schema read that declaration.
 */
import { parseSize } from "./size.ts";

/** A whole number in min..max. With `unit: "bytes"` the text may carry KiB, MiB or GiB. */
export interface IntegerOption {
  readonly type: "integer";
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
  readonly powerOfTwo?: boolean;
  /** One line for people: what it changes. */
  readonly about: string;
}
/** One of a few words. */
export interface ChoiceOption<C extends string = string> {
  readonly type: "choice";
  readonly default: C;
  readonly choices: readonly C[];
  readonly about: string;
}
/** `key=1`, `key=true`, `key=0`, `key=false`. */
export interface FlagOption {
  readonly type: "flag";
  readonly default: boolean;
  readonly about: string;
}
/** Words of a small language, such as a table of pools. Neither commas nor spaces: calls are split at commas. */
export interface TextOption {
  readonly type: "text";
  readonly default: string;
  /** A regular expression that the whole text matches. */
  readonly pattern: string;
  /** The same for people: `SIZE[xCOUNT]/SIZE[xCOUNT]/...`. */
  readonly form: string;
  readonly about: string;
}
export type OptionSpec = IntegerOption | ChoiceOption | FlagOption | TextOption;
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The values that belong to a declaration. */
export type Options<S extends OptionSpecs = OptionSpecs> = {
  readonly [K in keyof S]: S[K] extends IntegerOption
    ? number
    : S[K] extends ChoiceOption<infer C>
      ? C
      : S[K] extends TextOption
        ? string
        : boolean;
};

/** What a wrong call of a named thing throws: one sentence with the name, the key and the value. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/** Splits `NAME:key=value,...` at its first colon. */
export function parseCall(text: string): { name: string; options: string } {
  const colon = text.indexOf(":");
  return colon < 0
    ? { name: text, options: "" }
    : { name: text.slice(0, colon), options: text.slice(colon + 1) };
}

/** Reads `key=value,...`; keys that are not named keep their default. `owner` is for messages: `policy first-fit`. */
export function parseOptions<S extends OptionSpecs>(owner: string, specs: S, text: string): Options<S> {
  return readOptions(owner, specs, splitOptions(owner, text));
}

/** The texts by their keys, whatever they are. */
export function splitOptions(owner: string, text: string): Record<string, string> {
  const given: Record<string, string> = {};
  for (const part of text === "" ? [] : text.split(",")) {
    const equals = part.indexOf("=");
    const key = equals < 0 ? part : part.slice(0, equals);
    if (equals < 0) throw new OptionError(`${owner}: option "${part}" has no value; write ${part}=VALUE`);
    if (key in given) throw new OptionError(`${owner}: option "${key}" is given twice`);
    given[key] = part.slice(equals + 1);
  }
  return given;
}

/** The same from an object, as JSON has it; values may be strings, numbers or booleans. */
export function readOptions<S extends OptionSpecs>(
  owner: string,
  specs: S,
  given: Readonly<Record<string, unknown>>,
): Options<S> {
  for (const key of Object.keys(given))
    if (!Object.hasOwn(specs, key))
      throw new OptionError(`${owner}: unknown option "${key}"${known(key, Object.keys(specs))}`);
  const values: Record<string, number | string | boolean> = {};
  for (const [key, spec] of Object.entries(specs))
    values[key] = Object.hasOwn(given, key) ? readValue(`${owner}: ${key}`, spec, given[key]) : spec.default;
  return values as Options<S>;
}

/** Only what differs from the defaults, in the order of the declaration: `header=8,order=lifo`, or nothing. */
export function formatOptions(specs: OptionSpecs, values: Options): string {
  return Object.keys(specs)
    .filter((key) => values[key] !== specs[key].default)
    .map((key) => `${key}=${typeof values[key] === "boolean" ? Number(values[key]) : values[key]}`)
    .join(",");
}

/** Names that are listed when none is near. */
const MOST_LISTED = 8;

/**
 * ` (did you mean "x", "y"?)` from the names nearest to `wanted`; the first names where none is near. Near is one
 * letter in four more than one that is added, missing or another, but never all of them; or a part of the other.
 */
export function known(wanted: string, names: readonly string[]): string {
  if (names.length === 0) return " (there are none)";
  const most = Math.min(1 + wanted.length / 4, wanted.length - 1);
  const part = (a: string, b: string): boolean => a.length > 1 && b.includes(a);
  const near = names
    .map((name) => ({ name, distance: editDistance(wanted, name) }))
    .filter(({ name, distance }) => distance <= most || part(wanted, name) || part(name, wanted))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => `"${name}"`);
  if (near.length > 0) return ` (did you mean ${near.join(", ")}?)`;
  const more = names.length - MOST_LISTED;
  const listed = more > 1 ? [...names.slice(0, MOST_LISTED), `and ${more} more`] : names;
  return ` (known: ${listed.join(", ")})`;
}

function readValue(what: string, spec: OptionSpec, given: unknown): number | string | boolean {
  const text = String(given);
  switch (spec.type) {
    case "choice":
      if (!spec.choices.includes(text))
        throw new OptionError(`${what} is "${text}"; it must be one of ${spec.choices.join(", ")}`);
      return text;
    case "text":
      if (!new RegExp(`^(?:${spec.pattern})$`).test(text))
        throw new OptionError(`${what} is "${text}"; it must be ${spec.form}`);
      return text;
    case "flag":
      if (!/^(0|1|true|false)$/.test(text)) throw new OptionError(`${what} is "${text}"; it must be 0 or 1`);
      return text === "1" || text === "true";
    case "integer": {
      const value = spec.unit === "bytes" ? parseSize(text) : /^-?\d+$/.test(text) ? Number(text) : undefined;
      const fits = value !== undefined && value >= spec.min && value <= spec.max;
      if (!fits || (spec.powerOfTwo && !Number.isInteger(Math.log2(value))))
        throw new OptionError(
          `${what} is "${text}"; it must be ${spec.powerOfTwo ? "a power of two" : "a whole number"} from ${spec.min} to ${spec.max}`,
        );
      return value;
    }
  }
}

/** Levenshtein's distance (Soviet Physics Doklady 10, 1966), two rows. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + Number(a[i - 1] !== b[j - 1]));
    above = row;
  }
  return above[b.length];
}
