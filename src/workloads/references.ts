/**
 * Objects that refer to each other, for workloads: writes their events, and tells their deaths as reference counting
 * finds them (Collins, A Method for Overlapping and Erasure of Lists, CACM 3:12, 1960). So a trace can be had with
 * every death in it, which allocators need and metrics profit by, or with none, for collectors to find.
 * Cycles are never found: a workload that has some takes them apart before it lets go.
 */
import type { FlagOption } from "../options/options.ts";
import type { TraceBuilder } from "../traces/builder.ts";

/** Common options of workloads with references. */
export const REFERENCE_OPTIONS = {
  deaths: {
    type: "flag",
    default: true,
    about: "tell each object's death when nothing refers to it any more; 0: only a collection finds it",
  },
  release: { type: "flag", default: true, about: "let go of everything at the end" },
} as const satisfies Record<string, FlagOption>;

interface Node {
  /** By field; 0 is null. */
  readonly fields: number[];
  /** Fields that refer to it, and 1 for being a root. */
  count: number;
}

export class References {
  readonly #builder: TraceBuilder;
  readonly #told: boolean;
  readonly #nodes = new Map<number, Node>();

  constructor(builder: TraceBuilder, { deaths }: { readonly deaths: boolean }) {
    this.#builder = builder;
    this.#told = deaths;
  }

  /** A new object. Before the next one it must be held: stored or made a root. */
  allocate(bytes: number, fields = 0): number {
    const id = this.#builder.allocate(bytes, fields);
    this.#nodes.set(id, { fields: new Array<number>(fields).fill(0), count: 0 });
    return id;
  }

  /** A new object that a field refers to. */
  allocateInto(source: number, field: number, bytes: number, fields = 0): number {
    const id = this.allocate(bytes, fields);
    this.store(source, field, id);
    return id;
  }

  get(source: number, field: number): number {
    return this.#node(source).fields[field];
  }

  /** `target` 0 is null. */
  store(source: number, field: number, target: number): void {
    const { fields } = this.#node(source);
    const old = fields[field];
    this.#builder.store(source, field, target === 0 ? null : target);
    fields[field] = target;
    if (target !== 0) this.#node(target).count++;
    if (old !== 0) this.#letGo(old);
  }

  /** Once an object. */
  root(id: number): void {
    this.#builder.root(id);
    this.#node(id).count++;
  }

  unroot(id: number): void {
    this.#builder.unroot(id);
    this.#letGo(id);
  }

  #letGo(id: number): void {
    const less = [id];
    for (let next = less.pop(); next !== undefined; next = less.pop()) {
      const node = this.#node(next);
      if (--node.count > 0) continue;
      this.#nodes.delete(next);
      if (this.#told) this.#builder.free(next);
      for (const target of node.fields) if (target !== 0) less.push(target);
    }
  }

  #node(id: number): Node {
    const node = this.#nodes.get(id);
    if (!node) throw new RangeError(`object ${id} is dead`);
    return node;
  }
}
