/** Which objects each object of a snapshot refers to, by itself or through nodes that have no size. */
import { TraceError } from "../trace.ts";
import { type EdgeRows, NONE, type NodeRows } from "./rows.ts";

/** The node that stands for V8's roots. It has no size, whatever the file says. */
export const ROOT = 0;

/**
 * The edges of node n are edges[firsts[n] .. firsts[n + 1] - 1]. Those of a node without a size belong to one node
 * that leads to it: to the first in a search from the root, so they stay reachable as long as they were, and there
 * are no more references than edges. If they were counted for every node that leads there, a DOM of natives without
 * sizes, each with its object in JavaScript, would have the square of them.
 */
export class NodeGraph {
  private readonly sizes: Uint32Array;
  private readonly firsts: Uint32Array;
  private readonly edges: Uint32Array;
  /** By node without a size: the one that its edges count for; NONE until there is one. */
  private readonly owners: Uint32Array;
  /** By node without a size: the number of the walk that went through it last. */
  private readonly seen: Uint32Array;
  private readonly stack: number[] = [];
  private walks = 0;

  constructor(nodes: NodeRows, edges: EdgeRows) {
    nodes.close();
    edges.close();
    if (nodes.rows === 0) throw new TraceError("there is no node, not even the root");
    this.sizes = nodes.sizes;
    this.firsts = firstsOf(nodes, edges.rows);
    this.edges = edges.targets;
    for (let edge = 0; edge < edges.rows; edge++) {
      const node = this.edges[edge];
      if (node >= nodes.rows && node !== NONE)
        throw new TraceError(`edge ${edge} leads to node ${node}; there are ${nodes.rows}`);
    }
    this.owners = new Uint32Array(nodes.rows).fill(NONE);
    this.seen = new Uint32Array(nodes.rows);
    this.search(nodes.rows);
  }

  isObject(node: number): boolean {
    return node !== ROOT && this.sizes[node] > 0;
  }

  /** How many objects `source`, an object or ROOT, refers to; `each` is called with them. */
  targets(source: number, each?: (target: number, field: number) => void): number {
    const { firsts, edges, owners, seen, stack } = this;
    const walk = ++this.walks;
    let fields = 0;
    for (let node: number | undefined = source; node !== undefined; node = stack.pop()) {
      const end = firsts[node + 1];
      for (let edge = firsts[node]; edge < end; edge++) {
        const target = edges[edge];
        if (target === NONE || target === ROOT) continue;
        if (this.isObject(target)) {
          if (each) each(target, fields);
          fields++;
          continue;
        }
        if (owners[target] === NONE) owners[target] = source;
        if (owners[target] !== source || seen[target] === walk) continue;
        seen[target] = walk;
        stack.push(target);
      }
    }
    return fields;
  }

  /** Gives every node without a size its owner: breadth-first from the root, and then from what it does not reach. */
  private search(rows: number): void {
    const queue = new Uint32Array(rows);
    const reached = new Uint8Array(rows);
    let length = 0;
    let next = 0;
    const reach = (node: number): void => {
      if (reached[node] === 1) return;
      reached[node] = 1;
      queue[length++] = node;
    };
    for (let start = ROOT; start < rows; start++) {
      if (start !== ROOT && !this.isObject(start)) continue;
      reach(start);
      while (next < length) this.targets(queue[next++], reach);
    }
  }
}

function firstsOf({ rows, edgeCounts }: NodeRows, edges: number): Uint32Array {
  const firsts = new Uint32Array(rows + 1);
  let first = 0;
  for (let node = 0; node < rows; node++) {
    first += edgeCounts[node];
    if (first > edges) throw new TraceError(`the edges of node ${node} end at ${first}; there are ${edges}`);
    firsts[node + 1] = first;
  }
  if (first < edges) throw new TraceError(`${edges - first} of ${edges} edges belong to no node`);
  return firsts;
}
