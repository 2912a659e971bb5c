/** Every policy that can be named, allocators and collectors. */
import type { Policy } from "../allocators/contract.ts";
import { ALLOCATORS } from "../allocators/registry.ts";
import { COLLECTORS } from "../collectors/registry.ts";
import {
  formatOptions,
  known,
  OptionError,
  type Options,
  parseCall,
  parseOptions,
} from "../options/options.ts";

export const POLICIES: readonly Policy[] = [...ALLOCATORS, ...COLLECTORS];

/** A policy with its options: one column of a comparison. */
export interface Choice {
  readonly policy: Policy;
  readonly options: Options;
}

/** Reads `NAME[:key=value,...]`. `others` are policies that are not in the registry. Throws OptionError. */
export function choosePolicy(text: string, others: readonly Policy[] = []): Choice {
  const { name, options } = parseCall(text);
  const all = [...others, ...POLICIES];
  const policy = all.find((one) => one.name === name);
  if (!policy)
    throw new OptionError(
      `unknown policy "${name}"${known(
        name,
        all.map((one) => one.name),
      )}`,
    );
  return { policy, options: parseOptions(`policy ${name}`, policy.options, options) };
}

/** The shortest text that `choosePolicy` reads back to the same choice. */
export function formatChoice({ policy, options }: Choice): string {
  const given = formatOptions(policy.options, options);
  return given ? `${policy.name}:${given}` : policy.name;
}
