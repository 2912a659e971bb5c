/**
 * Imports point one way (the arrows of the architecture, closed under "and whatever that one may import").
 * Each folder names what it may import besides itself; everything else in src, web and test is forbidden to it.
 */
const mayImport = {
  options: [], // sizes and key=value as the command line and scenarios write them: below everything
  kernel: [], // what the space and the policies tell the compiled kernel
  space: ["options", "kernel"],
  traces: ["options"],
  metrics: ["options", "kernel", "space"],
  planning: ["options", "traces"],
  workloads: ["options", "traces"],
  allocators: ["options", "kernel", "space", "traces"], // the contract's prepare(trace) names the type; static.ts also plans
  collectors: ["options", "kernel", "allocators", "space", "traces"],
  replay: ["options", "kernel", "collectors", "allocators", "space", "traces", "metrics"],
  scenarios: ["options", "traces", "workloads"], // the scenario file and its schema
};
mayImport.gate = ["options", "metrics", "scenarios", "traces"]; // baselines, rules and verdicts: cells as plain data
const portable = Object.keys(mayImport);
mayImport.engine = portable;
mayImport.record = ["options", "traces", "workloads"];
mayImport.report = [...portable, "engine"];
mayImport.testing = [...portable, "report", "record"];
mayImport.cli = [...portable, "engine", "record", "report", "index.ts", "node.ts"];
mayImport["index.ts"] = [...portable, "report"];
mayImport["node.ts"] = [...portable, "report", "engine", "record", "index.ts"];

const inSource = (names) =>
  names.map((name) => `^src/${name.endsWith(".ts") ? `${name.replace(".", "[.]")}$` : `${name}/`}`);
const node = inSource(["cli", "engine", "record", "node.ts"]);
const planners = "^src/allocators/static([.]ts$|/)";

const directions = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `${name.replace(".ts", "")}-imports-one-way`,
  comment: `src/${name} may import ${allowed.join(", ") || "nothing outside itself"}.`,
  severity: "error",
  from: { path: inSource([name]), ...(name === "allocators" && { pathNot: planners }) },
  to: { path: "^(src|web|test)/", pathNot: inSource([name, ...allowed]) },
}));

export default {
  forbidden: [
    ...directions,
    {
      name: "planners-import-one-way",
      comment: "src/allocators/static may import planning besides what allocators may.",
      severity: "error",
      from: { path: planners },
      to: {
        path: "^(src|web|test)/",
        pathNot: inSource(["allocators", "planning", ...mayImport.allocators]),
      },
    },
    {
      name: "source-has-known-folders",
      comment: "A new folder in src needs its row in .dependency-cruiser.mjs.",
      severity: "error",
      from: { path: "^src/", pathNot: inSource(Object.keys(mayImport)) },
      to: {},
    },
    {
      name: "report-knows-engine-by-type",
      comment: "report is portable: of engine it may name types only.",
      severity: "error",
      from: { path: inSource(["report"]) },
      to: { path: inSource(["engine"]), dependencyTypesNot: ["type-only"] },
    },
    {
      name: "core-is-portable",
      comment:
        "Only cli, engine, record, src/node.ts and the tests know Node; the page's only Node files are those that build it.",
      severity: "error",
      from: {
        path: "^(src|web)/",
        pathNot: [...node, "^web/(vite[.]config|catalogue-module|offline)[.]ts$"],
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "core-is-small",
      comment:
        "The portable core and report depend on nothing beyond small libraries that know neither Node nor the DOM.",
      severity: "error",
      from: { path: inSource([...portable, "report", "index.ts"]) },
      to: {
        path: "node_modules/",
        pathNot: "node_modules/(pure-rand|zod|fflate|fzstd|mqtt-packet|hyparquet-writer)/",
      },
    },
    {
      name: "source-runs-without-dev-dependencies",
      comment:
        "What an installed heapscape imports must be in dependencies, or an optional peer; only src/testing may use the test libraries.",
      severity: "error",
      from: { path: "^src/", pathNot: inSource(["testing"]) },
      to: {
        dependencyTypes: ["npm-dev"],
        dependencyTypesNot: ["type-only", "npm-peer"],
        pathNot: "node_modules/@types/",
      },
    },
    {
      name: "web-imports-one-way",
      comment: "The page uses all but cli, engine and Node.",
      severity: "error",
      from: { path: "^web/" },
      to: { path: ["^test/", ...node] },
    },
    {
      name: "no-circular",
      comment: "No circular imports, of types neither.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "not-to-unresolvable",
      comment: "Imports name a file or a package that exists.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "[?](worker|url|raw|inline)|^virtual:" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^test/fixtures/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      mainFields: ["module", "main", "types"],
    },
  },
};
