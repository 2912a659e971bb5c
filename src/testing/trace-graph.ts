/**
 * What lives according to a trace alone: a second implementation, of objects and sets, that knows nothing of spaces.
 * A freed object is dead, and references to it are null.
 */
import { type Chunk, isBirth, Op } from "../traces/trace.ts";

export interface TraceNode {
  readonly row: number;
  readonly id: number;
  readonly bytes: number;
  readonly fields: (TraceNode | undefined)[];
  freed: boolean;
  /** The last search that came by. */
  seen: number;
}

export class TraceGraph {
  readonly pins = new Set<TraceNode>();
  readonly #roots = new Set<TraceNode>();
  readonly #rows: (TraceNode | undefined)[] = [];
  #searches = 0;

  /** What event `i` says. An object that has no place, as its request was refused, is to be told by `refused`. */
  apply({ op, row, id, bytes, argument }: Chunk, i: number): void {
    const what = op[i];
    if (isBirth(what)) {
      const fields = new Array(what === Op.allocate ? argument[i] : 0).fill(undefined);
      this.#rows[row[i]] = { row: row[i], id: id[i], bytes: bytes[i], fields, freed: false, seen: 0 };
      return;
    }
    const node = this.#rows[row[i]];
    if (what >= Op.collectYoung || node === undefined) return;
    if (what === Op.free) this.#drop(node);
    else if (what === Op.root) this.#roots.add(node);
    else if (what === Op.unroot) this.#roots.delete(node);
    else if (what === Op.pin) this.pins.add(node);
    else if (what === Op.unpin) this.pins.delete(node);
    else if (what === Op.store) {
      const target = bytes[i] === 0 ? undefined : this.#rows[bytes[i] - 1];
      if (target || bytes[i] === 0) node.fields[argument[i]] = target;
    } else throw new Error(`operation ${what} is none of a trace with references`);
  }

  /** The object of `row` has not come to be. */
  refused(row: number): void {
    this.#rows[row] = undefined;
  }

  /** Objects that the last search did not find are no more where `isGone` says so. */
  forget(isGone: (node: TraceNode) => boolean): void {
    for (const [row, node] of this.#rows.entries())
      if (node && node.seen !== this.#searches && isGone(node)) this.#rows[row] = undefined;
  }

  /** All that roots and pins reach, each once. */
  reachable(): TraceNode[] {
    const search = ++this.#searches;
    const found: TraceNode[] = [];
    const reach = (node: TraceNode | undefined): void => {
      if (!node || node.freed || node.seen === search) return;
      node.seen = search;
      found.push(node);
    };
    for (const node of this.#roots) reach(node);
    for (const node of this.pins) reach(node);
    for (let next = 0; next < found.length; next++) for (const target of found[next].fields) reach(target);
    return found;
  }

  #drop(node: TraceNode): void {
    node.freed = true;
    this.#rows[node.row] = undefined;
    this.#roots.delete(node);
    this.pins.delete(node);
  }
}
