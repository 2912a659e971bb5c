/**
 * V8's heap snapshot: the object graph of a program at one moment, as Node (`v8.writeHeapSnapshot`) and Chrome's
 * DevTools write it. One JSON object; what matters are three of its members, of which `snapshot` comes first:
 *
 *   snapshot.meta   what the fields of a node and of an edge are, in which order, and the names of their types
 *   nodes           one flat array, a row a node: id, self_size, edge_count and more
 *   edges           one flat array, a row an edge, those of node 0 first, then those of node 1 ...:
 *                   its type, and to_node, which is an index of the flat array `nodes`
 *
 * (V8, src/profiler/heap-snapshot-generator.cc, HeapSnapshotJSONSerializer.) Names, in `strings`, are not read.
 *
 * There are no addresses in it and no times. Ids are given in the order in which V8 first saw the objects, about that
 * of their age, so the trace is a program that makes them in the order of their ids and holds on to each; then makes
 * every reference; then lets go of all that V8's own roots do not hold; then asks for a full collection. An object
 * keeps the id that DevTools shows as `@id`, unless a trace has none so large, which only native objects do; and it
 * has as many fields as it has edges that keep something alive.
 *
 *   weak edges      keep nothing alive and are left out; an object that only they lead to dies in that collection
 *   shortcuts       are not in the heap, but drawn for people: left out
 *   node 0          stands for V8's roots: what it leads to is a root of the trace
 *   self_size 0     is no memory: such a node (groups of roots, native objects of unknown size) is no object. Its
 *                   edges count for the node that leads to it, so that what hangs on it stays reachable
 *
 * An entry of a WeakMap, which lives as long as both map and key, counts as held by either: at that moment both lived.
 *
 * The file is read in constant memory but for the graph: some 40 bytes a node and 4 an edge, besides the trace itself.
 */
import type { TraceBuilder } from "./builder.ts";
import { type Layout, readLayout } from "./heapsnapshot/layout.ts";
import { type Member, Members, type NumberSink } from "./heapsnapshot/members.ts";
import { EdgeRows, NodeRows } from "./heapsnapshot/rows.ts";
import { writeGraph } from "./heapsnapshot/write-graph.ts";
import type { Source, TraceFormat, TraceReader } from "./importer.ts";
import { TraceError } from "./trace.ts";

export const heapsnapshot: TraceFormat = {
  name: "heapsnapshot",
  summary:
    "V8's object graph at one moment, of Node or Chrome: made anew in the order of ids, then collected",
  extension: ".heapsnapshot",
  fidelity: "derived",
  loses: "when objects were made, and what was dead already; addresses",
  detect,
  read: (builder, source) => new SnapshotReader(builder, source),
};

function detect(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head);
  return /^\s*\{\s*"snapshot"\s*:\s*\{/.test(text) && text.includes('"node_fields"');
}

class SnapshotReader implements TraceReader {
  private readonly builder: TraceBuilder;
  private readonly source: Source;
  private readonly members: Members;
  private layout: Layout | undefined;
  private nodes: NodeRows | undefined;
  private edges: EdgeRows | undefined;

  constructor(builder: TraceBuilder, source: Source) {
    this.builder = builder;
    this.source = source;
    this.members = new Members((name) => this.begin(name));
  }

  push(piece: Uint8Array): void {
    this.naming(() => this.members.push(piece));
  }

  end(): void {
    this.naming(() => {
      const { nodes, edges, layout, members } = this;
      const early = members.unfinished();
      const inGraph = early === "snapshot" || early === "nodes" || early === "edges";
      if (early !== undefined && (inGraph || !nodes || !edges))
        throw new TraceError(
          `it ends early, at byte ${members.offset}${inGraph ? `, within "${early}"` : ""}`,
        );
      if (!layout) throw new TraceError('it has no "snapshot"');
      if (!nodes) throw new TraceError('it has no "nodes"');
      if (!edges) throw new TraceError('it has no "edges"');
      if (early !== undefined)
        this.anomaly("end of the file behind the graph, before the object is complete");
      if (nodes.rows !== layout.nodeCount || edges.rows !== layout.edgeCount)
        this.anomaly("node_count or edge_count that is not the number of those that follow");
      writeGraph(this.builder, nodes, edges);
    });
  }

  private begin(name: string): Member {
    if (name === "snapshot") {
      if (this.layout) throw new TraceError('there are two of "snapshot"');
      return { text: (json) => (this.layout = readLayout(json)) };
    }
    if (name !== "nodes" && name !== "edges") return {};
    const { layout } = this;
    if (!layout) throw new TraceError(`"${name}" come before "snapshot", which says what is in them`);
    if (this[name]) throw new TraceError(`there are two of "${name}"`);
    const numbers: NumberSink =
      name === "nodes" ? (this.nodes = new NodeRows(layout)) : (this.edges = new EdgeRows(layout));
    return { numbers };
  }

  private anomaly(kind: string): void {
    if (this.source.strict) throw new TraceError(kind);
    this.builder.anomaly(kind);
  }

  private naming(act: () => void): void {
    try {
      act();
    } catch (reason) {
      if (!(reason instanceof TraceError)) throw reason;
      throw new TraceError(`${this.source.file}: ${reason.message}`);
    }
  }
}
