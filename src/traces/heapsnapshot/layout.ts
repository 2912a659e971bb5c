/** What `snapshot.meta` says: where in a row of `nodes` and of `edges` is what. */
import { TraceError } from "../trace.ts";

export interface Layout {
  /** Numbers a node. */
  readonly nodeStride: number;
  /** Of a node: where in its row. */
  readonly id: number;
  readonly selfSize: number;
  readonly nodeEdges: number;
  /** Numbers an edge. */
  readonly edgeStride: number;
  /** Of an edge: where in its row. */
  readonly type: number;
  readonly toNode: number;
  /** Types of edges, by their number: whether they keep alive what they lead to. */
  readonly keeps: readonly boolean[];
  /** As the file has them, of all rows. */
  readonly nodeCount: number;
  readonly edgeCount: number;
}

/** The text of the member `snapshot`. */
export function readLayout(json: string): Layout {
  const { meta, node_count, edge_count } = parse(json);
  const nodeFields = names(meta?.node_fields, "node_fields");
  const edgeFields = names(meta?.edge_fields, "edge_fields");
  const type = place(edgeFields, "type", "edge_fields");
  const types = names(meta?.edge_types?.[type], "edge_types");
  return {
    nodeStride: nodeFields.length,
    id: place(nodeFields, "id", "node_fields"),
    selfSize: place(nodeFields, "self_size", "node_fields"),
    nodeEdges: place(nodeFields, "edge_count", "node_fields"),
    edgeStride: edgeFields.length,
    type,
    toNode: place(edgeFields, "to_node", "edge_fields"),
    keeps: types.map((name) => name !== "weak" && name !== "shortcut"),
    nodeCount: Number(node_count),
    edgeCount: Number(edge_count),
  };
}

interface Snapshot {
  readonly meta?: Partial<Record<"node_fields" | "edge_fields", unknown>> & {
    readonly edge_types?: readonly unknown[];
  };
  readonly node_count?: unknown;
  readonly edge_count?: unknown;
}

function parse(json: string): Snapshot {
  try {
    const found: unknown = JSON.parse(json);
    if (typeof found === "object" && found !== null) return found;
  } catch {
    throw new TraceError('"snapshot" is no JSON');
  }
  throw new TraceError('"snapshot" is no object');
}

function names(value: unknown, member: string): string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string"))
    return value;
  throw new TraceError(`snapshot.meta.${member} is no list of names`);
}

function place(fields: readonly string[], name: string, member: string): number {
  const at = fields.indexOf(name);
  if (at < 0) throw new TraceError(`snapshot.meta.${member} has no "${name}"`);
  return at;
}
