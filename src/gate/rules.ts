/**
 * What a figure may do: which of them the baseline holds, how much worse each may get, and where it must lie.
 *
 * Of the rules that match a figure of a cell, the last one that states `warn` or `error` says what it may worsen by, and
 * the last one that states `min` or `max` bounds it. Where none does, it may not get worse at all: replay is exact.
 */
import * as z from "zod/mini";
import { wildcard } from "./wildcard.ts";

const names = (description: string) =>
  z.optional(
    z
      .union([
        z.string().check(z.minLength(1)),
        z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
      ])
      .check(z.describe(description)),
  );
const amount = (description: string) =>
  z.optional(
    z.union([z.number(), z.string()]).check(z.describe(`${description} A number, or a size: 64KiB.`)),
  );

const LIMIT = z
  .strictObject({
    relative: z.optional(
      z.number().check(z.minimum(0), z.describe("Of what it was: 0.05 is 5%. Not of a figure that was 0.")),
    ),
    absolute: amount("In the figure's unit."),
  })
  .check(z.describe("Exceeded where both parts are that are given."));

export const RULE = z.strictObject({
  inputs: names("Those that it is for, * for any characters; left out: all."),
  policies: names("Those that it is for, with their options, * for any characters; left out: all."),
  metrics: names("Figures that it is for, * for any characters; left out: all that the baseline holds."),
  warn: z.optional(LIMIT),
  error: z.optional(LIMIT),
  min: amount("Below it is an error, whatever the baseline has."),
  max: amount("Above it is an error, whatever the baseline has."),
});

export interface Limit {
  readonly relative?: number;
  /** In the figure's unit. */
  readonly absolute?: number;
}

/** A rule whose sizes are numbers. */
export interface Rule {
  readonly inputs?: readonly string[];
  readonly policies?: readonly string[];
  readonly metrics?: readonly string[];
  readonly warn?: Limit;
  readonly error?: Limit;
  readonly min?: number;
  readonly max?: number;
}

/** What one figure of one cell may do. Without `error` nothing that it worsens by is one. */
export interface Allowance {
  readonly warn?: Limit;
  readonly error?: Limit;
  readonly min?: number;
  readonly max?: number;
}

/** What the baseline holds where the configuration does not say. */
export const HELD: readonly string[] = [
  "peakHeapBytes",
  "peakResidentBytes",
  "externalFragmentation.mean",
  "externalFragmentation.max",
  "internalFragmentation.mean",
  "holes.max",
  "refusals",
  "fragmentationRefusals",
  "firstRefusalEvent",
  "searchSteps",
  "collections",
  "movedBytes",
  "touchedWords",
  "pauseMaxWords",
  "extraMaxBytes",
];

const EXACT: Limit = { absolute: 0 };

type Matcher = (name: string) => boolean;

const anyOf = (patterns: readonly string[] | undefined): Matcher => {
  if (!patterns) return () => true;
  const all = patterns.map(wildcard);
  return (name) => all.some((matches) => matches(name));
};

export class Rules {
  /** Whether the baseline holds a figure: one that `metrics` names, or a rule names in full. */
  readonly holds: Matcher;
  readonly #rules: readonly Matched[];

  constructor(rules: readonly Rule[] = [], metrics: readonly string[] = HELD) {
    const named = rules.flatMap((rule) => rule.metrics ?? []).filter((pattern) => !pattern.includes("*"));
    this.holds = anyOf([...metrics, ...named]);
    this.#rules = rules.map((rule) => ({
      rule,
      input: anyOf(rule.inputs),
      policy: anyOf(rule.policies),
      metric: rule.metrics ? anyOf(rule.metrics) : this.holds,
    }));
  }

  /** Rules that are for none of these cells. */
  idle(cells: readonly { readonly input: string; readonly policy: string }[]): Rule[] {
    return this.#rules
      .filter((each) => !cells.some(({ input, policy }) => each.input(input) && each.policy(policy)))
      .map(({ rule }) => rule);
  }

  /** For a figure of a cell with this input and policy, as its key has them. */
  allowance(input: string, policy: string, figure: string): Allowance {
    const rules = this.#rules
      .filter((each) => each.input(input) && each.policy(policy) && each.metric(figure))
      .map(({ rule }) => rule);
    const { warn, error } = rules.findLast((each) => each.warn || each.error) ?? { error: EXACT };
    const { min, max } = rules.findLast((each) => each.min !== undefined || each.max !== undefined) ?? {};
    return {
      ...(warn && { warn }),
      ...(error && { error }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    };
  }
}

/** In a few words: which figures it is for. */
export function ruleInWords({ inputs, policies, metrics }: Rule): string {
  const parts = Object.entries({ inputs, policies, metrics }).flatMap(([key, names]) =>
    names ? `${key} ${names.map((name) => `"${name}"`).join(", ")}` : [],
  );
  return parts.length > 0 ? `the rule for ${parts.join(", ")}` : "the rule for all";
}

interface Matched {
  readonly rule: Rule;
  readonly input: Matcher;
  readonly policy: Matcher;
  readonly metric: Matcher;
}

/** Whether a figure that was `was` may not be worse by `by`. Of a zero only the absolute part counts. */
export function exceeds({ relative = 0, absolute = 0 }: Limit, was: number, by: number): boolean {
  return by > absolute && (was === 0 || by > relative * Math.abs(was));
}
