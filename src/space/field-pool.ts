/**
 * The reference fields of all objects, in one column: a run of cells for each object that has any.
 *
 *   run = how many fields, field 0, field 1 ...; `first` is the cell of field 0
 *
 * Runs that were given back are kept in lists by size class and handed out again, last first; otherwise a run is cut
 * from the end. Capacities are exact up to 16 fields and 4, 5, 6 or 7 times a power of two beyond: a fifth of a run is
 * waste at most. Nothing is merged, so what the column needs is the sum over classes of the most there ever were.
 */
import type { Registers } from "../kernel/kernel.ts";
import { CELLS, POOL_LISTS } from "../kernel/registers.ts";
import type { Column, Columns } from "./columns.ts";

const EXACT = 16;
/** Behind the class of 2^24 cells, the most that an object has. */
const CLASSES = 112;

/** First cell that was never handed out. */
const TOP = 0;

export class FieldPool {
  /** Cell 0 belongs to nobody. In a free run field 0 is the `first` of the next one in its list, 0 for none. */
  readonly cells: Column<Int32Array>;
  /** `first` of the first free run by class. */
  readonly #lists: Column<Int32Array>;
  readonly #state: Column<Int32Array>;

  constructor(columns: Columns) {
    this.cells = columns.int32(16);
    this.#lists = columns.int32(CLASSES);
    this.#state = columns.int32(1);
    this.#state.data[TOP] = 1;
  }

  bind(registers: Registers): void {
    registers.point(CELLS, this.cells.data);
    registers.point(POOL_LISTS, this.#lists.data);
  }

  /** The first of `fields` (at least 1) consecutive cells, all 0; how many is in the cell before. */
  take(fields: number): number {
    const lists = this.#lists.data;
    const size = classOf(fields);
    const free = lists[size];
    if (free !== 0) {
      const cells = this.cells.data;
      lists[size] = cells[free];
      cells.fill(0, free, free + fields);
      cells[free - 1] = fields;
      return free;
    }
    const state = this.#state.data;
    const first = state[TOP] + 1;
    state[TOP] = first + capacityOf(fields);
    this.cells.grow(state[TOP]);
    this.cells.data[first - 1] = fields;
    return first;
  }

  /** Gives back what `take` gave. */
  give(first: number): void {
    const lists = this.#lists.data;
    const size = classOf(this.cells.data[first - 1]);
    this.cells.data[first] = lists[size];
    lists[size] = first;
  }
}

/** 2^shift is the step between capacities around `fields`, which is more than EXACT. */
const shiftOf = (fields: number): number => 29 - Math.clz32(fields);
const stepsOf = (fields: number, shift: number): number => ((fields - 1) >>> shift) + 1;

function classOf(fields: number): number {
  if (fields <= EXACT) return fields;
  const shift = shiftOf(fields);
  return 8 + 4 * shift + stepsOf(fields, shift);
}

function capacityOf(fields: number): number {
  if (fields <= EXACT) return fields;
  const shift = shiftOf(fields);
  return stepsOf(fields, shift) << shift;
}
