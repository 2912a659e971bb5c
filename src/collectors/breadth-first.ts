/**
 * What roots and pins reach, in the order in which Cheney's algorithm copies it: the roots from the oldest to the
 * youngest object, then what the objects refer to, those found first first, field by field.
 */
import type { Graph } from "../space/graph.ts";
import type { Slot } from "../space/space.ts";

/** `slots`: more than any slot (`Space.slotLimit`). */
export function breadthFirst(graph: Graph, slots: number): Slot[] {
  const { cells } = graph;
  const found = new Uint8Array(slots);
  const order: Slot[] = [];
  const reach = (slot: Slot): void => {
    if (slot === 0 || found[slot] === 1) return;
    found[slot] = 1;
    order.push(slot);
  };
  graph.roots().forEach(reach);
  graph.pins().forEach(reach);
  for (let scanned = 0; scanned < order.length; scanned++) {
    const first = graph.first(order[scanned]);
    for (let i = first, end = first + graph.fields(order[scanned]); i < end; i++) reach(cells[i]);
  }
  return order;
}
