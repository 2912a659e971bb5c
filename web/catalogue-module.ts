/**
 * What the page says of policies, workloads and its own scenarios, as data: made when the page is built, so that its
 * JavaScript has none of the code behind it. That code is the worker's.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Plugin } from "vite";
import { POLICIES } from "../src/replay/policies.ts";
import { parseScenario } from "../src/scenarios/scenario.ts";
import { WORKLOADS } from "../src/workloads/registry.ts";
import type { Catalogue } from "./state/catalogue.ts";

const MODULE = "virtual:catalogue";
const folder = `${import.meta.dirname}/../scenarios`;

/** Throws ScenarioError for a scenario that is not one. */
function catalogue(): Catalogue {
  return {
    version: JSON.parse(readFileSync(`${folder}/../package.json`, "utf8")).version,
    policies: POLICIES.map(
      ({ name, family, summary, source, departs, kind, growable, collecting, options }) => ({
        name,
        family,
        summary,
        source,
        departs,
        kind,
        growable: growable ?? true,
        passes: collecting?.passes ?? "",
        options,
      }),
    ),
    workloads: WORKLOADS.map(({ name, summary, source, graph, options }) => ({
      name,
      summary,
      source,
      graph: graph ?? false,
      options,
    })),
    scenarios: readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => ({
        name: file.replace(/\.json$/, ""),
        ...parseScenario(readFileSync(`${folder}/${file}`, "utf8"), file),
      })),
  };
}

export function catalogueModule(): Plugin {
  return {
    name: "heapscape:catalogue",
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load: (id) => (id === `\0${MODULE}` ? `export default ${JSON.stringify(catalogue())}` : undefined),
  };
}
