/** What the page knows of policies, workloads and scenarios: their declarations, without the code behind them. */
import catalogue from "virtual:catalogue";
import {
  formatOptions,
  known,
  OptionError,
  type OptionSpecs,
  type Options,
  parseCall,
  parseOptions,
} from "../../src/options/options.ts";
import type { Scenario } from "../../src/scenarios/scenario.ts";

/** See `Policy`. */
export interface PolicyFacts {
  readonly name: string;
  readonly family: string;
  readonly summary: string;
  readonly source: string;
  readonly departs: string;
  readonly kind: "allocator" | "collector";
  readonly growable: boolean;
  /** Of a collector: how often it goes over the heap after marking, and what for. */
  readonly passes: string;
  readonly options: OptionSpecs;
}

/** See `Workload`. */
export interface WorkloadFacts {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly graph: boolean;
  readonly options: OptionSpecs;
}

/** `name` is that of its file. */
export interface NamedScenario extends Scenario {
  readonly name: string;
}

export interface Catalogue {
  /** Of Heapscape. */
  readonly version: string;
  readonly policies: readonly PolicyFacts[];
  readonly workloads: readonly WorkloadFacts[];
  readonly scenarios: readonly NamedScenario[];
}

export const POLICIES = catalogue.policies;
export const WORKLOADS = catalogue.workloads;

/** What a generated input begins with. */
export const WORKLOAD_PREFIX = "workload:";

export interface PolicyChoice {
  readonly policy: PolicyFacts;
  readonly options: Options;
}

/** Reads `NAME[:key=value,...]`. Throws OptionError. */
export function choosePolicy(text: string): PolicyChoice {
  const { name, options } = parseCall(text);
  const policy = named("policy", POLICIES, name);
  return { policy, options: parseOptions(`policy ${name}`, policy.options, options) };
}

/** The shortest text that `choosePolicy` reads back to the same choice. */
export function formatChoice({ policy, options }: PolicyChoice): string {
  const given = formatOptions(policy.options, options);
  return given ? `${policy.name}:${given}` : policy.name;
}

export const workload = (name: string): WorkloadFacts => named("workload", WORKLOADS, name);

/** Reads `NAME[:key=value,...]`. Throws OptionError. */
export function parseWorkload(call: string): { workload: WorkloadFacts; options: Options } {
  const { name, options } = parseCall(call);
  const found = workload(name);
  return { workload: found, options: parseOptions(`workload ${name}`, found.options, options) };
}

function named<T extends { readonly name: string }>(kind: string, all: readonly T[], name: string): T {
  const found = all.find((each) => each.name === name);
  if (found) return found;
  throw new OptionError(
    `unknown ${kind} "${name}"${known(
      name,
      all.map((each) => each.name),
    )}`,
  );
}
