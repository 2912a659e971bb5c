/** Policies and workloads with several values of an option, as the calls that they stand for; see options/variants.ts and axes.ts. */
import { type Axis, axesOf } from "../../options/axes.ts";
import { formatOptions, type Options, parseCall } from "../../options/options.ts";
import { variantsOf } from "../../options/variants.ts";
import { WORKLOAD_PREFIX, workload } from "../../workloads/registry.ts";
import { isWorkload } from "../inputs.ts";
import { loadPolicy, policyFile } from "../load-policy.ts";
import type { Point } from "./descent.ts";

/** Throws OptionError where there is no such policy or option, or a value is none of its. */
export async function policyCalls(call: string): Promise<string[]> {
  const { name, options } = partsOf(call);
  const { policy } = await loadPolicy(name);
  const calls = variantsOf(`policy ${name}`, policy.options, options).map((each) => joined(name, each));
  for (const each of calls) await loadPolicy(each);
  return calls;
}

/** What a policy's call leaves open: its options as axes, and the call at a point of them, which says what differs from the defaults. */
export interface Space {
  readonly axes: readonly Axis[];
  readonly call: (point: Point) => string;
  /** What differs from the defaults. */
  readonly changed: (point: Point) => Options;
}

/** Throws OptionError where there is no such policy or option, or a value is none of its. */
export async function policySpace(call: string): Promise<Space> {
  const { name, options } = partsOf(call);
  const { policy } = await loadPolicy(name);
  const specs = policy.options;
  const axes = axesOf(`policy ${name}`, specs, options);
  const at = (point: Point): Options =>
    Object.fromEntries(axes.map(({ key, values }, i) => [key, values[point[i]]]));
  return {
    axes,
    call: (point) => joined(name, formatOptions(specs, at(point))),
    changed: (point) =>
      Object.fromEntries(Object.entries(at(point)).filter(([key, value]) => value !== specs[key].default)),
  };
}

/** Of an input: a file stands for itself. */
export function inputCalls(input: string): string[] {
  if (!isWorkload(input)) return [input];
  const { name, options } = parseCall(input.slice(WORKLOAD_PREFIX.length));
  const variants = variantsOf(`workload ${name}`, workload(name).options, options);
  return variants.map((each) => WORKLOAD_PREFIX + joined(name, each));
}

function partsOf(call: string): { name: string; options: string } {
  const named = policyFile(call);
  return named ? { name: named.file, options: named.options } : parseCall(call);
}

const joined = (name: string, options: string): string => (options === "" ? name : `${name}:${options}`);
