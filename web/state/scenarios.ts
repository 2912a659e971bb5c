/** The scenarios that come with the page, by the name of their file. */
import { type Look, parseScenario, type Scenario } from "../../src/scenarios/scenario.ts";
import type { Phase } from "../../src/traces/trace.ts";

export interface NamedScenario extends Scenario {
  readonly name: string;
}

const sources = import.meta.glob<string>("../../scenarios/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** The one that the page opens with comes first. */
const FIRST = "string-append";

export const SCENARIOS: readonly NamedScenario[] = Object.entries(sources)
  .map(([path, source]) => {
    const file = path.slice(path.lastIndexOf("/") + 1);
    return { name: file.replace(/\.json$/, ""), ...parseScenario(source, file) };
  })
  .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));

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
