/**
 * What a cell was run with, besides its trace, as 16 hex digits. Options count where they were given: a default is the
 * policy's own, and a policy that changes is what the gate is there to notice.
 */
import { Hash } from "../traces/hash.ts";

export interface Parameters {
  /** Bytes, worked out where a multiple was asked for. */
  readonly heap: number | "grow";
  /** `key=value,...`: those that differ from their default. */
  readonly options: string;
  readonly seed?: number;
  /** The event from which the metrics count. */
  readonly from?: number;
  readonly repeat?: number | "until-refused";
}

export function parameterHash({ heap, options, seed, from = 0, repeat = 1 }: Parameters): string {
  const hash = new Hash();
  for (const part of [heap, options, seed ?? "", from, repeat]) hash.text(String(part));
  return hash.digest();
}
