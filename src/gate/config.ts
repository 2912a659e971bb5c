/**
 * A gate's configuration: what is replayed, and what its figures may do. A file `heapscape.config.json`, or the key
 * `heapscape` of a package.json; strict, as scenarios are. At its smallest
 *
 *     { "inputs": ["t.trace"], "policies": ["first-fit", "buddy"], "heap": "8MiB" }
 */
import * as z from "zod/mini";
import { FIGURE_NAMES } from "../metrics/metric.ts";
import { heapBytes } from "../options/heap.ts";
import { known, OptionError } from "../options/options.ts";
import { parseSize } from "../options/size.ts";
import { firstIssue, nameOf } from "../scenarios/first-issue.ts";
import type { LocatedJson, Path } from "../scenarios/located-json.ts";
import { HELD, type Limit, RULE, type Rule } from "./rules.ts";
import { wildcard } from "./wildcard.ts";

const text = (description: string) => z.string().check(z.minLength(1), z.describe(description));
const texts = (description: string) =>
  z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.describe(description));
const oneOrMore = (description: string) =>
  z
    .union([z.string().check(z.minLength(1)), z.array(z.string().check(z.minLength(1)))])
    .check(z.describe(description));

const CONFIG = z.strictObject({
  $schema: z.optional(z.string().check(z.describe("For editors; ignored."))),
  extends: z.optional(
    oneOrMore(
      "Configurations that this one adds to: paths from here. Its own keys win; rules come after theirs.",
    ),
  ),
  inputs: z.optional(
    texts("Trace files, * and ** as in shells, from here; or workload:NAME[:key=value,...]."),
  ),
  policies: z.optional(texts("NAME[:key=value,...], or a policy's file from here.")),
  heap: z.optional(
    oneOrMore("Bytes as in 8MiB, grow, or a multiple of the trace's peak live bytes as in 1.5x; or several."),
  ),
  seed: z.optional(
    z
      .int()
      .check(
        z.minimum(0),
        z.maximum(0xffffffff),
        z.describe("For the workloads: a 32-bit number. Default 1."),
      ),
  ),
  from: z.optional(
    z
      .union([z.int().check(z.minimum(0)), z.string().check(z.minLength(1))])
      .check(z.describe("The event or phase from which the metrics count.")),
  ),
  repeat: z.optional(
    z
      .union([z.int().check(z.minimum(1)), z.literal("until-refused")])
      .check(z.describe("Rounds of each trace on one heap, or until-refused.")),
  ),
  strict: z.optional(z.boolean().check(z.describe("What is odd in a foreign format is an error."))),
  metrics: z.optional(
    texts(`Figures that the baseline holds, * for any characters. Default: ${HELD.join(", ")}.`),
  ),
  rules: z.optional(
    z
      .array(RULE)
      .check(
        z.describe(
          "What figures may do, where it is more than not to get worse; the last one that matches counts.",
        ),
      ),
  ),
  baseline: z.optional(text("The baseline's file, from here. Default: heapscape.baseline.json.")),
});

export type ConfigDocument = z.infer<typeof CONFIG>;

/** A configuration that cannot be used: one line with file, line, key and what is wrong. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Checks everything that can be checked without other files. Throws ConfigError. */
export function checkConfig(json: LocatedJson): ConfigDocument {
  const result = CONFIG.safeParse(json.value);
  if (!result.success) throw new ConfigError(firstIssue(result.error.issues, configSchema(), json));
  const config = result.data;
  for (const [i, heap] of listOf(config.heap).entries())
    told(json, Array.isArray(config.heap) ? ["heap", i] : ["heap"], () => heapBytes(heap, 0));
  checkFigures(json, ["metrics"], config.metrics);
  for (const [i, rule] of (config.rules ?? []).entries()) {
    checkFigures(json, ["rules", i, "metrics"], rule.metrics);
    told(json, ["rules", i], () => ruleOf(rule));
  }
  return config;
}

/** What goes wrong in `check`, told of the key at `path`. */
function told<T>(json: LocatedJson, path: Path, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new ConfigError(json.describe(path, (error as Error).message));
  }
}

/** A pattern that no figure has would hold nothing, and nobody would know. */
function checkFigures(json: LocatedJson, path: Path, patterns: string | readonly string[] | undefined): void {
  for (const [i, pattern] of listOf(patterns).entries()) {
    if (FIGURE_NAMES.some(wildcard(pattern))) continue;
    const at = typeof patterns === "string" ? path : [...path, i];
    throw new ConfigError(
      json.describe(
        at,
        `${nameOf(at)} is "${pattern}", and there is no such metric${known(pattern, FIGURE_NAMES)}`,
      ),
    );
  }
}

/** A rule with its sizes as numbers. Throws OptionError. */
export function ruleOf({ inputs, policies, metrics, warn, error, min, max }: z.infer<typeof RULE>): Rule {
  const limit = ({ relative, absolute }: NonNullable<typeof warn>): Limit => ({
    ...(relative !== undefined && { relative }),
    ...(absolute !== undefined && { absolute: atLeastZero("absolute", amountOf("absolute", absolute)) }),
  });
  const bounds = {
    ...(min !== undefined && { min: amountOf("min", min) }),
    ...(max !== undefined && { max: amountOf("max", max) }),
  };
  if (bounds.min !== undefined && bounds.max !== undefined && bounds.min > bounds.max)
    throw new OptionError(`min is ${min}, which is more than max, ${max}: no figure fits`);
  if (![warn, error, min, max].some((each) => each !== undefined))
    throw new OptionError("a rule states warn, error, min or max, and this one states none");
  return {
    ...(inputs !== undefined && { inputs: listOf(inputs) }),
    ...(policies !== undefined && { policies: listOf(policies) }),
    ...(metrics !== undefined && { metrics: listOf(metrics) }),
    ...(warn && { warn: limit(warn) }),
    ...(error && { error: limit(error) }),
    ...bounds,
  };
}

function atLeastZero(key: string, amount: number): number {
  if (amount < 0) throw new OptionError(`${key} is ${amount}; it must be at least 0`);
  return amount;
}

function amountOf(key: string, given: number | string): number {
  const amount = typeof given === "number" ? given : parseSize(given);
  if (amount === undefined)
    throw new OptionError(`${key} is "${given}"; it must be a number, or a size as in 64KiB`);
  return amount;
}

export const listOf = <T>(given: T | readonly T[] | undefined): readonly T[] =>
  given === undefined ? [] : Array.isArray(given) ? given : [given as T];

/** JSON Schema (draft 2020-12) of a configuration. */
export function configSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(CONFIG, { io: "input" }), title: "Heapscape configuration" };
}
