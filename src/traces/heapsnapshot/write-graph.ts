/** A snapshot's nodes and edges as the events of a program; ../heapsnapshot.ts says which and why. */
import type { TraceBuilder } from "../builder.ts";
import { LARGEST_ID, TraceError } from "../trace.ts";
import { NodeGraph, ROOT } from "./node-graph.ts";
import type { EdgeRows, NodeRows } from "./rows.ts";
import { sortedBy } from "./sorted-by.ts";

export function writeGraph(builder: TraceBuilder, nodes: NodeRows, edges: EdgeRows): void {
  const graph = new NodeGraph(nodes, edges);
  const { ids, sizes } = nodes;
  const order = objectsById(nodes);
  const isRoot = new Uint8Array(nodes.rows);
  graph.targets(ROOT, (node) => (isRoot[node] = 1));

  builder.phase("objects", `nodes=${nodes.rows} without-size=${nodes.rows - order.length}`);
  for (const node of order) {
    builder.allocateAs(ids[node], sizes[node], graph.targets(node));
    builder.root(ids[node]);
  }
  builder.phase("references", `edges=${edges.rows} weak-or-shortcut=${edges.left}`);
  for (const node of order)
    graph.targets(node, (target, field) => builder.store(ids[node], field, ids[target]));
  builder.phase("roots");
  for (const node of order) if (isRoot[node] === 0) builder.unroot(ids[node]);
  builder.phase("collection");
  builder.collect();
}

/** Nodes that are objects, by their ids, which are such as a trace can have from then on. */
function objectsById({ rows, ids, sizes }: NodeRows): Uint32Array {
  const objects = new Uint32Array(rows);
  let count = 0;
  for (let node = 0; node < rows; node++) if (node !== ROOT && sizes[node] > 0) objects[count++] = node;
  const order = sortedBy(ids, objects.subarray(0, count));
  for (let i = 1; i < count; i++)
    if (ids[order[i]] === ids[order[i - 1]])
      throw new TraceError(`nodes ${order[i - 1]} and ${order[i]} have the same id, ${ids[order[i]]}`);
  renumber(ids, order);
  return order;
}

/** V8 gives objects that are not its own ids of 32 bits. Those beyond LARGEST_ID get what is free from there down. */
function renumber(ids: Uint32Array, order: Uint32Array): void {
  let low = order.length - 1;
  while (low >= 0 && ids[order[low]] > LARGEST_ID) low--;
  let free = LARGEST_ID;
  for (let high = order.length - 1, taken = low; high > low; high--) {
    for (; taken >= 0 && ids[order[taken]] === free; taken--) free--;
    ids[order[high]] = free--;
  }
}
