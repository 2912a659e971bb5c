/** The rows of `nodes` and `edges`, number by number, and what of them is kept: typed arrays that double. */
import { MOST_BYTES, TraceError } from "../trace.ts";
import type { Layout } from "./layout.ts";
import type { NumberSink } from "./members.ts";

/** An edge that keeps nothing alive. */
export const NONE = 0xffffffff;

/** Of ids and counts. */
const LARGEST = 0xfffffffe;

export class NodeRows implements NumberSink {
  /** Complete rows. */
  rows = 0;
  // By node.
  ids = new Uint32Array(1024);
  sizes = new Uint32Array(1024);
  edgeCounts = new Uint32Array(1024);
  private readonly layout: Layout;
  /** Where in the row the next number is. */
  private at = 0;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  add(value: number): void {
    const { rows, at } = this;
    const { id, selfSize, nodeEdges, nodeStride } = this.layout;
    if (at === 0 && rows === this.ids.length) this.grow();
    if (at === id) this.ids[rows] = this.checked(value, LARGEST, "id");
    else if (at === selfSize) this.sizes[rows] = this.checked(value, MOST_BYTES, "self_size");
    else if (at === nodeEdges) this.edgeCounts[rows] = this.checked(value, LARGEST, "edge_count");
    this.at = at + 1;
    if (this.at < nodeStride) return;
    this.at = 0;
    this.rows = rows + 1;
  }

  /** Throws if the last row is not complete. */
  close(): void {
    if (this.at > 0)
      throw new TraceError(`node ${this.rows} has ${this.at} of ${this.layout.nodeStride} numbers`);
  }

  private checked(value: number, most: number, name: string): number {
    if (value > most)
      throw new TraceError(`node ${this.rows}: ${name} ${value} is more than the limit of ${most}`);
    return value;
  }

  private grow(): void {
    this.ids = doubled(this.ids);
    this.sizes = doubled(this.sizes);
    this.edgeCounts = doubled(this.edgeCounts);
  }
}

export class EdgeRows implements NumberSink {
  /** Complete rows. */
  rows = 0;
  /** By edge: the node that it leads to, or NONE. */
  targets = new Uint32Array(4096);
  /** Edges that are left out. */
  left = 0;
  private readonly layout: Layout;
  private at = 0;
  private type = 0;
  private to = 0;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  add(value: number): void {
    const { layout, at } = this;
    if (at === layout.type) this.type = value;
    else if (at === layout.toNode) this.to = value;
    this.at = at + 1;
    if (this.at < layout.edgeStride) return;
    this.at = 0;
    if (this.rows === this.targets.length) this.targets = doubled(this.targets);
    this.targets[this.rows] = this.target();
    this.rows++;
  }

  /** Throws if the last row is not complete. */
  close(): void {
    if (this.at > 0)
      throw new TraceError(`edge ${this.rows} has ${this.at} of ${this.layout.edgeStride} numbers`);
  }

  private target(): number {
    const { layout, type, to } = this;
    if (type >= layout.keeps.length)
      throw new TraceError(`edge ${this.rows}: its type is ${type}, of ${layout.keeps.length}`);
    const node = to / layout.nodeStride;
    if (!Number.isInteger(node) || node >= NONE)
      throw new TraceError(
        `edge ${this.rows}: to_node ${to} is not where a node begins, a multiple of ${layout.nodeStride}`,
      );
    if (layout.keeps[type]) return node;
    this.left++;
    return NONE;
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(2 * array.length);
  longer.set(array);
  return longer;
}
