/**
 * The events of a trace that have to do with references, for a policy that collects: they go into the space's graph,
 * and the collector is told. Allocators know no references: for them these events are nothing.
 *
 * What lives, once there is a graph (`Graph.on`), is what roots and pins reach. A free says that an object is dead
 * at once; an unreachable one that is not freed counts as live until a collection finds it. An object that is gone
 * has no row any more: events that name it are skipped, as those of refused ones are.
 */
import { Cause, type Collector } from "../allocators/contract.ts";
import type { Graph } from "../space/graph.ts";
import type { Slot, Space } from "../space/space.ts";
import { type Chunk, Op } from "../traces/trace.ts";
import type { Objects } from "./objects.ts";

export class GraphEvents {
  readonly #graph: Graph;
  readonly #objects: Objects;
  readonly #collector: Collector;

  constructor(space: Space, objects: Objects, collector: Collector) {
    this.#graph = space.graph;
    this.#objects = objects;
    this.#collector = collector;
    space.graph.lost = (slot) => objects.forget(slot);
  }

  /** The object of event `i` is to be placed in `slot`. */
  born(slot: Slot, { op, argument }: Chunk, i: number): void {
    this.#graph.add(slot, op[i] === Op.allocate ? argument[i] : 0);
  }

  /** Event `i`, which is neither a birth nor a realloc or free. Whether the objects that it names are there. */
  apply(chunk: Chunk, i: number): boolean {
    const op = chunk.op[i];
    if (op === Op.print) return true;
    if (op === Op.collectYoung || op === Op.collect) {
      this.#collector.collect(op === Op.collect ? Cause.asked : Cause.young);
      return true;
    }
    const slot = this.#objects.slot(chunk.row[i]);
    if (slot === 0) return false;
    const graph = this.#graph;
    switch (op) {
      case Op.store:
        return this.#store(slot, chunk.argument[i], chunk.bytes[i]);
      case Op.root:
        graph.root(slot);
        this.#collector.rooted?.(slot);
        break;
      case Op.unroot:
        graph.unroot(slot);
        break;
      case Op.pin:
        graph.pin(slot);
        break;
      case Op.unpin:
        graph.unpin(slot);
        break;
    }
    return true;
  }

  /** `to`: the target's row + 1, 0 for null. */
  #store(source: Slot, field: number, to: number): boolean {
    const target = to === 0 ? 0 : this.#objects.slot(to - 1);
    if (target === 0 && to !== 0) return false;
    this.#graph.store(source, field, target);
    this.#collector.stored?.(source, field, target);
    return true;
  }
}
