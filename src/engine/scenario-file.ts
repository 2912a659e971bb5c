/** A scenario from its file, with the files that it names, seen from where it lies. */
import { readdirSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { heapBytes } from "../options/heap.ts";
import { type Path, parseJson } from "../scenarios/located-json.ts";
import { parseScenario, type Scenario, ScenarioError } from "../scenarios/scenario.ts";
import { readTextFile } from "./files.ts";
import { checkInput, isWorkload } from "./inputs.ts";
import { loadPolicy, policyIn } from "./load-policy.ts";

/** An input that ends so is a scenario. */
export const isScenario = (input: string): boolean => input.toLowerCase().endsWith(".json");

/** The scenarios that come with the package. */
export const SCENARIOS = join(import.meta.dirname, "../../scenarios");

/** Their files, by name. */
export function scenarioFiles(folder = SCENARIOS): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => join(folder, name));
}

/** Inputs and policies are checked, and their files are seen from the working directory. Throws `FILE:LINE: ...`. */
export async function readScenarioFile(file: string): Promise<Scenario> {
  const text = await readTextFile(file);
  const scenario = parseScenario(text, file);
  const json = parseJson(text, file);
  const folder = dirname(file);
  const at = async <T>(path: Path, check: () => T | Promise<T>): Promise<T> => {
    try {
      return await check();
    } catch (error) {
      throw new ScenarioError(json.describe(path, (error as Error).message));
    }
  };
  const inputs: string[] = [];
  for (const [i, given] of scenario.inputs.entries()) {
    const input = isWorkload(given) || isAbsolute(given) ? given : join(folder, given);
    await at(["inputs", i], () => checkInput(input));
    inputs.push(input);
  }
  const policies: string[] = [];
  for (const [i, given] of scenario.policies.entries()) {
    const policy = policyIn(folder, given);
    await at(["policies", i], () => loadPolicy(policy));
    policies.push(policy);
  }
  await at(["heap"], () => heapBytes(scenario.heap, 0));
  return { ...scenario, inputs, policies };
}
