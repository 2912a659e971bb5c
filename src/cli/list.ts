import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Argument, type Command } from "commander";
import { scenarioFiles } from "../engine/scenario-file.ts";
import { METRICS } from "../metrics/metric.ts";
import { POLICIES } from "../replay/policies.ts";
import { REPORTERS } from "../report/reporters.ts";
import { table } from "../report/table.ts";
import { parseScenario } from "../scenarios/scenario.ts";
import { formats } from "../traces/formats.ts";
import { WORKLOADS } from "../workloads/registry.ts";

/** Entries as they go into the JSON; people see the fields that are named, in that order. */
interface Listing {
  readonly shown: readonly string[];
  readonly entries: () => readonly object[] | Promise<readonly object[]>;
}

const LISTINGS: Readonly<Record<string, Listing>> = {
  policies: {
    shown: ["name", "family", "summary"],
    entries: () =>
      POLICIES.map(({ name, family, kind, summary, source, departs, facts, collecting, options }) => {
        return { name, family, kind, summary, source, departs, facts, collecting, options };
      }),
  },
  workloads: {
    shown: ["name", "summary"],
    entries: () =>
      WORKLOADS.map(({ name, summary, source, graph = false, options }) => {
        return { name, summary, source, graph, options };
      }),
  },
  scenarios: { shown: ["name", "question"], entries: scenarios },
  metrics: { shown: ["name", "unit", "formula"], entries: () => METRICS },
  formats: {
    shown: ["name", "fidelity", "summary"],
    entries: () =>
      formats.map(({ name, extension, fidelity, summary, loses, write }) => {
        return { name, extension, fidelity, summary, loses, writes: write !== undefined };
      }),
  },
  reporters: {
    shown: ["name", "summary"],
    entries: () => REPORTERS.map(({ name, summary }) => ({ name, summary })),
  },
};

export function listCommand(program: Command): void {
  program
    .command("list")
    .description("name what there is to choose from")
    .addArgument(new Argument("<what>").choices(Object.keys(LISTINGS)))
    .option("--json", "everything known about each, for programs")
    .action(async (what: string, { json }: { json?: true }) => {
      const { shown, entries } = LISTINGS[what];
      const found = await entries();
      process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : lines(shown, found));
    });
}

function lines(shown: readonly string[], entries: readonly object[]): string {
  const columns = shown.map((title) => ({ title, align: "left" as const }));
  const rows = entries.map((entry) => shown.map((key) => String((entry as Record<string, unknown>)[key])));
  return `${table(columns, rows).join("\n")}\n`;
}

async function scenarios(): Promise<object[]> {
  return Promise.all(
    scenarioFiles().map(async (file) => {
      const { title, question, policies, inputs } = parseScenario(await readFile(file, "utf8"), file);
      return { name: basename(file, ".json"), title, question, inputs, policies, file };
    }),
  );
}
