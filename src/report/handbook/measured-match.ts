/**
 * How well each model repeats what the real allocator did. Written by `npm run measure:match` from recordings, never
 * by hand; a test measures again whatever recordings it can reach.
 */
import type { Policy } from "../../allocators/contract.ts";
import { parseCall } from "../../options/options.ts";
import measured from "./measured-match.json" with { type: "json" };

/** One variant of a policy, over all tables recorded of it. */
export interface Match {
  /** What was recorded: program, version and build. */
  readonly real: string;
  /** Tables recorded. */
  readonly of: number;
  /** Those of them in which every request was placed at the real address, or refused where the real one refused. */
  readonly tables: number;
  /** Requests in all tables: malloc, calloc, memalign and realloc. */
  readonly requests: number;
  /** Those of them that were placed at the real address, or refused where the real one refused. */
  readonly same: number;
}

/** By the call of the variant: `freertos-heap4:bits=32`. */
export type MeasuredMatch = Readonly<Record<string, Match>>;

export const MEASURED_MATCH: MeasuredMatch = measured;

/** The variants that were recorded of a policy, with their calls. */
export function matchesOf({ name }: Policy, matches = MEASURED_MATCH): readonly (readonly [string, Match])[] {
  return Object.entries(matches).filter(([call]) => parseCall(call).name === name);
}

/** All variants together: `28 of 28 tables`, or that there are none. */
export function matchInWords(policy: Policy, matches = MEASURED_MATCH): string {
  const all = matchesOf(policy, matches).map(([, match]) => match);
  const sum = (key: "of" | "tables"): number => all.reduce((total, match) => total + match[key], 0);
  return all.length === 0 ? "no recording" : `${sum("tables")} of ${sum("of")} tables`;
}
