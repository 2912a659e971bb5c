/** Policies and workloads with several values of an option, as the calls that they stand for; see options/variants.ts. */
import { parseCall } from "../../options/options.ts";
import { variantsOf } from "../../options/variants.ts";
import { WORKLOAD_PREFIX, workload } from "../../workloads/registry.ts";
import { isWorkload } from "../inputs.ts";
import { loadPolicy, policyFile } from "../load-policy.ts";

/** Throws OptionError where there is no such policy or option, or a value is none of its. */
export async function policyCalls(call: string): Promise<string[]> {
  const named = policyFile(call);
  const { name, options } = named ? { name: named.file, options: named.options } : parseCall(call);
  const { policy } = await loadPolicy(name);
  const calls = variantsOf(`policy ${name}`, policy.options, options).map((each) => joined(name, each));
  for (const each of calls) await loadPolicy(each);
  return calls;
}

/** Of an input: a file stands for itself. */
export function inputCalls(input: string): string[] {
  if (!isWorkload(input)) return [input];
  const { name, options } = parseCall(input.slice(WORKLOAD_PREFIX.length));
  const variants = variantsOf(`workload ${name}`, workload(name).options, options);
  return variants.map((each) => WORKLOAD_PREFIX + joined(name, each));
}

const joined = (name: string, options: string): string => (options === "" ? name : `${name}:${options}`);
