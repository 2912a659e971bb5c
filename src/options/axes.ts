/** The options of a call as axes to search along: each with the values that it may take, and the one to begin with. */
import {
  type IntegerOption,
  type OptionSpec,
  type OptionSpecs,
  type Options,
  readOptions,
  splitOptions,
} from "./options.ts";
import { between, valuesOf } from "./variants.ts";

export type Value = Options[string];

export interface Axis {
  readonly key: string;
  /** Each once; numbers go up. */
  readonly values: readonly Value[];
  /** Index in `values` of the default, or else of what is nearest to it: of words and flags the first. */
  readonly start: number;
  /** Values that lie close together are likely to do alike: numbers. */
  readonly ordered: boolean;
}

/** Values up to which a range of numbers has each of them. */
const MOST_VALUES = 1000;

/**
 * One for every option, in the order of the declaration. `options` is the text behind a name's colon: what it gives one
 * value is fixed, `a|b`, `3..6` and `*` are all there is of an option, and one that it does not name has its declared
 * range. A range of more than 1000 numbers has those whose distance from its lower end is of three significant bits, its
 * upper end and the default. Throws OptionError where an option or a value is none; `owner` is for messages.
 */
export function axesOf(owner: string, specs: OptionSpecs, options: string): Axis[] {
  const given = splitOptions(owner, options);
  for (const [key, value] of Object.entries(given))
    if (!Object.hasOwn(specs, key)) readOptions(owner, specs, { [key]: value });
  return Object.entries(specs).map(([key, spec]) => {
    const all = spec.type === "text" ? spec.default : "*";
    const what = `${owner}: ${key}`;
    const range = (low: number, high: number): string[] =>
      someBetween(what, spec as IntegerOption, low, high);
    const texts = valuesOf(what, spec, given[key] ?? all, range);
    const values = [...new Set(texts.map((value) => readOptions(owner, specs, { [key]: value })[key]))];
    if (spec.type === "integer") values.sort((a, b) => Number(a) - Number(b));
    return { key, values, start: nearest(spec, values), ordered: spec.type === "integer" };
  });
}

function nearest({ type, default: wanted }: OptionSpec, values: readonly Value[]): number {
  if (type !== "integer") return Math.max(0, (values as readonly unknown[]).indexOf(wanted));
  const far = values.map((value) => Math.abs(Number(value) - wanted));
  return far.indexOf(Math.min(...far));
}

function someBetween(what: string, spec: IntegerOption, low: number, high: number): string[] {
  const { powerOfTwo = false, default: usual } = spec;
  if (powerOfTwo || high - low < MOST_VALUES) return between(what, low, high, powerOfTwo);
  const values = usual >= low && usual <= high ? [usual, high] : [high];
  for (let bit = 1, value = 0; low + value <= high; value += bit) {
    values.push(low + value);
    if (value === 8 * bit) bit *= 2;
  }
  return values.map(String);
}
