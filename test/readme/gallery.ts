/** What the README's gallery shows: a scenario, at a moment, under some of its policies. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseScenario, type Scenario } from "../../src/scenarios/scenario.ts";

const root = join(import.meta.dirname, "../..");

interface Exhibit {
  readonly scenario: string;
  /** Events that are done, as the page counts them. */
  readonly event: number;
  /** Of those of the scenario. */
  readonly policies: readonly string[];
  /** What is to be seen there. */
  readonly shows: string;
}

export const GALLERY: readonly Exhibit[] = [
  {
    scenario: "mqtt-hello",
    event: 122,
    policies: ["first-fit"],
    shows:
      "The broker's heap while the second message passes through: the last six blocks and the one that fills the hole further up. The next message gets the very same places.",
  },
  {
    scenario: "plenty-free-but-refused",
    event: 364,
    policies: ["first-fit", "mark-compact:forwarding=0"],
    shows:
      "First fit has half of the heap free, in a comb of holes too short for 88 bytes; mark-compact has moved the same objects together.",
  },
];

export const scenarioOf = (scenario: string): Scenario => {
  const file = `scenarios/${scenario}.json`;
  return parseScenario(readFileSync(join(root, file), "utf8"), file);
};

export const pictureOf = (scenario: string): string => join(root, `scenarios/pictures/${scenario}.svg`);

/** The gallery as the README has it. */
export const gallery = (): string =>
  GALLERY.map(({ scenario, shows }) => {
    const { title, question } = scenarioOf(scenario);
    return `**${question}** (\`scenarios/${scenario}.json\`) ${shows}\n\n![${title}](scenarios/pictures/${scenario}.svg)\n`;
  }).join("\n");
