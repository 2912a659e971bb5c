/**
 * A scenario: workloads x policies, the question they answer, and what to look for. A JSON file, strict: what the
 * schema does not know is an error that names the file, the line and the key.
 */
import * as z from "zod/mini";
import { heapBytes } from "../options/heap.ts";
import { known, OptionError } from "../options/options.ts";
import { parseWorkload, WORKLOAD_PREFIX } from "../workloads/registry.ts";
import { firstIssue, nameOf } from "./first-issue.ts";
import type { Path } from "./located-json.ts";
import { parseJson } from "./located-json.ts";

const text = (description: string) => z.string().check(z.minLength(1), z.describe(description));

const LOOK = z.strictObject({
  text: text("What to look for, in one or two sentences."),
  event: z.optional(z.int().check(z.minimum(0), z.describe("The event to go to, from 0."))),
  phase: z.optional(text("The phase to go to, as the trace names it; the first one of that name.")),
  policy: z.optional(text("The policy in which it shows, one of `policies`, where it is not all of them.")),
});

const SCENARIO = z.strictObject({
  $schema: z.optional(z.string().check(z.describe("For editors; ignored."))),
  title: text("A few words."),
  question: text("The one question that this scenario answers, as a person would ask it."),
  look: z.array(LOOK).check(z.minLength(1), z.describe("What to look for, in the order in which to look.")),
  inputs: z
    .array(text("`workload:NAME[:key=value,...]`, or a trace file relative to the scenario."))
    .check(z.minLength(1), z.describe("What is replayed.")),
  seed: z._default(
    z.int().check(z.minimum(0), z.maximum(0xffffffff), z.describe("For the workloads: a 32-bit number.")),
    1,
  ),
  heap: z.string().check(
    z.meta({
      description: "Bytes, `grow`, or a multiple of the trace's peak live bytes.",
      examples: ["64KiB", "grow", "1.5x"],
    }),
  ),
  policies: z
    .array(text("`NAME[:key=value,...]`, or a policy's file."))
    .check(z.minLength(1), z.describe("Side by side, in this order; the first one leads.")),
});

export type Scenario = z.infer<typeof SCENARIO>;
export type Look = Scenario["look"][number];

/** A scenario that cannot be used: one line with file, line, key and what is wrong. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

/** Checks everything that can be checked without files and policies; throws ScenarioError or JsonError. */
export function parseScenario(source: string, file: string): Scenario {
  const json = parseJson(source, file);
  const fail = (path: Path, message: string): never => {
    throw new ScenarioError(json.describe(path, message));
  };
  const check = (path: Path, read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      if (error instanceof OptionError) fail(path, error.message);
      throw error;
    }
  };
  const result = SCENARIO.safeParse(json.value);
  if (!result.success) throw new ScenarioError(firstIssue(result.error.issues, scenarioSchema(), json));
  const scenario = result.data;
  check(["heap"], () => heapBytes(scenario.heap, 0));
  for (const [i, input] of scenario.inputs.entries())
    if (input.startsWith(WORKLOAD_PREFIX)) check(["inputs", i], () => parseWorkload(input));
  for (const [i, look] of scenario.look.entries()) {
    if (look.event !== undefined && look.phase !== undefined)
      fail(["look", i], `${nameOf(["look", i])} has both an event and a phase to go to`);
    if (look.policy !== undefined && !scenario.policies.includes(look.policy))
      fail(
        ["look", i, "policy"],
        `"${look.policy}" is not one of the policies${known(look.policy, scenario.policies)}`,
      );
  }
  return scenario;
}

/** JSON Schema (draft 2020-12) of a scenario file. */
export function scenarioSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(SCENARIO, { io: "input" });
  return { ...schema, title: "Heapscape scenario" };
}
