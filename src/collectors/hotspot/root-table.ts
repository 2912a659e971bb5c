/**
 * Where the program's roots are, as a young collection sees them. The program keeps them in an array of its own, a
 * field for each object that it will ever have, by birth: an object of the old generation like any other, so that its
 * cards say which of its fields to look at. Fields for which what is settled in old has no room, all of them as a
 * rule, are on the stack instead, and are looked at first.
 */
import type { Graph } from "../../space/graph.ts";
import type { Address, Slot } from "../../space/space.ts";

/** Bytes of an array before its first field: mark word, compressed class pointer, length. */
export const ARRAY_HEADER = 16;
export const REFERENCE = 8;

export class RootTable {
  private readonly graph: Graph;
  /** Address of field 0. */
  private readonly first: Address;
  private readonly fields: number;

  /** An array at `start`, within what is settled below `end`. */
  constructor(graph: Graph, start: Address, end: Address) {
    this.graph = graph;
    this.first = start + ARRAY_HEADER;
    this.fields = Math.max(0, Math.floor((end - this.first) / REFERENCE));
  }

  /** The address of the field that holds `slot`; -1 on the stack. */
  address(slot: Slot): Address {
    const field = this.graph.birth(slot);
    return field < this.fields ? this.first + field * REFERENCE : -1;
  }

  /** The roots, of which those from `onStack` on are on the stack. Good until the next event. */
  onStack(roots: Int32Array): number {
    return this.indexOf(roots, this.fields);
  }

  /** Index of the first of `roots` whose field is at or above `address`. */
  at(roots: Int32Array, address: Address): number {
    return this.indexOf(roots, Math.min(this.fields, Math.ceil((address - this.first) / REFERENCE)));
  }

  /** Index of the first of `roots`, which are in the order of their births, that is born no sooner than as `birth`. */
  private indexOf(roots: Int32Array, birth: number): number {
    let low = 0;
    for (let high = roots.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.graph.birth(roots[middle]) < birth) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
