/**
 * Seeded traces with references. They name only what a program could: objects that it reaches from its roots, and the
 * one that it has just been given. Cycles, references to itself, roots and pins that come and go.
 */
import { TraceBuilder } from "../traces/builder.ts";
import type { Trace } from "../traces/trace.ts";
import { sequenceOf } from "./sequences.ts";

export interface RandomGraphOptions {
  readonly events: number;
  readonly seed: number;
  /** Roots that the sequence hovers around. Default 12. */
  readonly roots?: number;
  /** Whether deaths are in the trace too, now and then. Default: no. */
  readonly frees?: boolean;
  /** Whether objects are pinned. Default: yes. */
  readonly pins?: boolean;
  /** Collections that are asked for, one in so many events. Default 60. */
  readonly every?: number;
}

export function randomGraph(options: RandomGraphOptions): Trace {
  const { events, seed, roots: most = 12, frees = false, pins = true, every = 60 } = options;
  const below = sequenceOf(seed);
  const trace = new TraceBuilder(`random graph ${seed}`);
  const fields = new Map<number, number[]>();
  const roots: number[] = [];
  const pinned: number[] = [];

  const fieldsOf = (id: number): number[] => fields.get(id) ?? [];
  /** Some object that is reachable: a few steps from a root. 0 if there is no root. */
  const walk = (): number => {
    if (roots.length === 0) return 0;
    let at = roots[below(roots.length)];
    for (let steps = below(6); steps > 0; steps--) {
      const targets = fieldsOf(at).filter((target) => target !== 0);
      if (targets.length === 0) break;
      at = targets[below(targets.length)];
    }
    return at;
  };
  const store = (source: number, target: number): boolean => {
    const own = fieldsOf(source);
    if (own.length === 0) return false;
    const field = below(own.length);
    own[field] = target;
    trace.store(source, field, target === 0 ? null : target);
    return true;
  };
  const root = (id: number): void => {
    if (!roots.includes(id)) roots.push(id);
    trace.root(id);
  };
  /** Frees some of what is reached no more, and never names the rest of it again. */
  const bury = (): void => {
    const reached = new Set([...roots, ...pinned]);
    for (const id of reached) for (const target of fieldsOf(id)) if (target !== 0) reached.add(target);
    for (const id of [...fields.keys()]) {
      if (reached.has(id)) continue;
      fields.delete(id);
      if (below(2) === 0) trace.free(id);
    }
    for (const own of fields.values())
      for (const [i, target] of own.entries()) if (!fields.has(target)) own[i] = 0;
  };

  while (trace.events < events) {
    const act = below(100);
    if (act < 40 || roots.length === 0) {
      const count = below(12) === 0 ? 20 + below(40) : below(5);
      const id = trace.allocate(8 + 8 * count + below(below(8) === 0 ? 300 : 24), count);
      fields.set(id, new Array(count).fill(0));
      if (below(3) > 0 || !store(walk(), id)) root(id);
      if (below(6) === 0) store(id, id);
    } else if (act < 70) store(walk(), below(5) === 0 ? 0 : walk());
    else if (act < 75) root(walk());
    else if (act < 95) {
      if (roots.length <= below(2 * most)) continue;
      const i = below(roots.length);
      trace.unroot(roots[i]);
      roots.splice(i, 1);
    } else if (pins && act < 98) {
      if (pinned.length > below(6)) trace.unpin(pinned.splice(below(pinned.length), 1)[0]);
      else {
        const id = walk();
        if (!pinned.includes(id)) pinned.push(id);
        trace.pin(id);
      }
    } else if (frees) bury();
    if (below(every) === 0) {
      if (below(3) === 0) trace.collectYoung();
      else trace.collect();
    }
  }
  trace.collect();
  for (const id of roots) trace.unroot(id);
  for (const id of pinned) trace.unpin(id);
  trace.collect();
  return trace.finish();
}

/** A list of `count` objects that is reached from its head only, is collected, dropped, and collected again. */
export function deepList(count: number): Trace {
  const trace = new TraceBuilder(`list of ${count}`);
  const head = trace.allocate(16, 1);
  trace.root(head);
  for (let i = 1, last = head; i < count; i++) {
    const next = trace.allocate(16, 1);
    trace.store(last, 0, next);
    last = next;
  }
  trace.collect();
  trace.unroot(head);
  trace.collect();
  return trace.finish();
}
