/** Heap snapshots for tests: written down by hand, or of a real program. */
import { execFileSync } from "node:child_process";

/** Of V8 11.3 (Node 20). */
export const EDGE_TYPES = ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];
const NODE_FIELDS = ["type", "name", "id", "self_size", "edge_count", "trace_node_id", "detachedness"];
const EDGE_FIELDS = ["type", "name_or_index", "to_node"];

export interface Drawn {
  /** `ID:SIZE TARGET TARGET ...`; a target is an id, with `~` before it for a weak edge and `^` for a shortcut. */
  readonly nodes: readonly string[];
  readonly nodeFields?: readonly string[];
  readonly edgeFields?: readonly string[];
  readonly edgeTypes?: readonly string[];
}

/** The object that the file holds, so that a test can spoil it. */
export function drawn({
  nodes,
  nodeFields = NODE_FIELDS,
  edgeFields = EDGE_FIELDS,
  edgeTypes = EDGE_TYPES,
}: Drawn) {
  const rows = nodes.map((line) => {
    const [node, ...edges] = line.split(" ");
    const [id, size] = node.split(":").map(Number);
    return { id, size, edges };
  });
  const indexOf = (id: number): number => rows.findIndex((row) => row.id === id);
  const typeOf = (edge: string): number =>
    edgeTypes.indexOf(edge.startsWith("~") ? "weak" : edge.startsWith("^") ? "shortcut" : "property");
  const pick = (fields: readonly string[], values: Readonly<Record<string, number>>): number[] =>
    fields.map((field) => values[field] ?? 7);
  const flatEdges = rows.flatMap(({ edges }) =>
    edges.flatMap((edge) => {
      const to = indexOf(Number(edge.replace(/^[~^]/, ""))) * nodeFields.length;
      return pick(edgeFields, { type: typeOf(edge), to_node: to });
    }),
  );
  return {
    snapshot: {
      meta: {
        node_fields: nodeFields,
        node_types: [["hidden", "object"], "string", "number", "number", "number"],
        edge_fields: edgeFields,
        edge_types: edgeFields.map((field) => (field === "type" ? edgeTypes : "number")),
      },
      node_count: rows.length,
      edge_count: flatEdges.length / edgeFields.length,
    },
    nodes: rows.flatMap(({ id, size, edges }) =>
      pick(nodeFields, { id, self_size: size, edge_count: edges.length }),
    ),
    edges: flatEdges,
    trace_tree: [],
    locations: [1, 2, -3.5],
    strings: ["", 'a "quoted" } ] name \\', '","nodes":[', "ä€😀", "\\"],
  };
}

/** V8 writes a line for each row, which begins with its comma. */
export const written = (snapshot: object): string =>
  JSON.stringify(snapshot).replace(/"(nodes|edges)":\[([\d,]*)\]/g, (_, name, numbers: string) => {
    return `"${name}":[${numbers.replace(/((\d+,){2}\d+)/g, "$1\n")}]`;
  });

/**
 * Writes the heap of a program to `file`, as it is when the program ends: of Node itself, or of a script with its
 * arguments.
 */
export function snapshotOf(script: readonly string[], file: string): void {
  const atExit = `import v8 from "node:v8"; process.on("exit", () => v8.writeHeapSnapshot(${JSON.stringify(file)}));`;
  const hook = `data:text/javascript,${encodeURIComponent(atExit)}`;
  const program = script.length > 0 ? script : ["-e", "0"];
  execFileSync(process.execPath, ["--import", hook, ...program], { stdio: ["ignore", "ignore", "pipe"] });
}
