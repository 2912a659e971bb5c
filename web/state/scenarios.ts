/** The scenarios that come with the page, by the name of their file. */
import catalogue from "virtual:catalogue";
import type { Look } from "../../src/scenarios/scenario.ts";
import type { Phase } from "../../src/traces/trace.ts";
import type { NamedScenario } from "./catalogue.ts";

/** The one that the page opens with comes first. */
const FIRST = "string-append";

export const SCENARIOS: readonly NamedScenario[] = catalogue.scenarios.toSorted(
  (a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1),
);

export const scenarioNamed = (name: string): NamedScenario | undefined =>
  SCENARIOS.find((scenario) => scenario.name === name);

/** Where the cursor stands to see it: after the event that is named, or as the phase that is named finds the heap. */
export function cursorOf(look: Look, phases: readonly Phase[]): number | undefined {
  if (look.event !== undefined) return look.event + 1;
  return phases.find(({ name }) => name === look.phase)?.event;
}

function rank(name: string): number {
  return name === FIRST ? 0 : 1;
}
